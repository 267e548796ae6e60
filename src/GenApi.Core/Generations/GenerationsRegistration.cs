using GenApi.Core.Accounts.Audit;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Diagnostics;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Intake;
using GenApi.Core.Generations.Polling;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Generations.Recovery;
using GenApi.Core.Generations.Removal;
using GenApi.Core.Generations.Service;
using GenApi.Core.Generations.Waiting;
using GenApi.Core.Generations.Worker;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence.Database;
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
        services.AddSingleton(provider => new GenerationAccess(
            provider.GetRequiredService<GenerationReader>(),
            provider.GetRequiredService<GenerationGrants>(),
            provider.GetRequiredService<ApiKeys>()));
        services.AddSingleton<GenerationNotifications>();
        services.AddSingleton<GenerationLedger>();
        services.AddSingleton<GenerationStateWriter>();
        services.AddSingleton<GenerationTimelines>();
        services.AddSingleton<GenerationGauges>();
        services.AddSingleton<RunLog>();
        services.AddSingleton<GenerationQueue>();
        services.AddSingleton<ListenerLimit>();
        services.AddSingleton<GenerationWaits>();
        services.AddSingleton<CancelAndDelete>();
        services.AddSingleton<GenerationRetention>();
        services.AddSingleton<IBlobUser, GenerationBlobs>();
        services.AddSingleton<RequestFiles>();
        services.AddSingleton<RunFiles>();
        services.AddSingleton<RequestResolver>();
        services.AddSingleton<RequestPreparation>();
        services.AddSingleton<StoredAnswers>();
        services.AddSingleton<GenerationIntake>();
        services.AddSingleton<DownloadLimit>();
        services.AddSingleton<PollSchedule>();
        services.AddSingleton<SubmitStep>();
        services.AddSingleton<FoundStep>();
        services.AddSingleton<OrphanFinder>();
        services.AddSingleton<OrphanSearch>();
        services.AddSingleton<EndStep>();
        services.AddSingleton<PredictionPoller>();
        services.AddSingleton<PollStep>();
        services.AddSingleton<StoreStep>();
        services.AddSingleton<GenerationWorkflow>();
        services.AddSingleton<InFlightLimit>();
        services.AddSingleton(provider => new GenerationWorker(
            provider.GetRequiredService<InFlightLimit>(),
            provider.GetRequiredService<GenerationWorkflow>(),
            provider.GetRequiredService<GenerationStateWriter>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<GenerationWorker>>()));
        services.AddHostedService(provider => provider.GetRequiredService<GenerationWorker>());
        services.AddSingleton(provider => new GenerationService(
            provider.GetRequiredService<GenerationIntake>(),
            provider.GetRequiredService<GenerationReader>(),
            provider.GetRequiredService<GenerationAccess>(),
            provider.GetRequiredService<GenerationWaits>(),
            provider.GetRequiredService<CancelAndDelete>(),
            provider.GetRequiredService<GenerationWorker>(),
            provider.GetRequiredService<GenApiMetrics>()));
        services.AddSingleton(provider => new GenerationDeliveries(
            provider.GetRequiredService<GenerationService>(), provider.GetRequiredService<WebhookDeliveries>(), provider.GetRequiredService<AuditLog>()));
        services.AddSingleton(provider => new PredictionWebhooks(
            provider.GetRequiredService<GenerationWorker>(),
            provider.GetRequiredService<GenerationReader>()));
        return services;
    }

    /// <summary>Needs the cache, Images and Diagnostics.</summary>
    internal static IServiceCollection AddLostPictures(this IServiceCollection services) => services.AddSingleton(provider => new MissingImages(
        provider.GetRequiredService<DatabaseWriter>(),
        provider.GetRequiredService<GenerationCache>(),
        provider.GetRequiredService<ImageLibrary>(),
        provider.GetRequiredService<GenApiMetrics>(),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<MissingImages>>()));
}
