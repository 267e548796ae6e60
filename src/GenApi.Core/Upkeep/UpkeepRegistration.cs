using GenApi.Core.Blobs;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Core.Upkeep;

public static class UpkeepRegistration
{
    /// <summary>Needs every room that keeps rows or bytes.</summary>
    public static IServiceCollection AddUpkeep(this IServiceCollection services)
    {
        services.AddSingleton<CheckRepair>();
        services.AddSingleton<RowCheck>();
        services.AddSingleton<BlobCheck>();
        services.AddSingleton(provider => new StoreCheck(
            provider.GetRequiredService<DataDirectory>(),
            provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>(),
            provider.GetRequiredService<RowCheck>(),
            provider.GetRequiredService<BlobCheck>()));
        services.AddSingleton<BackupSettings>();
        services.AddSingleton(provider => new StoreBackup(
            provider.GetRequiredService<DataDirectory>(),
            provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>(),
            provider.GetRequiredService<IBlobStore>(),
            provider.GetServices<IBlobUser>(),
            provider.GetRequiredService<BackupSettings>()));
        services.AddSingleton(provider => new FreshStart(
            provider.GetRequiredService<DataDirectory>(), provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>()));
        return services;
    }
}
