using GenApi.Core.Blobs.Disk;
using GenApi.Core.Blobs.Media;
using GenApi.Core.Blobs.S3;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Blobs;

public static partial class BlobsRegistration
{
    /// <summary>
    /// Adds the blob store and its settings (section <c>Blobs</c>) and prepares it at start. Call it after <c>AddPersistence</c>, which
    /// locks the data directory.
    /// </summary>
    public static IServiceCollection AddBlobs(this IServiceCollection services)
    {
        services.AddOptions<BlobsOptions>()
            .BindConfiguration(BlobsOptions.Section)
            .PostConfigure<IConfiguration>((options, configuration) =>
            {
                if (string.IsNullOrWhiteSpace(options.Folder))
                    options.Folder = Path.Combine(DataDirectoryOf(configuration), "blobs");
            });
        services.AddOptions<S3Options>().BindConfiguration(S3Options.Section);
        services.AddSingleton<ISoleReason, DiskIsLocal>();
        services.TryAddSingleton<DurableFiles>();
        services.AddSingleton<BlobMedia>();
        services.TryAddSingleton(static provider => provider.GetRequiredService<BlobMedia>().Make());
        services.TryAddSingleton(provider => new HotBlobStore(
            provider.GetRequiredService<IBlobMedium>(), provider.GetRequiredService<IOptions<BlobsOptions>>().Value));
        services.TryAddSingleton<IBlobStore>(provider => provider.GetRequiredService<HotBlobStore>());
        services.TryAddSingleton<IBlobMaintenance>(provider => provider.GetRequiredService<HotBlobStore>());
        services.TryAddSingleton<IBlobReceipts>(provider => provider.GetRequiredService<IBlobMedium>());
        services.AddHostedService<Preparation>();
        return services;
    }

    private static string DataDirectoryOf(IConfiguration configuration) =>
        configuration["DataDirectory"] is { Length: > 0 } data ? data : "data";

    private sealed partial class Preparation(IBlobMaintenance store, IOptions<BlobsOptions> options, ILogger<IBlobStore> logger)
        : IPreparation
    {
        public async Task PrepareAsync(CancellationToken cancellationToken)
        {
            try
            {
                await store.PrepareAsync(cancellationToken);
                // Otherwise a store that can't be written would only be noticed when a paid image can't be stored.
                await store.TryWriteAsync(cancellationToken);
            }
            catch (GenApiException full) when (full.Kind == ErrorKind.StorageFull)
            {
                // Stored images can still be served, and there may be room later.
                Log.Full(logger, full);
            }
            catch (GenApiException failure) when (!options.Value.IsS3)
            {
                throw new SettingException("DataDirectory",
                    $"the folder '{options.Value.Folder}' can't be used ({failure.InnerException?.Message ?? failure.Message}).", failure);
            }
        }

        private static partial class Log
        {
            [LoggerMessage(
                1, LogLevel.Warning, "The disk of the image store is full: new requests get 507 storage_full until there is room")]
            public static partial void Full(ILogger logger, Exception fault);
        }
    }
}
