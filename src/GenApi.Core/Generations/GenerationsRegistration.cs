using GenApi.Core.Cluster;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Bin;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Following;
using GenApi.Core.Generations.Gallery;
using GenApi.Core.Generations.Intake;
using GenApi.Core.Generations.Polling;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Generations.Recovery;
using GenApi.Core.Generations.Removal;
using GenApi.Core.Generations.Service;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Generations.Waiting;
using GenApi.Core.Generations.Worker;
using GenApi.Core.Images;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GenApi.Core.Generations;

public static class GenerationsRegistration
{
    /// <summary>
    /// Adds generations and binds their settings. Needs Persistence, Webhooks, Replicate, Models and Images, and from the host a
    /// <see cref="GenerationRenderer"/>. Its worker starts after the migration.
    /// </summary>
    public static IServiceCollection AddGenerations(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<GenerationOptions, GenerationOptionsValidator>()
            .BindConfiguration(GenerationOptions.Section);
        services.AddSingleton<GenerationChanges>();
        services.AddSingleton<ListenersElsewhere>();
        services.AddSingleton<GenerationSignals>();
        services.AddSingleton<GenerationTimelines>();
        services.AddSingleton<RunLog>();

        services.AddSingleton<GenerationCache>();
        services.AddSingleton<IChangeListener>(static provider => provider.GetRequiredService<GenerationCache>());
        services.AddSingleton<MissingImages>();
        services.AddSingleton<GenerationReader>();
        services.AddSingleton<IBlobUser, GenerationBlobs>();

        services.AddSingleton<GenerationGrants>();
        services.AddSingleton<IChangeListener>(static provider => provider.GetRequiredService<GenerationGrants>());
        services.AddHostedService<GrantKeeper>();
        services.AddSingleton<GenerationAccess>();

        services.AddSingleton<GenerationNotifications>();
        services.AddSingleton<GenerationLedger>();
        services.AddSingleton<GenerationGauges>();
        services.AddSingleton<OpenGenerations>();
        services.AddSingleton<IHeartbeatPart>(static provider => provider.GetRequiredService<OpenGenerations>());
        services.AddSingleton<UnansweredRequests>();
        services.TryAddSingleton(static _ => new RepeatWindow(TimeSpan.FromMinutes(15)));
        services.AddSingleton<GenerationLeases>();
        services.AddSingleton<IHeartbeatPart>(static provider => provider.GetRequiredService<GenerationLeases>());
        services.AddSingleton<FairScheduler>();
        services.AddSingleton<GenerationQueue>();
        services.AddSingleton<InFlightLimit>();
        services.AddSingleton<DirectRuns>();
        services.AddSingleton<RunFiles>();

        services.AddSingleton<RequestFiles>();
        services.AddSingleton<RequestResolver>();
        services.AddSingleton<IntakeReader>();
        services.AddSingleton<GenerationIntake>();
        services.AddSingleton<GenerationEstimates>();

        services.AddSingleton<GenerationStateWriter>();
        services.AddSingleton<DownloadLimit>();
        services.AddSingleton<PollSchedule>();
        services.AddSingleton<SubmitStep>();
        services.AddSingleton<FoundStep>();
        services.AddSingleton<EndStep>();
        services.AddSingleton<StoreStep>();

        services.AddSingleton<PredictionPoller>();
        services.AddSingleton<PollStep>();

        services.AddSingleton<OrphanFinder>();
        services.AddSingleton<OrphanSearch>();
        services.AddSingleton<RestoredRows>();

        services.AddSingleton<GenerationRemover>();
        services.AddSingleton<GenerationFinisher>();
        services.AddSingleton<CancelAndDelete>();

        services.AddOptions<BinOptions>().BindConfiguration(BinOptions.Section);
        services.AddSingleton<BinClock>();
        services.AddSingleton<BinReader>();
        services.AddSingleton<ImageBin>();
        services.AddSingleton<BinSweep>();
        services.AddSingleton<GenerationRetention>();

        services.AddSingleton<GenerationWorkflow>();
        services.AddSingleton<StartupTakeover>();
        services.AddSingleton<RunSource>();
        services.AddSingleton<GenerationWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<GenerationWorker>());
        services.AddSingleton<PredictionInbox>();
        services.AddSingleton<IChangeListener>(static provider => provider.GetRequiredService<PredictionInbox>());
        services.AddHostedService(static provider => provider.GetRequiredService<PredictionInbox>());
        services.AddSingleton<IChangeListener, WorkElsewhere>();
        services.AddSingleton<PredictionWebhooks>();

        services.AddSingleton<ListenerLimit>();
        services.AddSingleton<GenerationWaits>();
        services.AddSingleton<FollowReports>();
        services.AddSingleton<AwaitedRows>();
        services.AddSingleton<IChangeListener>(static provider => provider.GetRequiredService<AwaitedRows>());
        services.AddHostedService(static provider => provider.GetRequiredService<AwaitedRows>());

        services.AddSingleton<GalleryReader>();
        services.AddSingleton<GalleryService>();

        services.AddSingleton<OwnFeedLog>();
        services.AddSingleton<SharedFeedLog>();
        services.AddSingleton<IFeedLog>(static provider => provider.GetRequiredService<ICluster>().IsShared
            ? provider.GetRequiredService<SharedFeedLog>()
            : provider.GetRequiredService<OwnFeedLog>());
        services.AddSingleton<FeedReader>();
        services.AddSingleton<FeedPositions>();
        services.AddSingleton<FeedBeginning>();
        services.AddSingleton<GenerationFeed>();
        services.AddSingleton<IChangeListener>(static provider => provider.GetRequiredService<GenerationFeed>());
        services.AddHostedService(provider => provider.GetRequiredService<GenerationFeed>());

        services.AddSingleton<GenerationService>();
        services.AddSingleton<OutputSelection>();
        services.AddSingleton<GenerationDeliveries>();
        services.AddSingleton<GenerationBatches>();
        return services;
    }
}
