using GenApi.Core.Maintenance.Backup;
using GenApi.Core.Maintenance.Checks;
using GenApi.Core.Maintenance.Cleanup;
using GenApi.Core.Maintenance.Moving;
using GenApi.Core.Maintenance.Status;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Core.Maintenance;

public static class MaintenanceRegistration
{
    /// <summary>Adds maintenance and its settings (section <c>Upkeep</c>). It needs every room that stores rows or bytes.</summary>
    public static IServiceCollection AddMaintenance(this IServiceCollection services)
    {
        services.AddOptions<MaintenanceOptions>().BindConfiguration(MaintenanceOptions.Section);
        services.AddSingleton<StoreSpace>();
        services.AddSingleton<Retention>();
        services.AddSingleton<RowSweep>();
        services.AddSingleton<BlobSweep>();
        services.AddSingleton<Sweeps>();
        services.AddSingleton<BlobScan>();
        services.AddSingleton<MaintenanceWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<MaintenanceWorker>());
        services.AddSingleton<CheckRepair>();
        services.AddSingleton<BudgetCheck>();
        services.AddSingleton<UsageCheck>();
        services.AddSingleton<RowCheck>();
        services.AddSingleton<BlobCheck>();
        services.AddSingleton<MaintenanceRuns>();
        services.AddSingleton<StoreCheck>();
        services.AddSingleton<StoreStatus>();
        services.AddSingleton<StoreBackup>();
        services.AddSingleton<FreshStart>();
        services.AddSingleton<StoreMove>();
        return services;
    }
}
