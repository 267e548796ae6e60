using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Generations",
                columns: table => new
                {
                    Number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Revision = table.Column<long>(type: "INTEGER", nullable: false),
                    Status = table.Column<string>(type: "TEXT", maxLength: 12, nullable: false),
                    Model = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Version = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    Upstream = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Prompt = table.Column<string>(type: "TEXT", nullable: false),
                    Input = table.Column<string>(type: "TEXT", nullable: false),
                    Seed = table.Column<long>(type: "INTEGER", nullable: true),
                    Metadata = table.Column<string>(type: "TEXT", nullable: false),
                    CacheKey = table.Column<string>(type: "TEXT", maxLength: 43, nullable: false),
                    ReuseKey = table.Column<string>(type: "TEXT", maxLength: 43, nullable: false),
                    FlightKey = table.Column<string>(type: "TEXT", maxLength: 43, nullable: true),
                    IsAnswer = table.Column<bool>(type: "INTEGER", nullable: false),
                    Attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    SubmittingAt = table.Column<long>(type: "INTEGER", nullable: true),
                    PredictionId = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    DeadlineAt = table.Column<long>(type: "INTEGER", nullable: true),
                    Logs = table.Column<string>(type: "TEXT", nullable: true),
                    ProgressCurrent = table.Column<int>(type: "INTEGER", nullable: true),
                    ProgressTotal = table.Column<int>(type: "INTEGER", nullable: true),
                    Outputs = table.Column<string>(type: "TEXT", nullable: true),
                    ErrorCode = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    ErrorMessage = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    AcceptedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    StartedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    StoringAt = table.Column<long>(type: "INTEGER", nullable: true),
                    CompletedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    PredictSeconds = table.Column<double>(type: "REAL", nullable: true),
                    UpstreamSeconds = table.Column<double>(type: "REAL", nullable: true),
                    CancelRequestedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    DeleteRequestedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    Lease_Owner = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    Lease_Until = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Generations", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "IdempotencyKeys",
                columns: table => new
                {
                    Scope = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Key = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    BodyHash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    GenerationId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    ExpiresAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_IdempotencyKeys", x => new { x.Scope, x.Key });
                });

            migrationBuilder.CreateTable(
                name: "Images",
                columns: table => new
                {
                    Id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    GenerationId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Index = table.Column<int>(type: "INTEGER", nullable: false),
                    BlobKey = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    ContentType = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Width = table.Column<int>(type: "INTEGER", nullable: false),
                    Height = table.Column<int>(type: "INTEGER", nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    FileName = table.Column<string>(type: "TEXT", maxLength: 120, nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Images", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Models",
                columns: table => new
                {
                    Upstream = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Reference = table.Column<string>(type: "TEXT", maxLength: 266, nullable: false),
                    Owner = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Version = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    IsOfficial = table.Column<bool>(type: "INTEGER", nullable: false),
                    Schema = table.Column<string>(type: "TEXT", nullable: true),
                    FetchedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Models", x => new { x.Upstream, x.Reference });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Generations_CacheKey_Number",
                table: "Generations",
                columns: new[] { "CacheKey", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_Generations_CreatedAt_Number",
                table: "Generations",
                columns: new[] { "CreatedAt", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_Generations_FlightKey",
                table: "Generations",
                column: "FlightKey",
                unique: true,
                filter: "\"CompletedAt\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Generations_Id",
                table: "Generations",
                column: "Id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Generations_Model_CreatedAt_Number",
                table: "Generations",
                columns: new[] { "Model", "CreatedAt", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_Generations_PredictionId",
                table: "Generations",
                column: "PredictionId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Generations_ReuseKey_Number",
                table: "Generations",
                columns: new[] { "ReuseKey", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_Generations_Status_CreatedAt_Number",
                table: "Generations",
                columns: new[] { "Status", "CreatedAt", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_Generations_Unfinished",
                table: "Generations",
                column: "CompletedAt",
                filter: "\"CompletedAt\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_IdempotencyKeys_ExpiresAt",
                table: "IdempotencyKeys",
                column: "ExpiresAt");

            migrationBuilder.CreateIndex(
                name: "IX_Images_BlobKey",
                table: "Images",
                column: "BlobKey");

            migrationBuilder.CreateIndex(
                name: "IX_Images_GenerationId_Index",
                table: "Images",
                columns: new[] { "GenerationId", "Index" },
                unique: true);

            // Words of prompts. The text itself stays in Generations; triggers keep the index beside it.
            migrationBuilder.Sql(
                """
                CREATE VIRTUAL TABLE "GenerationPrompts" USING fts5("Prompt", content='Generations', content_rowid='Number', tokenize='unicode61 remove_diacritics 2');
                CREATE TRIGGER "GenerationPrompts_Added" AFTER INSERT ON "Generations" BEGIN
                    INSERT INTO "GenerationPrompts"(rowid, "Prompt") VALUES (new."Number", new."Prompt");
                END;
                CREATE TRIGGER "GenerationPrompts_Removed" AFTER DELETE ON "Generations" BEGIN
                    INSERT INTO "GenerationPrompts"("GenerationPrompts", rowid, "Prompt") VALUES ('delete', old."Number", old."Prompt");
                END;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TABLE \"GenerationPrompts\"");

            migrationBuilder.DropTable(
                name: "Generations");

            migrationBuilder.DropTable(
                name: "IdempotencyKeys");

            migrationBuilder.DropTable(
                name: "Images");

            migrationBuilder.DropTable(
                name: "Models");
        }
    }
}
