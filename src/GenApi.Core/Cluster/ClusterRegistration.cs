using GenApi.Core.Cluster.Changes;
using GenApi.Core.Diagnostics;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Cluster;

public static class ClusterRegistration
{
    /// <summary>
    /// Adds what several instances on one store need, or the cluster of one process on SQLite, and its settings (section <c>Cluster</c>).
    /// Needs Persistence. The instance joins before any feature begins, and leaves after all of them.
    /// </summary>
    public static IServiceCollection AddCluster(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<ClusterOptions>().BindConfiguration(ClusterOptions.Section);
        services.TryAddSingleton<InstanceName>();
        services.TryAddSingleton<GenApiMetrics>();
        services.TryAddSingleton<PostgresSource>();
        services.AddSingleton<OneProcess>();
        services.AddSingleton<SharedCluster>();
        services.AddSingleton<SharedLeadership>();
        services.AddSingleton<ICluster>(static provider => IsShared(provider)
            ? provider.GetRequiredService<SharedCluster>()
            : provider.GetRequiredService<OneProcess>());
        services.AddSingleton<ILeadership>(static provider => IsShared(provider)
            ? provider.GetRequiredService<SharedLeadership>()
            : provider.GetRequiredService<OneProcess>());
        services.AddSingleton<IHeartbeatPart>(static provider => provider.GetRequiredService<SharedLeadership>());
        services.AddSingleton<SoleInstance>();
        services.AddSingleton<HeartbeatLoop>();
        services.AddHostedService(static provider => provider.GetRequiredService<HeartbeatLoop>());
        services.AddSingleton<PostgresNotifications>();
        services.AddSingleton<ChangeTail>();
        services.AddHostedService(static provider => provider.GetRequiredService<ChangeTail>());
        services.AddSingleton<ChangeListening>();
        services.AddHostedService(static provider => provider.GetRequiredService<ChangeListening>());
        services.AddHostedService<ChangeAnnouncer>();
        services.AddHostedService<ClusterGauges>();
        services.AddSingleton<ClusterReport>();
        services.AddSingleton<SharedRates>();
        return services;
    }

    private static bool IsShared(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.IsPostgres;
}
