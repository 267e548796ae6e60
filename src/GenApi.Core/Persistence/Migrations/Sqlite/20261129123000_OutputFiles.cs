using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class OutputFiles : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "CountedImages",
                table: "Generations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Output",
                table: "Generations",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AlterColumn<int>(
                name: "Width",
                table: "Images",
                type: "INTEGER",
                nullable: true,
                oldClrType: typeof(int),
                oldType: "INTEGER");

            migrationBuilder.AlterColumn<int>(
                name: "Height",
                table: "Images",
                type: "INTEGER",
                nullable: true,
                oldClrType: typeof(int),
                oldType: "INTEGER");

            // All that was stored until now are pictures.
            migrationBuilder.AddColumn<string>(
                name: "Kind",
                table: "Images",
                type: "TEXT",
                maxLength: 8,
                nullable: false,
                defaultValue: "Image");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // By SQL: EF would copy the table of generations, and its triggers would be gone.
            migrationBuilder.Sql("ALTER TABLE \"Generations\" DROP COLUMN \"CountedImages\"; ALTER TABLE \"Generations\" DROP COLUMN \"Output\";");

            migrationBuilder.Sql("DELETE FROM \"Images\" WHERE \"Kind\" <> 'Image';");

            migrationBuilder.DropColumn(
                name: "Kind",
                table: "Images");

            migrationBuilder.AlterColumn<int>(
                name: "Width",
                table: "Images",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0,
                oldClrType: typeof(int),
                oldType: "INTEGER",
                oldNullable: true);

            migrationBuilder.AlterColumn<int>(
                name: "Height",
                table: "Images",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0,
                oldClrType: typeof(int),
                oldType: "INTEGER",
                oldNullable: true);
        }
    }
}
