using GenApi.Core.Blobs;
using GenApi.Core.Persistence.Database;
using GenApi.Hosting.OpenApi;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GenApi.Hosting.Health;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: the service can do its work; 503 if not. Neither calls the upstream,
/// because a health check must not cost money or fail when the upstream does. Features add their own checks.
/// </summary>
internal static class HealthSetup
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static IHealthChecksBuilder AddHealth(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<DatabaseCheck>("database", timeout: Patience)
        .AddCheck<BlobStoreCheck>("blob_store", timeout: Patience);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var checks = routes.ServiceProvider.GetRequiredService<HealthCheckService>();
        routes.MapHealth("/health/live", new HealthEndpoint(checks, _ => false), "Liveness", "Check liveness",
            "Runs no checks: it answers for as long as the process can.");
        routes.MapHealth("/health/ready", new HealthEndpoint(checks, null), "Readiness", "Check readiness",
            "Checks the database, the store, the worker, and the last known state of the upstream. It never calls the upstream and "
                + "writes nothing.");
    }

    private static void MapHealth(
        this IEndpointRouteBuilder routes, string pattern, HealthEndpoint endpoint, string name, string summary, string description)
    {
        // Monitors also use HEAD. Nothing can be changed here, so there are no other methods.
        Describe(HttpMethods.Get, $"Get{name}", summary);
        Describe(HttpMethods.Head, $"Head{name}", $"{summary}, without a body");

        void Describe(string method, string operation, string shown) =>
            new OperationDocs(routes.MapMethods(pattern, [method], (Delegate)endpoint.GetAsync).AllowAnonymous())
                .Is(operation, ApiTags.Operations, shown, description)
                .Answer<HealthAnswer>(
                    200, "It can. `status` is `warn` if something needs the operator's attention.", HealthEndpoint.ContentType)
                .Answer<HealthAnswer>(503, "It can't; `checks` says why.", HealthEndpoint.ContentType)
                .BareProblems(500);
    }

    /// <summary>Checks the database without writing: anyone may ask, and a health check must not wear out the disk.</summary>
    private sealed class DatabaseCheck(DatabaseWriter writer) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await writer.CheckAsync(cancellationToken).WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
    }

    private sealed class BlobStoreCheck(IBlobStore store) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await store.CheckAsync(cancellationToken).WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy(
                data: store.Facts.Count == 0 ? null : store.Facts.ToDictionary(fact => fact.Key, fact => (object)fact.Value));
        }
    }
}
