using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Core.Blobs;
using GenApi.Core.Persistence;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GenApi.Hosting;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: it can do its work; 503 when not. Neither calls the upstream: a health check must not
/// cost money or fail because somebody else does. Features add checks of their own to <see cref="AddHealth"/>'s builder.
/// </summary>
internal static class HealthSetup
{
    private const string ContentType = "application/health+json";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static IHealthChecksBuilder AddHealth(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<DatabaseCheck>("database", timeout: Patience)
        .AddCheck<BlobStoreCheck>("blob_store", timeout: Patience);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = (context, report) => WriteAsync(context, report, null) }).AllowAnonymous();
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = (context, report) => WriteAsync(context, report, ProgramVersion.Text) }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext context, HealthReport report, string? version)
    {
        var checks = report.Entries.ToDictionary(entry => entry.Key, entry => new HealthCheckAnswer(
            Word(entry.Value.Status),
            entry.Value.Description,
            Math.Round(entry.Value.Duration.TotalMilliseconds, 1),
            entry.Value.Data.Count > 0 ? entry.Value.Data.ToDictionary(pair => pair.Key, pair => pair.Value.ToString() ?? "") : null));
        context.Response.ContentType = ContentType;
        return JsonSerializer.SerializeAsync(context.Response.Body, new HealthAnswer(Word(report.Status), version, checks), ApiJsonContext.Answers.HealthAnswer, context.RequestAborted);
    }

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "pass",
        HealthStatus.Degraded => "warn",
        _ => "fail",
    };

    /// <summary>Goes through the one writer: proves that a transaction can begin and commit.</summary>
    private sealed class DatabaseCheck(DatabaseWriter writer) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await writer.WriteAsync((_, _) => Task.CompletedTask, cancellationToken).WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
    }

    private sealed class BlobStoreCheck(IBlobStore store) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await store.CheckAsync(cancellationToken).WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
    }
}

/// <summary>In the form of the (expired) IETF draft that most monitors know.</summary>
/// <param name="Status">`pass`, `warn` or `fail`.</param>
/// <param name="Version">Of the service; `/health/ready` alone has it.</param>
/// <param name="Checks">By name.</param>
internal sealed record HealthAnswer(
    string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Version, IReadOnlyDictionary<string, HealthCheckAnswer> Checks);

/// <param name="Status">`pass`, `warn` or `fail`.</param>
/// <param name="Output">What is wrong, where something is.</param>
/// <param name="ObservedMs">How long the check took, in milliseconds.</param>
/// <param name="Facts">What else there is to know, such as the upstream's mode.</param>
internal sealed record HealthCheckAnswer(string Status, string? Output, double ObservedMs, IReadOnlyDictionary<string, string>? Facts);
