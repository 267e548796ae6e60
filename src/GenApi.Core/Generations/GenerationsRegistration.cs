using GenApi.Core.Accounts;
using GenApi.Core.Diagnostics;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations;

public static class GenerationsRegistration
{
    /// <summary>Needs Persistence, Webhooks, Replicate, Models and Images, and from the host a <see cref="GenerationRenderer"/>; its worker starts after the migration.</summary>
    public static IServiceCollection AddGenerations(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<GenerationOptions, GenerationOptionsValidator>().BindConfiguration(GenerationOptions.Section);
        services.AddSingleton<GenerationCache>();
        services.AddLostPictures();
        services.AddSingleton<GenerationSignals>();
        services.AddSingleton<GenerationReader>();
        services.AddSingleton<GenerationGrants>();
        services.AddHostedService<GrantKeeper>();
        services.AddSingleton(provider => new GenerationSight(
            provider.GetRequiredService<GenerationReader>(),
            provider.GetRequiredService<GenerationGrants>(),
            provider.GetRequiredService<ApiKeys>()));
        services.AddSingleton<GenerationNews>();
        services.AddSingleton<GenerationLedger>();
        services.AddSingleton<GenerationSaves>();
        services.AddSingleton<GenerationTimelines>();
        services.AddSingleton<GenerationFigures>();
        services.AddSingleton<RunLog>();
        services.AddSingleton<GenerationQueue>();
        services.AddSingleton<ListenerPlaces>();
        services.AddSingleton<GenerationWaits>();
        services.AddSingleton<GenerationRemovals>();
        services.AddSingleton<GenerationRetention>();
        services.AddSingleton<IBlobUser, GenerationBlobs>();
        services.AddSingleton<RequestFiles>();
        services.AddSingleton<RunFiles>();
        services.AddSingleton<RequestResolver>();
        services.AddSingleton<RequestPreparation>();
        services.AddSingleton<StoredAnswers>();
        services.AddSingleton<GenerationIntake>();
        services.AddSingleton<DownloadSlots>();
        services.AddSingleton<ModelPace>();
        services.AddSingleton<SubmitStep>();
        services.AddSingleton<FoundStep>();
        services.AddSingleton<OrphanFinder>();
        services.AddSingleton<OrphanSearch>();
        services.AddSingleton<EndStep>();
        services.AddSingleton<PredictionWatch>();
        services.AddSingleton<LookStep>();
        services.AddSingleton<StoreStep>();
        services.AddSingleton<GenerationWorkflow>();
        services.AddSingleton<InFlightPlaces>();
        services.AddSingleton(provider => new GenerationWorker(
            provider.GetRequiredService<InFlightPlaces>(),
            provider.GetRequiredService<GenerationWorkflow>(),
            provider.GetRequiredService<GenerationSaves>(),
            provider.GetRequiredService<ILogger<GenerationWorker>>()));
        services.AddHostedService(provider => provider.GetRequiredService<GenerationWorker>());
        services.AddSingleton(provider => new GenerationService(
            provider.GetRequiredService<GenerationIntake>(),
            provider.GetRequiredService<GenerationReader>(),
            provider.GetRequiredService<GenerationSight>(),
            provider.GetRequiredService<GenerationWaits>(),
            provider.GetRequiredService<GenerationRemovals>(),
            provider.GetRequiredService<GenerationWorker>(),
            provider.GetRequiredService<GenApiMetrics>()));
        services.AddSingleton(provider => new GenerationDeliveries(
            provider.GetRequiredService<GenerationService>(), provider.GetRequiredService<WebhookDeliveries>(), provider.GetRequiredService<AuditLog>()));
        services.AddSingleton(provider => new PredictionNews(
            provider.GetRequiredService<GenerationWorker>(),
            provider.GetRequiredService<GenerationReader>()));
        return services;
    }

    /// <summary>Needs the cache, Images and Diagnostics.</summary>
    internal static IServiceCollection AddLostPictures(this IServiceCollection services) => services.AddSingleton(provider => new LostPictures(
        provider.GetRequiredService<DatabaseWriter>(),
        provider.GetRequiredService<GenerationCache>(),
        provider.GetRequiredService<ImageLibrary>(),
        provider.GetRequiredService<GenApiMetrics>(),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<LostPictures>>()));
}
