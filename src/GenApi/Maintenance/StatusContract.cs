using System.ComponentModel;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Core.Cluster;
using GenApi.Core.Maintenance.Status;
using GenApi.Hosting;

namespace GenApi.Maintenance;

[Description("The state of the installation, for its operator.")]
internal sealed record StatusContract
{
    [Description("Version of the service.")]
    public required string Version { get; init; }

    [Description("When the process began to serve.")]
    public required DateTime StartedAt { get; init; }

    [Description("The instance that answers.")]
    public required string Instance { get; init; }

    [Description("The instances that share the store, the oldest first. Empty on SQLite, which one process owns.")]
    public required IReadOnlyList<InstanceStatus> Instances { get; init; }

    [Description("The worst status of all health checks.")]
    [Words("HealthStatus", "pass", "warn", "fail")]
    public required string Health { get; init; }

    [Description("One sentence for each health check that does not pass.")]
    public required IReadOnlyList<string> Troubles { get; init; }

    [Description("The upstream in use.")]
    public required UpstreamStatus Upstream { get; init; }

    [Description("Unfinished generations and messages to callers.")]
    public required WorkStatus Work { get; init; }

    [Description("Failed runs of the last hour by error code; `deleted` if the generation is gone.")]
    public required IReadOnlyDictionary<string, int> Failures { get; init; }

    [Description("Stored images and files, and the room for them.")]
    public required StoreFigures Store { get; init; }

    [Description("The last backup.")]
    public required MaintenanceFigures LastBackup { get; init; }

    [Description("The last check by `fsck`.")]
    public required MaintenanceFigures LastFsck { get; init; }
}

[Description("An instance of the service.")]
internal sealed record InstanceStatus(
    [property: Description("Its name, which every start makes.")] string Id,
    [property: Description("Its machine or container.")] string Host,
    [property: Description("The version of its program.")] string Version,
    [property: Description("When it joined.")] DateTime StartedAt,
    [property: Description("When its lease ends unless it renews it.")] DateTime AliveUntil,
    [property: Description("True for the one that does the sweeps and other tasks of which one is enough.")] bool IsLeader)
{
    public static IReadOnlyList<InstanceStatus> Of(IReadOnlyList<InstanceState> instances) => [.. instances.Select(each =>
        new InstanceStatus(each.Id, each.Host, each.Version, each.StartedAt.UtcDateTime, each.AliveUntil.UtcDateTime, each.IsLeader))];
}

[Description("The upstream, and what is known of its account.")]
internal sealed record UpstreamStatus(
    [property: UpstreamWords][property: Description("Its name.")] string Name,
    [property: Description("Its base URL. Null for the sandbox.")] string? Address,
    [property: Description("`set`, `missing`, `refused` or `not needed`. Never its value.")] string Token,
    [property: Description("The credit of its account: `not refused`, `low` or `used up`.")] string Credit,
    [property: Description("The last refusal for lack of credit within 24 hours. Null: none.")] DateTime? CreditRefusedAt);

[Description("Unfinished work.")]
internal sealed record WorkStatus(
    [property: Description("Generations at the upstream.")] int InFlight,
    [property: Description("Generations that wait to be sent.")] int Queued,
    [property: Description("When the oldest of both was accepted. Null: there is none.")] DateTime? OldestSince,
    [property: Description("Webhooks that are still to be delivered.")] int WebhooksWaiting,
    [property: Description("Webhooks that were given up, among the latest 10,000.")] int WebhooksGivenUp);

[Description("The store.")]
internal sealed record StoreFigures
{
    [Description("Stored images and other files.")]
    public required long Files { get; init; }

    [Description("Their bytes. Equal bytes count once for each file.")]
    public required long FileBytes { get; init; }

    [Description("Files whose bytes are recorded as lost.")]
    public required long LostFiles { get; init; }

    [Description("Bytes that count against `max_bytes`: images, their variants and uploads, equal ones once. Null in the first moments "
        + "after a start.")]
    public required long? UsedBytes { get; init; }

    [Description("The bound, from `Upkeep:MaxBytes`. Null: none.")]
    public required long? MaxBytes { get; init; }

    [Description("True if the store exceeds its bound and nothing that is left may be removed.")]
    public required bool IsStuck { get; init; }

    [Description("Days that an unused generation is kept, from `Upkeep:KeepDays`. Null: for ever.")]
    public required int? KeepDays { get; init; }

    [Description("Size of the database and its log. Null if it is not a file.")]
    public required long? DatabaseBytes { get; init; }

    [Description("Bytes that the service may still write on the disk. Null: not known.")]
    public required long? FreeBytes { get; init; }
}

[Description("The last backup or check.")]
internal sealed record MaintenanceFigures
{
    [Description("When the last one was completed. Null: none is known.")]
    public required DateTime? At { get; init; }

    [Description("Whether it found the store in order: `sound` or `problems`. Null: none is known.")]
    public required string? Outcome { get; init; }

    [Description("Its result in words.")]
    public required string? Summary { get; init; }

    [Description("The folder of the backup. Null for a check.")]
    public required string? Folder { get; init; }

    [Description("Model runs that ended after it.")]
    public required long? RunsSince { get; init; }

    [Description("True if an older database was put in place since.")]
    public required bool IsOfNewerDatabase { get; init; }

    [Description("When the last attempt failed, if that was after `at`.")]
    public required DateTime? FailedAt { get; init; }

    [Description("Why it failed.")]
    public required string? Failure { get; init; }

    public static MaintenanceFigures Of(MaintenanceStatus seen)
    {
        var run = RunAnswer.Of(seen);
        return new()
        {
            At = run.At,
            Outcome = run.Outcome,
            Summary = run.Summary,
            Folder = run.Folder,
            RunsSince = run.RunsSince,
            IsOfNewerDatabase = run.IsOfNewerDatabase,
            FailedAt = run.FailedAt,
            Failure = run.Failure,
        };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(StatusContract))]
internal sealed partial class StatusJsonContext : JsonSerializerContext
{
    /// <inheritdoc cref="Hosting.Health.ApiJsonContext.Answers"/>
    public static StatusJsonContext Answers => field ??= new(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
