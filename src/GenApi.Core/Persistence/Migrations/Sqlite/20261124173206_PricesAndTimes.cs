using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class PricesAndTimes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "CostMicros",
                table: "Generations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "EstimatedMicros",
                table: "Generations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "ExpectedMicros",
                table: "Generations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "IsColdStart",
                table: "Generations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "OutputCount",
                table: "Generations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Price",
                table: "Generations",
                type: "TEXT",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "UpstreamEnding",
                table: "Generations",
                type: "TEXT",
                maxLength: 12,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Work",
                table: "Generations",
                type: "INTEGER",
                nullable: false,
                defaultValue: 1);

            // What earlier rows tell without a price: how they started, judged as a model without a history is, and that what was never sent cost nothing.
            migrationBuilder.Sql(
                """UPDATE "Generations" SET "IsColdStart" = COALESCE("UpstreamSeconds" - "PredictSeconds", ("StartedAt" - "AcceptedAt") / 1e7) >= 2.5""");
            migrationBuilder.Sql(
                """UPDATE "Generations" SET "CostMicros" = 0 WHERE "CompletedAt" IS NOT NULL AND "PredictionId" IS NULL AND "SubmittingAt" IS NULL""");

            migrationBuilder.CreateTable(
                name: "ModelRuns",
                columns: table => new
                {
                    Number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Upstream = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Model = table.Column<string>(type: "TEXT", maxLength: 201, nullable: false),
                    Version = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    EndedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    StartingSeconds = table.Column<double>(type: "REAL", nullable: true),
                    PredictSeconds = table.Column<double>(type: "REAL", nullable: true),
                    TookSeconds = table.Column<double>(type: "REAL", nullable: true),
                    Work = table.Column<int>(type: "INTEGER", nullable: false),
                    IsCold = table.Column<bool>(type: "INTEGER", nullable: true),
                    IdleSeconds = table.Column<double>(type: "REAL", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ModelRuns", x => x.Number);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ModelRuns_Upstream_Model_Version_Number",
                table: "ModelRuns",
                columns: new[] { "Upstream", "Model", "Version", "Number" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ModelRuns");

            migrationBuilder.DropColumn(
                name: "CostMicros",
                table: "Generations");

            migrationBuilder.DropColumn(
                name: "EstimatedMicros",
                table: "Generations");

            migrationBuilder.DropColumn(
                name: "ExpectedMicros",
                table: "Generations");

            migrationBuilder.DropColumn(
                name: "IsColdStart",
                table: "Generations");

            migrationBuilder.DropColumn(
                name: "OutputCount",
                table: "Generations");

            migrationBuilder.DropColumn(
                name: "Price",
                table: "Generations");

            migrationBuilder.DropColumn(
                name: "UpstreamEnding",
                table: "Generations");

            migrationBuilder.DropColumn(
                name: "Work",
                table: "Generations");
        }
    }
}
