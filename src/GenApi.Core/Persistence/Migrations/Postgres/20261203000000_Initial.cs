using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace GenApi.Core.Persistence.Migrations.Postgres
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
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Name = table.Column<string>(type: "text", maxLength: 100, nullable: false, collation: "C"),
                    Prefix = table.Column<string>(type: "text", maxLength: 15, nullable: false, collation: "C"),
                    Rights = table.Column<int>(type: "integer", nullable: false),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    ExpiresAt = table.Column<long>(type: "bigint", nullable: true),
                    RevokedAt = table.Column<long>(type: "bigint", nullable: true),
                    LastUsedAt = table.Column<long>(type: "bigint", nullable: true),
                    RequestsPerMinute = table.Column<int>(type: "integer", nullable: true),
                    GenerationsPerMinute = table.Column<int>(type: "integer", nullable: true),
                    DayBudgetMicros = table.Column<long>(type: "bigint", nullable: true),
                    MonthBudgetMicros = table.Column<long>(type: "bigint", nullable: true),
                    TotalBudgetMicros = table.Column<long>(type: "bigint", nullable: true),
                    EndUserDayBudgetMicros = table.Column<long>(type: "bigint", nullable: true),
                    EndUserMonthBudgetMicros = table.Column<long>(type: "bigint", nullable: true),
                    EndUserTotalBudgetMicros = table.Column<long>(type: "bigint", nullable: true),
                    Hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    WebhookSalts = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ApiKeys", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "AuditEntries",
                columns: table => new
                {
                    Number = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    At = table.Column<long>(type: "bigint", nullable: false),
                    Act = table.Column<string>(type: "text", maxLength: 40, nullable: false, collation: "C"),
                    ActorKeyId = table.Column<Guid>(type: "uuid", nullable: true),
                    ActorName = table.Column<string>(type: "text", maxLength: 100, nullable: false, collation: "C"),
                    From = table.Column<string>(type: "text", maxLength: 80, nullable: false, collation: "C"),
                    KeyId = table.Column<Guid>(type: "uuid", nullable: false),
                    KeyName = table.Column<string>(type: "text", maxLength: 100, nullable: false, collation: "C"),
                    ThingId = table.Column<string>(type: "text", maxLength: 40, nullable: true, collation: "C"),
                    Detail = table.Column<string>(type: "text", maxLength: 1000, nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditEntries", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "BlobRemovals",
                columns: table => new
                {
                    Key = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    DueAt = table.Column<long>(type: "bigint", nullable: false),
                    BeganAt = table.Column<long>(type: "bigint", nullable: true),
                    EndedAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BlobRemovals", x => x.Key);
                });

            migrationBuilder.CreateTable(
                name: "BudgetPeriods",
                columns: table => new
                {
                    AccountId = table.Column<Guid>(type: "uuid", nullable: false),
                    EndUser = table.Column<string>(type: "text", maxLength: 128, nullable: false, collation: "C"),
                    Upstream = table.Column<string>(type: "text", maxLength: 16, nullable: false, collation: "C"),
                    Period = table.Column<string>(type: "text", maxLength: 10, nullable: false, collation: "C"),
                    SpentMicros = table.Column<long>(type: "bigint", nullable: false),
                    ReservedMicros = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BudgetPeriods", x => new { x.AccountId, x.Upstream, x.Period, x.EndUser });
                });

            migrationBuilder.CreateTable(
                name: "Changes",
                columns: table => new
                {
                    Seq = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    Subject = table.Column<Guid>(type: "uuid", nullable: false),
                    Number = table.Column<long>(type: "bigint", nullable: true),
                    Account = table.Column<Guid>(type: "uuid", nullable: true),
                    Source = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    At = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Changes", x => x.Seq);
                });

            migrationBuilder.CreateTable(
                name: "EndUsers",
                columns: table => new
                {
                    AccountId = table.Column<Guid>(type: "uuid", nullable: false),
                    Id = table.Column<string>(type: "text", maxLength: 128, nullable: false, collation: "C"),
                    Email = table.Column<string>(type: "text", maxLength: 320, nullable: true, collation: "C"),
                    Name = table.Column<string>(type: "text", maxLength: 200, nullable: true, collation: "C"),
                    SeenAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EndUsers", x => new { x.AccountId, x.Id });
                });

            migrationBuilder.CreateTable(
                name: "GenerationBatches",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    AccountId = table.Column<Guid>(type: "uuid", nullable: false),
                    Door = table.Column<string>(type: "text", maxLength: 16, nullable: false, collation: "C"),
                    Generations = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Answer = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_GenerationBatches", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "GenerationGrants",
                columns: table => new
                {
                    AccountId = table.Column<Guid>(type: "uuid", nullable: false),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    Number = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_GenerationGrants", x => new { x.AccountId, x.CreatedAt, x.Number });
                });

            migrationBuilder.CreateTable(
                name: "Generations",
                columns: table => new
                {
                    Number = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    OwnerId = table.Column<Guid>(type: "uuid", nullable: false),
                    TraceParent = table.Column<string>(type: "text", maxLength: 55, nullable: true, collation: "C"),
                    Revision = table.Column<long>(type: "bigint", nullable: false),
                    Status = table.Column<string>(type: "text", maxLength: 12, nullable: false, collation: "C"),
                    Model = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    Version = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    Upstream = table.Column<string>(type: "text", maxLength: 16, nullable: false, collation: "C"),
                    Prompt = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Input = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    InputFiles = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Seed = table.Column<long>(type: "bigint", nullable: true),
                    Metadata = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CacheKey = table.Column<string>(type: "text", maxLength: 43, nullable: false, collation: "C"),
                    ReuseKey = table.Column<string>(type: "text", maxLength: 43, nullable: false, collation: "C"),
                    FlightKey = table.Column<string>(type: "text", maxLength: 43, nullable: true, collation: "C"),
                    Door = table.Column<string>(type: "text", maxLength: 16, nullable: true, collation: "C"),
                    EndUser = table.Column<string>(type: "text", maxLength: 128, nullable: true, collation: "C"),
                    Fingerprint = table.Column<Guid>(type: "uuid", nullable: true),
                    UnansweredAt = table.Column<long>(type: "bigint", nullable: true),
                    IsAnswer = table.Column<bool>(type: "boolean", nullable: false),
                    Attempts = table.Column<int>(type: "integer", nullable: false),
                    SubmittingAt = table.Column<long>(type: "bigint", nullable: true),
                    PredictionId = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    CancelAfterSeconds = table.Column<int>(type: "integer", nullable: true),
                    DeadlineAt = table.Column<long>(type: "bigint", nullable: true),
                    Logs = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ProgressCurrent = table.Column<int>(type: "integer", nullable: true),
                    ProgressTotal = table.Column<int>(type: "integer", nullable: true),
                    Outputs = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Output = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ErrorCode = table.Column<string>(type: "text", maxLength: 40, nullable: true, collation: "C"),
                    ErrorMessage = table.Column<string>(type: "text", maxLength: 2000, nullable: true, collation: "C"),
                    ErrorMembers = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    AcceptedAt = table.Column<long>(type: "bigint", nullable: true),
                    StartedAt = table.Column<long>(type: "bigint", nullable: true),
                    StoringAt = table.Column<long>(type: "bigint", nullable: true),
                    CompletedAt = table.Column<long>(type: "bigint", nullable: true),
                    PredictSeconds = table.Column<double>(type: "double precision", nullable: true),
                    UpstreamSeconds = table.Column<double>(type: "double precision", nullable: true),
                    UpstreamEnding = table.Column<string>(type: "text", maxLength: 12, nullable: true, collation: "C"),
                    OutputCount = table.Column<int>(type: "integer", nullable: true),
                    CountedImages = table.Column<int>(type: "integer", nullable: true),
                    IsColdStart = table.Column<bool>(type: "boolean", nullable: true),
                    Work = table.Column<int>(type: "integer", nullable: false),
                    Price = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C"),
                    ExpectedMicros = table.Column<long>(type: "bigint", nullable: true),
                    EstimatedMicros = table.Column<long>(type: "bigint", nullable: true),
                    CostMicros = table.Column<long>(type: "bigint", nullable: true),
                    IsFree = table.Column<bool>(type: "boolean", nullable: false),
                    CancelRequestedAt = table.Column<long>(type: "bigint", nullable: true),
                    OwnerLeftAt = table.Column<long>(type: "bigint", nullable: true),
                    DeleteRequestedAt = table.Column<long>(type: "bigint", nullable: true),
                    Listeners = table.Column<int>(type: "integer", nullable: false),
                    IsPinned = table.Column<bool>(type: "boolean", nullable: false),
                    UsedOn = table.Column<DateOnly>(type: "date", nullable: false),
                    Fetches = table.Column<long>(type: "bigint", nullable: false),
                    Lease_Epoch = table.Column<long>(type: "bigint", nullable: false),
                    Lease_Owner = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    Lease_Until = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Generations", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "IdempotencyKeys",
                columns: table => new
                {
                    Scope = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Key = table.Column<string>(type: "text", maxLength: 255, nullable: false, collation: "C"),
                    BodyHash = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    GenerationId = table.Column<Guid>(type: "uuid", nullable: false),
                    ExpiresAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_IdempotencyKeys", x => new { x.Scope, x.Key });
                });

            migrationBuilder.CreateTable(
                name: "ImageTags",
                columns: table => new
                {
                    AccountId = table.Column<Guid>(type: "uuid", nullable: false),
                    Tag = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    ImageId = table.Column<Guid>(type: "uuid", nullable: false),
                    GenerationCreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    GenerationNumber = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ImageTags", x => new { x.AccountId, x.Tag, x.ImageId });
                });

            migrationBuilder.CreateTable(
                name: "ImageVariants",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    ImageId = table.Column<Guid>(type: "uuid", nullable: false),
                    Recipe = table.Column<string>(type: "text", maxLength: 100, nullable: false, collation: "C"),
                    BlobKey = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    ContentType = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Width = table.Column<int>(type: "integer", nullable: false),
                    Height = table.Column<int>(type: "integer", nullable: false),
                    Bytes = table.Column<long>(type: "bigint", nullable: false),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    UsedOn = table.Column<DateOnly>(type: "date", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ImageVariants", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Images",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    GenerationId = table.Column<Guid>(type: "uuid", nullable: false),
                    Kind = table.Column<string>(type: "text", maxLength: 8, nullable: false, collation: "C"),
                    Index = table.Column<int>(type: "integer", nullable: false),
                    BlobKey = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    ContentType = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Width = table.Column<int>(type: "integer", nullable: true),
                    Height = table.Column<int>(type: "integer", nullable: true),
                    Bytes = table.Column<long>(type: "bigint", nullable: false),
                    FileName = table.Column<string>(type: "text", maxLength: 120, nullable: false, collation: "C"),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    DurationMs = table.Column<long>(type: "bigint", nullable: true),
                    ThumbHash = table.Column<byte[]>(type: "bytea", maxLength: 25, nullable: true),
                    BinnedAt = table.Column<long>(type: "bigint", nullable: true),
                    LostAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Images", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Instances",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Host = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    Version = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    StartedAt = table.Column<long>(type: "bigint", nullable: false),
                    AliveUntil = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Instances", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "KeepWarmRuns",
                columns: table => new
                {
                    Number = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    GenerationId = table.Column<Guid>(type: "uuid", nullable: false),
                    Upstream = table.Column<string>(type: "text", maxLength: 16, nullable: false, collation: "C"),
                    Alias = table.Column<string>(type: "text", maxLength: 100, nullable: false, collation: "C"),
                    Day = table.Column<DateOnly>(type: "date", nullable: false),
                    StartedAt = table.Column<long>(type: "bigint", nullable: false),
                    ReservedMicros = table.Column<long>(type: "bigint", nullable: false),
                    CostMicros = table.Column<long>(type: "bigint", nullable: true),
                    ClearedAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_KeepWarmRuns", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "LeaderTerms",
                columns: table => new
                {
                    Name = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Holder = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Term = table.Column<long>(type: "bigint", nullable: false),
                    Until = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LeaderTerms", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "ModelRuns",
                columns: table => new
                {
                    Number = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Upstream = table.Column<string>(type: "text", maxLength: 16, nullable: false, collation: "C"),
                    Model = table.Column<string>(type: "text", maxLength: 201, nullable: false, collation: "C"),
                    Version = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    EndedAt = table.Column<long>(type: "bigint", nullable: false),
                    StartingSeconds = table.Column<double>(type: "double precision", nullable: true),
                    PredictSeconds = table.Column<double>(type: "double precision", nullable: true),
                    TookSeconds = table.Column<double>(type: "double precision", nullable: true),
                    Work = table.Column<int>(type: "integer", nullable: false),
                    IsCold = table.Column<bool>(type: "boolean", nullable: true),
                    IdleSeconds = table.Column<double>(type: "double precision", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ModelRuns", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "Models",
                columns: table => new
                {
                    Upstream = table.Column<string>(type: "text", maxLength: 16, nullable: false, collation: "C"),
                    Reference = table.Column<string>(type: "text", maxLength: 266, nullable: false, collation: "C"),
                    Owner = table.Column<string>(type: "text", maxLength: 100, nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "text", maxLength: 100, nullable: false, collation: "C"),
                    Version = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    IsOfficial = table.Column<bool>(type: "boolean", nullable: false),
                    Schema = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    FetchedAt = table.Column<long>(type: "bigint", nullable: false),
                    Description = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    RunCount = table.Column<long>(type: "bigint", nullable: true),
                    CoverImageUrl = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Example = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    DescribedAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Models", x => new { x.Upstream, x.Reference });
                });

            migrationBuilder.CreateTable(
                name: "PredictionNotices",
                columns: table => new
                {
                    Number = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    GenerationId = table.Column<Guid>(type: "uuid", nullable: false),
                    Body = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ReceivedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PredictionNotices", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "Secrets",
                columns: table => new
                {
                    Name = table.Column<string>(type: "text", maxLength: 128, nullable: false, collation: "C"),
                    Value = table.Column<byte[]>(type: "bytea", nullable: false),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Secrets", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "SentFiles",
                columns: table => new
                {
                    Upstream = table.Column<string>(type: "text", maxLength: 16, nullable: false, collation: "C"),
                    Sha256 = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    FileId = table.Column<string>(type: "text", maxLength: 128, nullable: false, collation: "C"),
                    Url = table.Column<string>(type: "text", maxLength: 2048, nullable: false, collation: "C"),
                    ExpiresAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SentFiles", x => new { x.Upstream, x.Sha256 });
                });

            migrationBuilder.CreateTable(
                name: "SharedRates",
                columns: table => new
                {
                    Name = table.Column<string>(type: "text", maxLength: 128, nullable: false, collation: "C"),
                    Tokens = table.Column<double>(type: "double precision", nullable: false),
                    At = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SharedRates", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "Uploads",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    OwnerId = table.Column<Guid>(type: "uuid", nullable: false),
                    BlobKey = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    ContentType = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    Width = table.Column<int>(type: "integer", nullable: false),
                    Height = table.Column<int>(type: "integer", nullable: false),
                    Bytes = table.Column<long>(type: "bigint", nullable: false),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    LastUsedAt = table.Column<long>(type: "bigint", nullable: false),
                    IsOurs = table.Column<bool>(type: "boolean", nullable: false),
                    InverseOf = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    Name = table.Column<string>(type: "text", maxLength: 255, nullable: true, collation: "C"),
                    Metadata = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Uploads", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "UsageDays",
                columns: table => new
                {
                    Day = table.Column<DateOnly>(type: "date", nullable: false),
                    AccountId = table.Column<Guid>(type: "uuid", nullable: false),
                    EndUser = table.Column<string>(type: "text", maxLength: 128, nullable: false, collation: "C"),
                    Model = table.Column<string>(type: "text", maxLength: 201, nullable: false, collation: "C"),
                    Upstream = table.Column<string>(type: "text", maxLength: 16, nullable: false, collation: "C"),
                    Status = table.Column<string>(type: "text", maxLength: 12, nullable: false, collation: "C"),
                    Runs = table.Column<long>(type: "bigint", nullable: false),
                    Hits = table.Column<long>(type: "bigint", nullable: false),
                    Joined = table.Column<long>(type: "bigint", nullable: false),
                    Images = table.Column<long>(type: "bigint", nullable: false),
                    PredictMilliseconds = table.Column<long>(type: "bigint", nullable: false),
                    CostMicros = table.Column<long>(type: "bigint", nullable: false),
                    SavedMicros = table.Column<long>(type: "bigint", nullable: false),
                    Unpriced = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_UsageDays", x => new { x.Day, x.AccountId, x.Model, x.Upstream, x.Status, x.EndUser });
                });

            migrationBuilder.CreateTable(
                name: "UsageEntries",
                columns: table => new
                {
                    Number = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    At = table.Column<long>(type: "bigint", nullable: false),
                    AcceptedAt = table.Column<long>(type: "bigint", nullable: false),
                    AccountId = table.Column<Guid>(type: "uuid", nullable: false),
                    EndUser = table.Column<string>(type: "text", maxLength: 128, nullable: false, defaultValue: "", collation: "C"),
                    Model = table.Column<string>(type: "text", maxLength: 201, nullable: false, collation: "C"),
                    Upstream = table.Column<string>(type: "text", maxLength: 16, nullable: false, collation: "C"),
                    Kind = table.Column<string>(type: "text", maxLength: 8, nullable: false, collation: "C"),
                    GenerationId = table.Column<Guid>(type: "uuid", nullable: false),
                    Status = table.Column<string>(type: "text", maxLength: 12, nullable: false, collation: "C"),
                    Count = table.Column<int>(type: "integer", nullable: false),
                    Images = table.Column<int>(type: "integer", nullable: false),
                    PredictMilliseconds = table.Column<long>(type: "bigint", nullable: false),
                    DurationMilliseconds = table.Column<long>(type: "bigint", nullable: false),
                    CostMicros = table.Column<long>(type: "bigint", nullable: true),
                    SavedMicros = table.Column<long>(type: "bigint", nullable: false),
                    IsFree = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_UsageEntries", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "WebhookDeliveries",
                columns: table => new
                {
                    Number = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    SubjectId = table.Column<Guid>(type: "uuid", nullable: false),
                    AccountId = table.Column<Guid>(type: "uuid", nullable: false),
                    Event = table.Column<string>(type: "text", maxLength: 12, nullable: false, collation: "C"),
                    Url = table.Column<string>(type: "text", maxLength: 2048, nullable: false, collation: "C"),
                    Host = table.Column<string>(type: "text", maxLength: 280, nullable: false, collation: "C"),
                    Body = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    State = table.Column<string>(type: "text", maxLength: 12, nullable: false, collation: "C"),
                    NextAttemptAt = table.Column<long>(type: "bigint", nullable: true),
                    DeliveredAt = table.Column<long>(type: "bigint", nullable: true),
                    Tries = table.Column<int>(type: "integer", nullable: false),
                    Round = table.Column<int>(type: "integer", nullable: false),
                    ClaimedBy = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    ClaimedUntil = table.Column<long>(type: "bigint", nullable: true),
                    AttemptLog = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WebhookDeliveries", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "WebhookSubscriptions",
                columns: table => new
                {
                    Number = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    SubjectId = table.Column<Guid>(type: "uuid", nullable: false),
                    AccountId = table.Column<Guid>(type: "uuid", nullable: false),
                    Url = table.Column<string>(type: "text", maxLength: 2048, nullable: false, collation: "C"),
                    Events = table.Column<int>(type: "integer", nullable: false),
                    BaseUrl = table.Column<string>(type: "text", nullable: false, collation: "C")
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
                name: "IX_BlobRemovals_DueAt",
                table: "BlobRemovals",
                column: "DueAt");

            migrationBuilder.CreateIndex(
                name: "IX_Changes_At",
                table: "Changes",
                column: "At");

            migrationBuilder.CreateIndex(
                name: "IX_GenerationBatches_CreatedAt",
                table: "GenerationBatches",
                column: "CreatedAt");

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
                name: "IX_Generations_Fingerprint_Number",
                table: "Generations",
                columns: new[] { "Fingerprint", "Number" },
                filter: "\"Fingerprint\" IS NOT NULL");

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
                name: "IX_ImageTags_AccountId_Tag_GenerationCreatedAt_GenerationNumber",
                table: "ImageTags",
                columns: new[] { "AccountId", "Tag", "GenerationCreatedAt", "GenerationNumber" });

            migrationBuilder.CreateIndex(
                name: "IX_ImageTags_ImageId",
                table: "ImageTags",
                column: "ImageId");

            migrationBuilder.CreateIndex(
                name: "IX_ImageVariants_BlobKey",
                table: "ImageVariants",
                column: "BlobKey");

            migrationBuilder.CreateIndex(
                name: "IX_ImageVariants_ImageId_Recipe",
                table: "ImageVariants",
                columns: new[] { "ImageId", "Recipe" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ImageVariants_UsedOn_CreatedAt",
                table: "ImageVariants",
                columns: new[] { "UsedOn", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Images_BinnedAt",
                table: "Images",
                column: "BinnedAt",
                filter: "\"BinnedAt\" IS NOT NULL");

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
                name: "IX_Images_WithoutThumbHash",
                table: "Images",
                column: "CreatedAt",
                filter: "\"Kind\" = 'Image' AND \"ThumbHash\" IS NULL");

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
                name: "IX_PredictionNotices_GenerationId",
                table: "PredictionNotices",
                column: "GenerationId");

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

            foreach (var statement in GenApi.Core.Persistence.Postgres.PostgresSchema.Up)
                migrationBuilder.Sql(statement);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            foreach (var statement in GenApi.Core.Persistence.Postgres.PostgresSchema.Down)
                migrationBuilder.Sql(statement);

            migrationBuilder.DropTable(
                name: "ApiKeys");

            migrationBuilder.DropTable(
                name: "AuditEntries");

            migrationBuilder.DropTable(
                name: "BlobRemovals");

            migrationBuilder.DropTable(
                name: "BudgetPeriods");

            migrationBuilder.DropTable(
                name: "Changes");

            migrationBuilder.DropTable(
                name: "EndUsers");

            migrationBuilder.DropTable(
                name: "GenerationBatches");

            migrationBuilder.DropTable(
                name: "GenerationGrants");

            migrationBuilder.DropTable(
                name: "Generations");

            migrationBuilder.DropTable(
                name: "IdempotencyKeys");

            migrationBuilder.DropTable(
                name: "ImageTags");

            migrationBuilder.DropTable(
                name: "ImageVariants");

            migrationBuilder.DropTable(
                name: "Images");

            migrationBuilder.DropTable(
                name: "Instances");

            migrationBuilder.DropTable(
                name: "KeepWarmRuns");

            migrationBuilder.DropTable(
                name: "LeaderTerms");

            migrationBuilder.DropTable(
                name: "ModelRuns");

            migrationBuilder.DropTable(
                name: "Models");

            migrationBuilder.DropTable(
                name: "PredictionNotices");

            migrationBuilder.DropTable(
                name: "Secrets");

            migrationBuilder.DropTable(
                name: "SentFiles");

            migrationBuilder.DropTable(
                name: "SharedRates");

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
