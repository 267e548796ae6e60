using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class KeepWarmRuns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "KeepWarmRuns",
                columns: table => new
                {
                    Number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    GenerationId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Upstream = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Alias = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Day = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    StartedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    ReservedMicros = table.Column<long>(type: "INTEGER", nullable: false),
                    CostMicros = table.Column<long>(type: "INTEGER", nullable: true),
                    ClearedAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_KeepWarmRuns", x => x.Number);
                });

            migrationBuilder.CreateIndex(
                name: "IX_KeepWarmRuns_Day_Upstream_Alias",
                table: "KeepWarmRuns",
                columns: new[] { "Day", "Upstream", "Alias" });

            migrationBuilder.CreateIndex(
                name: "IX_KeepWarmRuns_GenerationId",
                table: "KeepWarmRuns",
                column: "GenerationId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_KeepWarmRuns_Open",
                table: "KeepWarmRuns",
                column: "ClearedAt",
                filter: "\"ClearedAt\" IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "KeepWarmRuns");
        }
    }
}
