using System;
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
                name: "ApiKeys",
                columns: table => new
                {
                    Id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Prefix = table.Column<string>(type: "TEXT", maxLength: 15, nullable: false),
                    Rights = table.Column<int>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    ExpiresAt = table.Column<long>(type: "INTEGER", nullable: true),
                    RevokedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    LastUsedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    RequestsPerMinute = table.Column<int>(type: "INTEGER", nullable: true),
                    GenerationsPerMinute = table.Column<int>(type: "INTEGER", nullable: true),
                    DayBudgetMicros = table.Column<long>(type: "INTEGER", nullable: true),
                    MonthBudgetMicros = table.Column<long>(type: "INTEGER", nullable: true),
                    TotalBudgetMicros = table.Column<long>(type: "INTEGER", nullable: true),
                    Hash = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    WebhookSalts = table.Column<string>(type: "TEXT", nullable: false),
                    Revision = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ApiKeys", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "AuditEntries",
                columns: table => new
                {
                    Number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    At = table.Column<long>(type: "INTEGER", nullable: false),
                    Act = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    ActorKeyId = table.Column<byte[]>(type: "BLOB", nullable: true),
                    ActorName = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    From = table.Column<string>(type: "TEXT", maxLength: 80, nullable: false),
                    KeyId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    KeyName = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    ThingId = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    Detail = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditEntries", x => x.Number);
                });

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

            migrationBuilder.CreateTable(
                name: "Generations",
                columns: table => new
                {
                    Number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    OwnerId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    TraceParent = table.Column<string>(type: "TEXT", maxLength: 55, nullable: true),
                    Revision = table.Column<long>(type: "INTEGER", nullable: false),
                    Status = table.Column<string>(type: "TEXT", maxLength: 12, nullable: false),
                    Model = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Version = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    Upstream = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Prompt = table.Column<string>(type: "TEXT", nullable: false),
                    Input = table.Column<string>(type: "TEXT", nullable: false),
                    InputFiles = table.Column<string>(type: "TEXT", nullable: true),
                    Seed = table.Column<long>(type: "INTEGER", nullable: true),
                    Metadata = table.Column<string>(type: "TEXT", nullable: false),
                    CacheKey = table.Column<string>(type: "TEXT", maxLength: 43, nullable: false),
                    ReuseKey = table.Column<string>(type: "TEXT", maxLength: 43, nullable: false),
                    FlightKey = table.Column<string>(type: "TEXT", maxLength: 43, nullable: true),
                    IsAnswer = table.Column<bool>(type: "INTEGER", nullable: false),
                    Attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    SubmittingAt = table.Column<long>(type: "INTEGER", nullable: true),
                    PredictionId = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    CancelAfterSeconds = table.Column<int>(type: "INTEGER", nullable: true),
                    DeadlineAt = table.Column<long>(type: "INTEGER", nullable: true),
                    Logs = table.Column<string>(type: "TEXT", nullable: true),
                    ProgressCurrent = table.Column<int>(type: "INTEGER", nullable: true),
                    ProgressTotal = table.Column<int>(type: "INTEGER", nullable: true),
                    Outputs = table.Column<string>(type: "TEXT", nullable: true),
                    Output = table.Column<string>(type: "TEXT", nullable: true),
                    ErrorCode = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    ErrorMessage = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true),
                    ErrorMembers = table.Column<string>(type: "TEXT", nullable: true),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    AcceptedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    StartedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    StoringAt = table.Column<long>(type: "INTEGER", nullable: true),
                    CompletedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    PredictSeconds = table.Column<double>(type: "REAL", nullable: true),
                    UpstreamSeconds = table.Column<double>(type: "REAL", nullable: true),
                    UpstreamEnding = table.Column<string>(type: "TEXT", maxLength: 12, nullable: true),
                    OutputCount = table.Column<int>(type: "INTEGER", nullable: true),
                    CountedImages = table.Column<int>(type: "INTEGER", nullable: true),
                    IsColdStart = table.Column<bool>(type: "INTEGER", nullable: true),
                    Work = table.Column<int>(type: "INTEGER", nullable: false),
                    Price = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    ExpectedMicros = table.Column<long>(type: "INTEGER", nullable: true),
                    EstimatedMicros = table.Column<long>(type: "INTEGER", nullable: true),
                    CostMicros = table.Column<long>(type: "INTEGER", nullable: true),
                    IsFree = table.Column<bool>(type: "INTEGER", nullable: false),
                    CancelRequestedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    OwnerLeftAt = table.Column<long>(type: "INTEGER", nullable: true),
                    DeleteRequestedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    Listeners = table.Column<int>(type: "INTEGER", nullable: false),
                    IsPinned = table.Column<bool>(type: "INTEGER", nullable: false),
                    UsedOn = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    Fetches = table.Column<long>(type: "INTEGER", nullable: false),
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
                    Kind = table.Column<string>(type: "TEXT", maxLength: 8, nullable: false),
                    Index = table.Column<int>(type: "INTEGER", nullable: false),
                    BlobKey = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    ContentType = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Width = table.Column<int>(type: "INTEGER", nullable: true),
                    Height = table.Column<int>(type: "INTEGER", nullable: true),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    FileName = table.Column<string>(type: "TEXT", maxLength: 120, nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    LostAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Images", x => x.Id);
                });

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
                    FetchedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Description = table.Column<string>(type: "TEXT", nullable: true),
                    RunCount = table.Column<long>(type: "INTEGER", nullable: true),
                    CoverImageUrl = table.Column<string>(type: "TEXT", nullable: true),
                    Example = table.Column<string>(type: "TEXT", nullable: true),
                    DescribedAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Models", x => new { x.Upstream, x.Reference });
                });

            migrationBuilder.CreateTable(
                name: "SentFiles",
                columns: table => new
                {
                    Upstream = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Sha256 = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    FileId = table.Column<string>(type: "TEXT", maxLength: 128, nullable: false),
                    Url = table.Column<string>(type: "TEXT", maxLength: 2048, nullable: false),
                    ExpiresAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SentFiles", x => new { x.Upstream, x.Sha256 });
                });

            migrationBuilder.CreateTable(
                name: "Uploads",
                columns: table => new
                {
                    Id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    OwnerId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    BlobKey = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    ContentType = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Width = table.Column<int>(type: "INTEGER", nullable: false),
                    Height = table.Column<int>(type: "INTEGER", nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    LastUsedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    IsOurs = table.Column<bool>(type: "INTEGER", nullable: false),
                    InverseOf = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Uploads", x => x.Id);
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

            migrationBuilder.CreateTable(
                name: "WebhookDeliveries",
                columns: table => new
                {
                    Number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    SubjectId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    AccountId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Event = table.Column<string>(type: "TEXT", maxLength: 12, nullable: false),
                    Url = table.Column<string>(type: "TEXT", maxLength: 2048, nullable: false),
                    Host = table.Column<string>(type: "TEXT", maxLength: 280, nullable: false),
                    Body = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 12, nullable: false),
                    NextAttemptAt = table.Column<long>(type: "INTEGER", nullable: true),
                    DeliveredAt = table.Column<long>(type: "INTEGER", nullable: true),
                    Tries = table.Column<int>(type: "INTEGER", nullable: false),
                    Round = table.Column<int>(type: "INTEGER", nullable: false),
                    AttemptLog = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WebhookDeliveries", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "WebhookSubscriptions",
                columns: table => new
                {
                    Number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    SubjectId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    AccountId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Url = table.Column<string>(type: "TEXT", maxLength: 2048, nullable: false),
                    Events = table.Column<int>(type: "INTEGER", nullable: false),
                    BaseUrl = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WebhookSubscriptions", x => x.Number);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ApiKeys_Prefix",
                table: "ApiKeys",
                column: "Prefix",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ApiKeys_Revision",
                table: "ApiKeys",
                column: "Revision");

            migrationBuilder.CreateIndex(
                name: "IX_GenerationGrants_Number",
                table: "GenerationGrants",
                column: "Number");

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
                name: "IX_Generations_OwnerId_CreatedAt_Number",
                table: "Generations",
                columns: new[] { "OwnerId", "CreatedAt", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_Generations_OwnerId_Status_CreatedAt_Number",
                table: "Generations",
                columns: new[] { "OwnerId", "Status", "CreatedAt", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_Generations_Pinned",
                table: "Generations",
                columns: new[] { "CreatedAt", "Number" },
                filter: "\"IsPinned\"");

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
                name: "IX_Generations_UsedOn_Fetches_Number",
                table: "Generations",
                columns: new[] { "UsedOn", "Fetches", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_Generations_Waiting",
                table: "Generations",
                columns: new[] { "Upstream", "Model", "Number" },
                filter: "\"CompletedAt\" IS NULL AND \"Lease_Owner\" IS NULL");

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

            migrationBuilder.CreateIndex(
                name: "IX_ModelRuns_Upstream_Model_Version_Number",
                table: "ModelRuns",
                columns: new[] { "Upstream", "Model", "Version", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_SentFiles_Url",
                table: "SentFiles",
                column: "Url");

            migrationBuilder.CreateIndex(
                name: "IX_Uploads_BlobKey",
                table: "Uploads",
                column: "BlobKey");

            migrationBuilder.CreateIndex(
                name: "IX_Uploads_InverseOf",
                table: "Uploads",
                column: "InverseOf",
                filter: "\"InverseOf\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Uploads_LastUsedAt",
                table: "Uploads",
                column: "LastUsedAt");

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

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_Id",
                table: "WebhookDeliveries",
                column: "Id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_NextAttemptAt_Host",
                table: "WebhookDeliveries",
                columns: new[] { "NextAttemptAt", "Host" },
                filter: "\"NextAttemptAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_SubjectId_Number",
                table: "WebhookDeliveries",
                columns: new[] { "SubjectId", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_WebhookSubscriptions_SubjectId",
                table: "WebhookSubscriptions",
                column: "SubjectId");

            // Terms of the search are made by code (SearchTerms) and only split here. The number 0 stands for administrators.
            migrationBuilder.Sql(
                """
                CREATE TABLE "SearchAccounts" ("Number" INTEGER PRIMARY KEY CHECK ("Number" < 16777216), "AccountId" BLOB NOT NULL UNIQUE);
                INSERT INTO "SearchAccounts" VALUES (0, x'00');
                CREATE VIRTUAL TABLE "PromptTerms" USING fts5("Terms", content='', contentless_delete=1, tokenize="ascii tokenchars '_'");
                CREATE TABLE "UnindexedPrompts" ("Number" INTEGER PRIMARY KEY);
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "AuditEntries_Delete" BEFORE DELETE ON "AuditEntries" BEGIN SELECT RAISE(ABORT, 'Audit entries are never changed or deleted.'); END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "AuditEntries_Update" BEFORE UPDATE ON "AuditEntries" BEGIN SELECT RAISE(ABORT, 'Audit entries are never changed or deleted.'); END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "PromptTerms_Left" AFTER UPDATE OF "OwnerLeftAt" ON "Generations" WHEN new."OwnerLeftAt" IS NOT NULL BEGIN
                    DELETE FROM "PromptTerms" WHERE rowid = old."Number" << 24 | (SELECT "Number" FROM "SearchAccounts" WHERE "AccountId" = old."OwnerId");
                END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "PromptTerms_Removed" AFTER DELETE ON "Generations" BEGIN
                    DELETE FROM "PromptTerms" WHERE rowid BETWEEN old."Number" << 24 AND old."Number" << 24 | 16777215;
                    DELETE FROM "UnindexedPrompts" WHERE "Number" = old."Number";
                END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "PromptTerms_Taken" AFTER DELETE ON "GenerationGrants" BEGIN
                    DELETE FROM "PromptTerms" WHERE rowid = old."Number" << 24 | (SELECT "Number" FROM "SearchAccounts" WHERE "AccountId" = old."AccountId");
                END
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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TABLE \"PromptTerms\"; DROP TABLE \"UnindexedPrompts\"; DROP TABLE \"SearchAccounts\";");

            migrationBuilder.DropTable(
                name: "ApiKeys");

            migrationBuilder.DropTable(
                name: "AuditEntries");

            migrationBuilder.DropTable(
                name: "BudgetPeriods");

            migrationBuilder.DropTable(
                name: "GenerationGrants");

            migrationBuilder.DropTable(
                name: "Generations");

            migrationBuilder.DropTable(
                name: "IdempotencyKeys");

            migrationBuilder.DropTable(
                name: "Images");

            migrationBuilder.DropTable(
                name: "KeepWarmRuns");

            migrationBuilder.DropTable(
                name: "ModelRuns");

            migrationBuilder.DropTable(
                name: "Models");

            migrationBuilder.DropTable(
                name: "SentFiles");

            migrationBuilder.DropTable(
                name: "Uploads");

            migrationBuilder.DropTable(
                name: "UsageDays");

            migrationBuilder.DropTable(
                name: "UsageEntries");

            migrationBuilder.DropTable(
                name: "WebhookDeliveries");

            migrationBuilder.DropTable(
                name: "WebhookSubscriptions");
        }
    }
}
