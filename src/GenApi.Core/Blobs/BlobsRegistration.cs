using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Blobs;

public static class BlobsRegistration
{
    /// <summary>The blob store of the section <c>Blobs</c>, made ready before any hosted service starts.</summary>
    public static IServiceCollection AddBlobs(this IServiceCollection services)
    {
        services.AddOptions<BlobsOptions>()
            .BindConfiguration(BlobsOptions.Section)
            .PostConfigure<IConfiguration>((options, configuration) =>
            {
                if (string.IsNullOrWhiteSpace(options.Folder))
                    options.Folder = Path.Combine(configuration["DataDirectory"] is { Length: > 0 } data ? data : "data", "blobs");
            })
            .Validate(options => BlobsOptions.Providers.Contains(options.Provider),
                $"Blobs:Provider is not one of: {string.Join(", ", BlobsOptions.Providers)}.")
            .Validate(options => options.HotBytes >= 0 && options.HotBlobBytes >= 0, "Blobs:HotBytes and Blobs:HotBlobBytes may not be negative.")
            .ValidateOnStart();
        services.TryAddSingleton<DurableFiles>();
        services.TryAddSingleton<IBlobStore>(provider =>
        {
            var options = provider.GetRequiredService<IOptions<BlobsOptions>>().Value;
            return new FileBlobStore(options.Folder, provider.GetRequiredService<DurableFiles>(), options);
        });
        services.AddHostedService<Preparation>();
        return services;
    }

    private sealed class Preparation(IBlobStore store, IOptions<BlobsOptions> options) : IHostedLifecycleService
    {
        public async Task StartingAsync(CancellationToken cancellationToken)
        {
            try
            {
                await store.PrepareAsync(cancellationToken);
            }
            catch (Errors.GenApiException failure)
            {
                throw new OptionsValidationException(BlobsOptions.Section, typeof(BlobsOptions),
                    [$"DataDirectory: the folder '{options.Value.Folder}' can't be used: {failure.InnerException?.Message ?? failure.Message}"]);
            }
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
