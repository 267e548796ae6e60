using GenApi.Core.Accounts;
using GenApi.Core.Blobs;
using GenApi.Core.Cluster;
using GenApi.Core.Diagnostics;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Core.KeepWarm;
using GenApi.Core.Maintenance;
using GenApi.Core.Models;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using GenApi.Core.Uploads;
using GenApi.Core.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GenApi.Core;

public static class CoreRegistration
{
    /// <inheritdoc cref="PersistenceRegistration.WarmUp"/>
    public static void WarmUp() => PersistenceRegistration.WarmUp();

    /// <summary>
    /// The whole service but HTTP, in the order in which the rooms depend on each other; hosted services start in it too.
    /// </summary>
    public static IServiceCollection AddGenApiCore(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GenApiMetrics>();
        return services
            .AddPersistence()
            .AddCluster()
            .AddAccounts()
            .AddBlobs()
            .AddWebhooks()
            .AddReplicate()
            .AddModels()
            .AddImages()
            .AddUploads()
            .AddGenerations()
            .AddMaintenance()
            .AddKeepWarm();
    }
}
