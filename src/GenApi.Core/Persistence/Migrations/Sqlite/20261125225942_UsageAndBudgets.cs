using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class UsageAndBudgets : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "IsFree",
                table: "Generations",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<long>(
                name: "DayBudgetMicros",
                table: "ApiKeys",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "MonthBudgetMicros",
                table: "ApiKeys",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "TotalBudgetMicros",
                table: "ApiKeys",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "BudgetPeriods",
                columns: table => new
                {
                    AccountId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Upstream = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Period = table.Column<string>(type: "TEXT", maxLength: 10, nullable: false),
                    SpentMicros = table.Column<long>(type: "INTEGER", nullable: false),
                    ReservedMicros = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BudgetPeriods", x => new { x.AccountId, x.Upstream, x.Period });
                });

            migrationBuilder.CreateTable(
                name: "UsageDays",
                columns: table => new
                {
                    Day = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    AccountId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Model = table.Column<string>(type: "TEXT", maxLength: 201, nullable: false),
                    Upstream = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Status = table.Column<string>(type: "TEXT", maxLength: 12, nullable: false),
                    Runs = table.Column<long>(type: "INTEGER", nullable: false),
                    Hits = table.Column<long>(type: "INTEGER", nullable: false),
                    Joined = table.Column<long>(type: "INTEGER", nullable: false),
                    Images = table.Column<long>(type: "INTEGER", nullable: false),
                    PredictMilliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    CostMicros = table.Column<long>(type: "INTEGER", nullable: false),
                    SavedMicros = table.Column<long>(type: "INTEGER", nullable: false),
                    Unpriced = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_UsageDays", x => new { x.Day, x.AccountId, x.Model, x.Upstream, x.Status });
                });

            migrationBuilder.CreateTable(
                name: "UsageEntries",
                columns: table => new
                {
                    Number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    At = table.Column<long>(type: "INTEGER", nullable: false),
                    AcceptedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    AccountId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Model = table.Column<string>(type: "TEXT", maxLength: 201, nullable: false),
                    Upstream = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Kind = table.Column<string>(type: "TEXT", maxLength: 8, nullable: false),
                    GenerationId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Status = table.Column<string>(type: "TEXT", maxLength: 12, nullable: false),
                    Count = table.Column<int>(type: "INTEGER", nullable: false),
                    Images = table.Column<int>(type: "INTEGER", nullable: false),
                    PredictMilliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    DurationMilliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    CostMicros = table.Column<long>(type: "INTEGER", nullable: true),
                    SavedMicros = table.Column<long>(type: "INTEGER", nullable: false),
                    IsFree = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_UsageEntries", x => x.Number);
                });

            migrationBuilder.CreateIndex(
                name: "IX_UsageEntries_At",
                table: "UsageEntries",
                column: "At");

            migrationBuilder.CreateIndex(
                name: "IX_UsageEntries_Free",
                table: "UsageEntries",
                column: "Upstream",
                filter: "\"IsFree\"");

            migrationBuilder.CreateIndex(
                name: "IX_UsageEntries_GenerationId",
                table: "UsageEntries",
                column: "GenerationId",
                unique: true,
                filter: "\"Kind\" = 'Run'");

            // The sums of each day are kept by the database itself, so that no way of writing a line can forget them. 621355968000000000: the ticks of 1970-01-01.
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
                END;
                """);

            // What ended before there was a ledger, so that the sums agree; and what was spent and is reserved, so that a budget counts it.
            migrationBuilder.Sql(
                """
                INSERT INTO "UsageEntries" ("At", "AcceptedAt", "AccountId", "Model", "Upstream", "Kind", "GenerationId", "Status", "Count", "Images", "PredictMilliseconds", "DurationMilliseconds", "CostMicros", "SavedMicros", "IsFree")
                SELECT "CompletedAt", "CreatedAt", "OwnerId", "Model", "Upstream", 'Run', "Id", lower("Status"), 1,
                    (SELECT count(*) FROM "Images" AS i WHERE i."GenerationId" = g."Id"), CAST(round(COALESCE("PredictSeconds", 0) * 1000) AS INTEGER),
                    ("CompletedAt" - "CreatedAt") / 10000, "CostMicros", 0, 0
                FROM "Generations" AS g WHERE "CompletedAt" IS NOT NULL ORDER BY "CompletedAt"
                """);
            migrationBuilder.Sql(
                """
                INSERT INTO "BudgetPeriods" ("AccountId", "Upstream", "Period", "SpentMicros", "ReservedMicros")
                SELECT iif(w."all", x'FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF', "OwnerId"), "Upstream", substr(date(("CreatedAt" - 621355968000000000) / 10000000, 'unixepoch'), 1, p."length"),
                    sum(iif("CompletedAt" IS NULL, 0, COALESCE("CostMicros", 0))), sum(iif("CompletedAt" IS NULL, COALESCE("EstimatedMicros", 0), 0))
                FROM "Generations", (SELECT 0 AS "all" UNION ALL SELECT 1) AS w, (SELECT 10 AS "length" UNION ALL SELECT 7 UNION ALL SELECT 0) AS p
                GROUP BY 1, 2, 3
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "BudgetPeriods");

            migrationBuilder.DropTable(
                name: "UsageDays");

            migrationBuilder.DropTable(
                name: "UsageEntries");

            // In SQL: EF Core would build the tables anew, and the triggers of the search index would go with the old one.
            migrationBuilder.Sql("ALTER TABLE \"Generations\" DROP COLUMN \"IsFree\"");
            migrationBuilder.Sql("ALTER TABLE \"ApiKeys\" DROP COLUMN \"DayBudgetMicros\"");
            migrationBuilder.Sql("ALTER TABLE \"ApiKeys\" DROP COLUMN \"MonthBudgetMicros\"");
            migrationBuilder.Sql("ALTER TABLE \"ApiKeys\" DROP COLUMN \"TotalBudgetMicros\"");
        }
    }
}
