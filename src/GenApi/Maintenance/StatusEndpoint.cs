using System.Text.Json;
using GenApi.Core.Cluster;
using GenApi.Core.Maintenance;
using GenApi.Core.Maintenance.Cleanup;
using GenApi.Core.Maintenance.Status;
using GenApi.Hosting;
using GenApi.Hosting.Health;
using GenApi.Hosting.Settings;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace GenApi.Maintenance;

/// <summary>/status: what the verb <c>status</c> shows, of the running service.</summary>
/// <param name="store">Reads rows and files.</param>
/// <param name="space">The size of the store and its bound.</param>
/// <param name="health">Runs the health checks.</param>
/// <param name="configured">The upstream of the settings.</param>
/// <param name="cluster">The name of this instance.</param>
/// <param name="options">The retention.</param>
/// <param name="startedAt">When the service began to serve.</param>
internal sealed class StatusEndpoint(
    StoreStatus store, StoreSpace space, HealthCheckService health, ConfiguredUpstream configured, ICluster cluster,
    IOptions<MaintenanceOptions> options, DateTimeOffset startedAt)
{
    public async Task GetAsync(HttpContext context)
    {
        var checks = HealthAnswer.Of(await health.CheckHealthAsync(context.RequestAborted));
        var report = await store.ReadAsync(StatusFacts.UpstreamOf(checks, configured), context.RequestAborted);
        var address = CallerAddress.UriOf(context.Request);
        var facts = StatusFacts.Of(ProgramVersion.Text, address, checks, configured, report);
        context.Response.Headers.CacheControl = "no-store";
        var json = JsonSerializer.SerializeToUtf8Bytes(Contract(facts, report), StatusJsonContext.Answers.StatusContract);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }

    private StatusContract Contract(StatusFacts facts, StatusReport report) => new()
    {
        Version = facts.Version,
        StartedAt = startedAt.UtcDateTime,
        Instance = cluster.InstanceId,
        Instances = InstanceStatus.Of(report.Instances),
        Health = facts.Health!.Status,
        Troubles = facts.Troubles,
        Upstream = new(facts.Upstream, facts.UpstreamAddress, facts.Token, facts.Credit, report.CreditRefusedAt?.UtcDateTime),
        Work = new(
            report.InFlight, report.Queued, report.OldestSince?.UtcDateTime, report.WebhooksWaiting, report.WebhooksGivenUp),
        Failures = report.Failures,
        Store = new()
        {
            Files = report.Files,
            FileBytes = report.FileBytes,
            LostFiles = report.LostFiles,
            UsedBytes = space.Bytes,
            MaxBytes = space.MaxBytes,
            IsStuck = space.IsStuck,
            KeepDays = options.Value.KeepDays is > 0 and var days ? days : null,
            DatabaseBytes = report.DatabaseBytes,
            FreeBytes = report.FreeBytes,
        },
        LastBackup = MaintenanceFigures.Of(report.Backup),
        LastFsck = MaintenanceFigures.Of(report.Check),
    };
}
