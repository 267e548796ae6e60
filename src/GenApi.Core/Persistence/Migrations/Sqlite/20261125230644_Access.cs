using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Access : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Sixteen zeros, as for generations: an empty blob would be no id at all.
            migrationBuilder.AddColumn<byte[]>(
                name: "AccountId",
                table: "WebhookSubscriptions",
                type: "BLOB",
                nullable: false,
                defaultValue: new byte[16]);

            migrationBuilder.AddColumn<byte[]>(
                name: "AccountId",
                table: "WebhookDeliveries",
                type: "BLOB",
                nullable: false,
                defaultValue: new byte[16]);

            migrationBuilder.AddColumn<byte[]>(
                name: "OwnerId",
                table: "Uploads",
                type: "BLOB",
                nullable: false,
                defaultValue: new byte[16]);

            migrationBuilder.CreateTable(
                name: "GenerationGrants",
                columns: table => new
                {
                    AccountId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Number = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_GenerationGrants", x => new { x.AccountId, x.CreatedAt, x.Number });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Generations_OwnerId_CreatedAt_Number",
                table: "Generations",
                columns: new[] { "OwnerId", "CreatedAt", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_Generations_OwnerId_Status_CreatedAt_Number",
                table: "Generations",
                columns: new[] { "OwnerId", "Status", "CreatedAt", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_GenerationGrants_Number",
                table: "GenerationGrants",
                column: "Number");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "GenerationGrants");

            migrationBuilder.DropIndex(
                name: "IX_Generations_OwnerId_CreatedAt_Number",
                table: "Generations");

            migrationBuilder.DropIndex(
                name: "IX_Generations_OwnerId_Status_CreatedAt_Number",
                table: "Generations");

            migrationBuilder.DropColumn(
                name: "AccountId",
                table: "WebhookSubscriptions");

            migrationBuilder.DropColumn(
                name: "AccountId",
                table: "WebhookDeliveries");

            migrationBuilder.DropColumn(
                name: "OwnerId",
                table: "Uploads");
        }
    }
}
