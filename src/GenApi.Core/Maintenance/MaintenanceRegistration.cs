using GenApi.Core.Accounts.Usage;
using GenApi.Core.Blobs;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images;
using GenApi.Core.KeepWarm;
using GenApi.Core.Maintenance.Backup;
using GenApi.Core.Maintenance.Checks;
using GenApi.Core.Maintenance.Cleanup;
using GenApi.Core.Maintenance.Status;
using GenApi.Core.Models.Settings;
using GenApi.Core.Models.Timings;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Sqlite;
using GenApi.Core.Replicate;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Maintenance;

public static class MaintenanceRegistration
{
    /// <summary>Needs every room that keeps rows or bytes; its worker starts last.</summary>
    public static IServiceCollection AddUpkeep(this IServiceCollection services)
    {
        services.AddOptions<MaintenanceOptions>().BindConfiguration(MaintenanceOptions.Section);
        services.AddSingleton(provider => new StoreSpace(
            provider.GetRequiredService<IBlobStore>(), provider.GetRequiredService<MissingImages>(), provider.GetRequiredService<IOptions<MaintenanceOptions>>()));
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
        services.AddSingleton(provider => new StoreCheck(
            provider.GetRequiredService<DataDirectory>(),
            provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>(),
            provider.GetRequiredService<RowCheck>(),
            provider.GetRequiredService<BlobCheck>(),
            provider.GetRequiredService<MaintenanceRuns>()));
        services.AddSingleton(provider => new StoreStatus(
            provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>(),
            provider.GetRequiredService<DataDirectory>(),
            provider.GetRequiredService<DatabaseLocation>(),
            provider.GetRequiredService<UsageReports>(),
            provider.GetRequiredService<MaintenanceRuns>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<BackupSettings>();
        services.AddSingleton(provider => new StoreBackup(
            provider.GetRequiredService<DataDirectory>(),
            provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>(),
            provider.GetRequiredService<IBlobStore>(),
            provider.GetServices<IBlobUser>(),
            provider.GetRequiredService<BackupSettings>(),
            provider.GetRequiredService<MaintenanceRuns>()));
        services.AddSingleton(provider => new FreshStart(
            provider.GetRequiredService<DataDirectory>(), provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>()));
        services.AddKeepWarm();
        return services;
    }

    private static void AddKeepWarm(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<ModelOptions>, KeepWarmSettings>();
        services.AddSingleton<KeepWarmLedger>();
        services.AddSingleton<KeepWarmRecipes>();
        services.AddSingleton<KeepWarmRuns>();
        services.AddSingleton(provider => new KeepWarmPlan(
            provider.GetRequiredService<IOptions<ModelOptions>>(),
            provider.GetRequiredService<ModelTimes>(),
            provider.GetRequiredService<KeepWarmLedger>(),
            provider.GetRequiredService<ReplicateUpstream>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<SteadyClock>()));
        services.AddSingleton<KeepWarmWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<KeepWarmWorker>());
    }
}
