using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class WebhookSalts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // No salts: a key from before, whose messages the installation's secret goes on signing too.
            migrationBuilder.AddColumn<string>(
                name: "WebhookSalts",
                table: "ApiKeys",
                type: "TEXT",
                nullable: false,
                defaultValue: "[]");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // In SQL, because EF Core would build the whole table anew from a model that does not know all of its columns.
            migrationBuilder.Sql("ALTER TABLE \"ApiKeys\" DROP COLUMN \"WebhookSalts\"");
        }
    }
}
