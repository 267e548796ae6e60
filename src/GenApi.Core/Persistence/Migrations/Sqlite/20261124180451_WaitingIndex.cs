using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class WaitingIndex : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_Generations_Waiting",
                table: "Generations",
                columns: new[] { "Upstream", "Model", "Number" },
                filter: "\"CompletedAt\" IS NULL AND \"Lease_Owner\" IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Generations_Waiting",
                table: "Generations");
        }
    }
}
