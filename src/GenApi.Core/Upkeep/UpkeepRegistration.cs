using GenApi.Core.Accounts;
using GenApi.Core.Blobs;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Core.Models;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Upkeep;

public static class UpkeepRegistration
{
    /// <summary>Needs every room that keeps rows or bytes; its worker starts last.</summary>
    public static IServiceCollection AddUpkeep(this IServiceCollection services)
    {
        services.AddOptions<UpkeepOptions>().BindConfiguration(UpkeepOptions.Section);
        services.AddSingleton(provider => new StoreSpace(
            provider.GetRequiredService<IBlobStore>(), provider.GetRequiredService<LostPictures>(), provider.GetRequiredService<IOptions<UpkeepOptions>>()));
        services.AddSingleton<Retention>();
        services.AddSingleton<RowSweep>();
        services.AddSingleton<BlobSweep>();
        services.AddSingleton<Sweeps>();
        services.AddSingleton<BlobScan>();
        services.AddSingleton<UpkeepWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<UpkeepWorker>());
        services.AddSingleton<CheckRepair>();
        services.AddSingleton<BudgetCheck>();
        services.AddSingleton<UsageCheck>();
        services.AddSingleton<RowCheck>();
        services.AddSingleton<BlobCheck>();
        services.AddSingleton<UpkeepRuns>();
        services.AddSingleton(provider => new StoreCheck(
            provider.GetRequiredService<DataDirectory>(),
            provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>(),
            provider.GetRequiredService<RowCheck>(),
            provider.GetRequiredService<BlobCheck>(),
            provider.GetRequiredService<UpkeepRuns>()));
        services.AddSingleton(provider => new StoreStatus(
            provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>(),
            provider.GetRequiredService<DataDirectory>(),
            provider.GetRequiredService<DatabaseLocation>(),
            provider.GetRequiredService<UsageReports>(),
            provider.GetRequiredService<UpkeepRuns>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<BackupSettings>();
        services.AddSingleton(provider => new StoreBackup(
            provider.GetRequiredService<DataDirectory>(),
            provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>(),
            provider.GetRequiredService<IBlobStore>(),
            provider.GetServices<IBlobUser>(),
            provider.GetRequiredService<BackupSettings>(),
            provider.GetRequiredService<UpkeepRuns>()));
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
        services.AddSingleton<KeepWarm>();
        services.AddHostedService(provider => provider.GetRequiredService<KeepWarm>());
    }
}
