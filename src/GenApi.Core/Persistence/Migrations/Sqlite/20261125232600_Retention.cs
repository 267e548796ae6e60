using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Retention : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "Fetches",
                table: "Generations",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<bool>(
                name: "IsPinned",
                table: "Generations",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<DateOnly>(
                name: "UsedOn",
                table: "Generations",
                type: "TEXT",
                nullable: false,
                defaultValue: new DateOnly(1, 1, 1));

            // Nobody counted before today, so nothing may count as unused since before today.
            migrationBuilder.Sql("UPDATE \"Generations\" SET \"UsedOn\" = date('now')");

            migrationBuilder.CreateIndex(
                name: "IX_Generations_Pinned",
                table: "Generations",
                columns: new[] { "CreatedAt", "Number" },
                filter: "\"IsPinned\"");

            migrationBuilder.CreateIndex(
                name: "IX_Generations_UsedOn_Fetches_Number",
                table: "Generations",
                columns: new[] { "UsedOn", "Fetches", "Number" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Generations_Pinned",
                table: "Generations");

            migrationBuilder.DropIndex(
                name: "IX_Generations_UsedOn_Fetches_Number",
                table: "Generations");

            // Written out: otherwise the whole table is made anew, and its triggers are lost.
            migrationBuilder.Sql("ALTER TABLE \"Generations\" DROP COLUMN \"Fetches\"");
            migrationBuilder.Sql("ALTER TABLE \"Generations\" DROP COLUMN \"IsPinned\"");
            migrationBuilder.Sql("ALTER TABLE \"Generations\" DROP COLUMN \"UsedOn\"");
        }
    }
}
