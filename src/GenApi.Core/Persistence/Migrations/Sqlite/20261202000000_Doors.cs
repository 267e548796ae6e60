using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Doors : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "EndUser",
                table: "UsageEntries",
                type: "TEXT",
                maxLength: 128,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "Metadata",
                table: "Uploads",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Name",
                table: "Uploads",
                type: "TEXT",
                maxLength: 255,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Door",
                table: "Generations",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "EndUser",
                table: "Generations",
                type: "TEXT",
                maxLength: 128,
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "Fingerprint",
                table: "Generations",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "UnansweredAt",
                table: "Generations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "EndUserDayBudgetMicros",
                table: "ApiKeys",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "EndUserMonthBudgetMicros",
                table: "ApiKeys",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "EndUserTotalBudgetMicros",
                table: "ApiKeys",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "EndUsers",
                columns: table => new
                {
                    AccountId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Id = table.Column<string>(type: "TEXT", maxLength: 128, nullable: false),
                    Email = table.Column<string>(type: "TEXT", maxLength: 320, nullable: true),
                    Name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    SeenAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EndUsers", x => new { x.AccountId, x.Id });
                });

            migrationBuilder.CreateTable(
                name: "GenerationBatches",
                columns: table => new
                {
                    Id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    AccountId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Door = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Generations = table.Column<string>(type: "TEXT", nullable: false),
                    Answer = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_GenerationBatches", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Generations_Fingerprint_Number",
                table: "Generations",
                columns: new[] { "Fingerprint", "Number" },
                filter: "\"Fingerprint\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_GenerationBatches_CreatedAt",
                table: "GenerationBatches",
                column: "CreatedAt");

            // EF would rebuild these two tables outside of the transaction, and a crash between its steps would leave half of a change.
            migrationBuilder.Sql("DROP TRIGGER \"UsageDays_Added\";");
            migrationBuilder.Sql(
                """
                CREATE TABLE "UsageDays_New" (
                    "Day" TEXT NOT NULL,
                    "AccountId" BLOB NOT NULL,
                    "Model" TEXT NOT NULL,
                    "Upstream" TEXT NOT NULL,
                    "Status" TEXT NOT NULL,
                    "EndUser" TEXT NOT NULL,
                    "Runs" INTEGER NOT NULL,
                    "Hits" INTEGER NOT NULL,
                    "Joined" INTEGER NOT NULL,
                    "Images" INTEGER NOT NULL,
                    "PredictMilliseconds" INTEGER NOT NULL,
                    "CostMicros" INTEGER NOT NULL,
                    "SavedMicros" INTEGER NOT NULL,
                    "Unpriced" INTEGER NOT NULL,
                    CONSTRAINT "PK_UsageDays" PRIMARY KEY ("Day", "AccountId", "Model", "Upstream", "Status", "EndUser")
                );
                INSERT INTO "UsageDays_New" ("Day", "AccountId", "Model", "Upstream", "Status", "EndUser", "Runs", "Hits", "Joined", "Images", "PredictMilliseconds", "CostMicros", "SavedMicros", "Unpriced")
                    SELECT "Day", "AccountId", "Model", "Upstream", "Status", '', "Runs", "Hits", "Joined", "Images", "PredictMilliseconds", "CostMicros", "SavedMicros", "Unpriced" FROM "UsageDays";
                DROP TABLE "UsageDays";
                ALTER TABLE "UsageDays_New" RENAME TO "UsageDays";
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "UsageDays_Added" AFTER INSERT ON "UsageEntries" BEGIN
                    INSERT INTO "UsageDays" ("Day", "AccountId", "Model", "Upstream", "Status", "EndUser", "Runs", "Hits", "Joined", "Images", "PredictMilliseconds", "CostMicros", "SavedMicros", "Unpriced")
                    VALUES (
                        date((new."At" - 621355968000000000) / 10000000, 'unixepoch'), new."AccountId", new."Model", new."Upstream", new."Status", new."EndUser",
                        new."Kind" = 'Run', iif(new."Kind" = 'Hit', new."Count", 0), iif(new."Kind" = 'Joined', new."Count", 0), new."Images", new."PredictMilliseconds",
                        COALESCE(new."CostMicros", 0), new."SavedMicros", new."Kind" = 'Run' AND new."CostMicros" IS NULL)
                    ON CONFLICT ("Day", "AccountId", "Model", "Upstream", "Status", "EndUser") DO UPDATE SET
                        "Runs" = "Runs" + excluded."Runs", "Hits" = "Hits" + excluded."Hits", "Joined" = "Joined" + excluded."Joined", "Images" = "Images" + excluded."Images",
                        "PredictMilliseconds" = "PredictMilliseconds" + excluded."PredictMilliseconds", "CostMicros" = "CostMicros" + excluded."CostMicros",
                        "SavedMicros" = "SavedMicros" + excluded."SavedMicros", "Unpriced" = "Unpriced" + excluded."Unpriced";
                END
                """);
            migrationBuilder.Sql(
                """
                CREATE TABLE "BudgetPeriods_New" (
                    "AccountId" BLOB NOT NULL,
                    "Upstream" TEXT NOT NULL,
                    "Period" TEXT NOT NULL,
                    "EndUser" TEXT NOT NULL,
                    "SpentMicros" INTEGER NOT NULL,
                    "ReservedMicros" INTEGER NOT NULL,
                    CONSTRAINT "PK_BudgetPeriods" PRIMARY KEY ("AccountId", "Upstream", "Period", "EndUser")
                );
                INSERT INTO "BudgetPeriods_New" ("AccountId", "Upstream", "Period", "EndUser", "SpentMicros", "ReservedMicros")
                    SELECT "AccountId", "Upstream", "Period", '', "SpentMicros", "ReservedMicros" FROM "BudgetPeriods";
                DROP TABLE "BudgetPeriods";
                ALTER TABLE "BudgetPeriods_New" RENAME TO "BudgetPeriods";
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // Only a store without end users can go back: their sums would be lost.
            migrationBuilder.Sql("DROP TRIGGER \"UsageDays_Added\";");
            migrationBuilder.Sql(
                """
                CREATE TABLE "UsageDays_Old" (
                    "Day" TEXT NOT NULL,
                    "AccountId" BLOB NOT NULL,
                    "Model" TEXT NOT NULL,
                    "Upstream" TEXT NOT NULL,
                    "Status" TEXT NOT NULL,
                    "Runs" INTEGER NOT NULL,
                    "Hits" INTEGER NOT NULL,
                    "Joined" INTEGER NOT NULL,
                    "Images" INTEGER NOT NULL,
                    "PredictMilliseconds" INTEGER NOT NULL,
                    "CostMicros" INTEGER NOT NULL,
                    "SavedMicros" INTEGER NOT NULL,
                    "Unpriced" INTEGER NOT NULL,
                    CONSTRAINT "PK_UsageDays" PRIMARY KEY ("Day", "AccountId", "Model", "Upstream", "Status")
                );
                INSERT INTO "UsageDays_Old" SELECT "Day", "AccountId", "Model", "Upstream", "Status", "Runs", "Hits", "Joined", "Images", "PredictMilliseconds", "CostMicros", "SavedMicros", "Unpriced" FROM "UsageDays";
                DROP TABLE "UsageDays";
                ALTER TABLE "UsageDays_Old" RENAME TO "UsageDays";
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "UsageDays_Added" AFTER INSERT ON "UsageEntries" BEGIN
                    INSERT INTO "UsageDays" ("Day", "AccountId", "Model", "Upstream", "Status", "Runs", "Hits", "Joined", "Images", "PredictMilliseconds", "CostMicros", "SavedMicros", "Unpriced")
                    VALUES (
                        date((new."At" - 621355968000000000) / 10000000, 'unixepoch'), new."AccountId", new."Model", new."Upstream", new."Status",
                        new."Kind" = 'Run', iif(new."Kind" = 'Hit', new."Count", 0), iif(new."Kind" = 'Joined', new."Count", 0), new."Images", new."PredictMilliseconds",
                        COALESCE(new."CostMicros", 0), new."SavedMicros", new."Kind" = 'Run' AND new."CostMicros" IS NULL)
                    ON CONFLICT ("Day", "AccountId", "Model", "Upstream", "Status") DO UPDATE SET
                        "Runs" = "Runs" + excluded."Runs", "Hits" = "Hits" + excluded."Hits", "Joined" = "Joined" + excluded."Joined", "Images" = "Images" + excluded."Images",
                        "PredictMilliseconds" = "PredictMilliseconds" + excluded."PredictMilliseconds", "CostMicros" = "CostMicros" + excluded."CostMicros",
                        "SavedMicros" = "SavedMicros" + excluded."SavedMicros", "Unpriced" = "Unpriced" + excluded."Unpriced";
                END
                """);
            migrationBuilder.Sql(
                """
                CREATE TABLE "BudgetPeriods_Old" (
                    "AccountId" BLOB NOT NULL,
                    "Upstream" TEXT NOT NULL,
                    "Period" TEXT NOT NULL,
                    "SpentMicros" INTEGER NOT NULL,
                    "ReservedMicros" INTEGER NOT NULL,
                    CONSTRAINT "PK_BudgetPeriods" PRIMARY KEY ("AccountId", "Upstream", "Period")
                );
                INSERT INTO "BudgetPeriods_Old" SELECT "AccountId", "Upstream", "Period", "SpentMicros", "ReservedMicros" FROM "BudgetPeriods";
                DROP TABLE "BudgetPeriods";
                ALTER TABLE "BudgetPeriods_Old" RENAME TO "BudgetPeriods";
                """);

            migrationBuilder.DropTable(
                name: "EndUsers");

            migrationBuilder.DropTable(
                name: "GenerationBatches");

            migrationBuilder.DropIndex(
                name: "IX_Generations_Fingerprint_Number",
                table: "Generations");

            migrationBuilder.DropColumn(
                name: "EndUser",
                table: "UsageEntries");

            migrationBuilder.DropColumn(
                name: "Metadata",
                table: "Uploads");

            migrationBuilder.DropColumn(
                name: "Name",
                table: "Uploads");

            migrationBuilder.DropColumn(
                name: "Door",
                table: "Generations");

            migrationBuilder.DropColumn(
                name: "EndUser",
                table: "Generations");

            migrationBuilder.DropColumn(
                name: "Fingerprint",
                table: "Generations");

            migrationBuilder.DropColumn(
                name: "UnansweredAt",
                table: "Generations");

            migrationBuilder.DropColumn(
                name: "EndUserDayBudgetMicros",
                table: "ApiKeys");

            migrationBuilder.DropColumn(
                name: "EndUserMonthBudgetMicros",
                table: "ApiKeys");

            migrationBuilder.DropColumn(
                name: "EndUserTotalBudgetMicros",
                table: "ApiKeys");
        }
    }
}
