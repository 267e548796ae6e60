using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Owners : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Sixteen zeros: an empty blob would be no id at all.
            migrationBuilder.AddColumn<byte[]>(
                name: "OwnerId",
                table: "Generations",
                type: "BLOB",
                nullable: false,
                defaultValue: new byte[16]);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // In SQL, because EF Core would build the whole table anew from a model that does not know all of its columns.
            migrationBuilder.Sql("ALTER TABLE \"Generations\" DROP COLUMN \"OwnerId\"");
        }
    }
}
