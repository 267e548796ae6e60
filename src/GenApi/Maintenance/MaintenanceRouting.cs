using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Cluster;
using GenApi.Core.Maintenance;
using GenApi.Core.Maintenance.Cleanup;
using GenApi.Core.Maintenance.Status;
using GenApi.Hosting.OpenApi;
using GenApi.Hosting.Settings;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace GenApi.Maintenance;

internal static class MaintenanceRouting
{
    public static void MapMaintenance(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var status = new StatusEndpoint(
            services.GetRequiredService<StoreStatus>(), services.GetRequiredService<StoreSpace>(),
            services.GetRequiredService<HealthCheckService>(), ConfiguredUpstream.Of(services),
            services.GetRequiredService<ICluster>(), services.GetRequiredService<IOptions<MaintenanceOptions>>(),
            services.GetRequiredService<TimeProvider>().GetUtcNow());
        new OperationDocs(routes.MapGet("/status", (Delegate)status.GetAsync).Needs(KeyRights.Admin))
            .Is("GetStatus", ApiTags.Operations, "Get the state of the installation",
                "For administrators: version and start, the upstream, unfinished work, the store and its bounds, the last backup and "
                    + "check. It reads all rows of images, so ask it as a person would, not every second.")
            .Answer<StatusContract>(200, "The state as it is now.")
            .Problems();
    }
}
