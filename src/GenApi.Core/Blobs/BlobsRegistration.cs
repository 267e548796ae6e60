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
                    options.Folder = Path.Combine(configuration["DataDirectory"] is { Length: > 0 } data ? data : "data", "blobs");
            });
        services.TryAddSingleton<DurableFiles>();
        services.TryAddSingleton<IBlobStore>(provider =>
        {
            var options = provider.GetRequiredService<IOptions<BlobsOptions>>().Value;
            if (!BlobsOptions.Providers.Contains(options.Provider, StringComparer.OrdinalIgnoreCase))
            {
                throw new SettingException(
                    "Blobs:Provider", $"'{options.Provider}' is not known. Allowed: {string.Join(", ", BlobsOptions.Providers)}.");
            }
            return new FileBlobStore(
                options.Folder, provider.GetRequiredService<DurableFiles>(), options, provider.GetRequiredService<TimeProvider>());
        });
        services.AddHostedService<Preparation>();
        return services;
    }

    private sealed partial class Preparation(IBlobStore store, IOptions<BlobsOptions> options, ILogger<IBlobStore> logger) : IPreparation
    {
        public async Task PrepareAsync(CancellationToken cancellationToken)
        {
            try
            {
                await store.PrepareAsync(cancellationToken);
                // Otherwise a read-only folder would only be noticed when a paid image can't be stored.
                await store.TryWriteAsync(cancellationToken);
            }
            catch (GenApiException full) when (full.Kind == ErrorKind.StorageFull)
            {
                // Stored images can still be served, and there may be room later.
                Log.Full(logger, full);
            }
            catch (GenApiException failure)
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
