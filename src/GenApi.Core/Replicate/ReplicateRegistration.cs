using System.Diagnostics;
using System.Net;
using GenApi.Core.Diagnostics;
using GenApi.Core.Network;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate.Api;
using GenApi.Core.Replicate.Calls;
using GenApi.Core.Replicate.Outputs;
using GenApi.Core.Replicate.Reading;
using GenApi.Core.Replicate.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Timeout;
using Refit;

namespace GenApi.Core.Replicate;

public static class ReplicateRegistration
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Short enough to follow changes of DNS; the handlers themselves live as long as the process.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>A read fails where the upstream asks for a longer pause. Its caller reads again later.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(3);

    private const int MostReadRetries = 2;

    /// <summary>
    /// The time-out of one try of a read; the second try then has five of the 15 seconds of both. No read takes seconds, so a try that
    /// hangs has failed.
    /// </summary>
    private static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The pipeline for GETs only.</summary>
    private const string Reads = "reads";

    /// <summary>Connections to one delivery host.</summary>
    private const int MostDownloads = 64;

    /// <summary>
    /// Adds the upstream and its settings (section <c>Replicate</c>). The host has to choose the <see cref="ReplicateUpstream"/> before the
    /// first call.
    /// </summary>
    public static IServiceCollection AddReplicate(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GenApiMetrics>();
        services.AddOptionsWithValidateOnStart<ReplicateOptions>();
        services.AddSingleton<IConfigureOptions<ReplicateOptions>, ReplicateOptionsSetup>();
        services.AddSingleton<IValidateOptions<ReplicateOptions>, ReplicateOptionsSetup>();
        services.TryAddSingleton<SteadyClock>();
        services.AddSingleton<UpstreamClock>();
        services.AddSingleton<ReplicateUpstream>();
        services.AddSingleton<CallPortions>();
        services.AddSingleton<ReplicateRateGate>();
        services.AddSingleton<SharedUpstream>();
        services.AddHostedService(provider => provider.GetRequiredService<SharedUpstream>());
        services.AddSingleton<ReadBreaker>();

        services.AddTransient<ReplicateAuthHandler>();
        services.AddTransient<AnswerLimitHandler>();
        services.AddTransient<CreationFence>();
        services.AddSingleton<LargeAnswers>();
        services.AddSingleton<AnswerReader>();
        var api = services.AddRefitGeneratedClient<IReplicateApi>(
            static provider => new RefitSettings(provider.GetRequiredService<AnswerReader>()));
        api.ConfigureHttpClient(client =>
            {
                client.BaseAddress = ReplicateAuthHandler.Placeholder;
                client.Timeout = Timeout.InfiniteTimeSpan;
            })
            .ConfigurePrimaryHttpMessageHandler(() => Connections(
                ReplicateRateGate.Creations + ReplicateRateGate.Files + ReplicateRateGate.Others,
                DecompressionMethods.All,
                new TraceOnlyPropagator()))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();
        // From the outside in: a retried read is limited, addressed and signed again.
        // One pipeline per method, because an open breaker stops everything: creations and cancellations have none.
        api.AddResilienceHandler(Reads, RetryReads).SelectPipelineBy(_ => request => request.Method == HttpMethod.Get ? Reads : "others");
        api.AddHttpMessageHandler<AnswerLimitHandler>()
            .AddHttpMessageHandler<ReplicateAuthHandler>()
            .AddHttpMessageHandler<CreationFence>();

        services.AddHttpClient(OutputDownloader.ClientName, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(
                () => Connections(MostDownloads, DecompressionMethods.None, DistributedContextPropagator.CreateNoOutputPropagator()))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();

        services.AddSingleton(provider => new ReplicateClient(
            // The first call builds its pipeline, which makes a start without calls shorter.
            new Lazy<IReplicateApi>(provider.GetRequiredService<IReplicateApi>),
            provider.GetRequiredService<ReplicateUpstream>(),
            provider.GetRequiredService<ReplicateRateGate>(),
            provider.GetRequiredService<GenApiMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<SteadyClock>(),
            provider.GetRequiredService<UpstreamClock>(),
            provider.GetRequiredService<ILogger<ReplicateClient>>()));
        services.AddSingleton<ReplicateWebhooks>();
        services.AddHostedService(provider => provider.GetRequiredService<ReplicateWebhooks>());
        services.AddSingleton<OutputDownloader>();
        return services;
    }

    /// <summary>
    /// Makes a handler without redirects: one would take the token along, or make a second POST. The handler itself repeats a request whose
    /// kept-alive connection turns out to be closed, but only before it has written any of the body, and a creation always has a body.
    /// </summary>
    private static SocketsHttpHandler Connections(
        int perServer, DecompressionMethods decompression, DistributedContextPropagator propagator) => new()
        {
            ActivityHeadersPropagator = propagator,
            AllowAutoRedirect = false,
            AutomaticDecompression = decompression,
            ConnectTimeout = ConnectTimeout,
            MaxConnectionsPerServer = perServer,
            PooledConnectionLifetime = ConnectionLifetime,
            UseCookies = false,
        };

    /// <summary>
    /// Retries reads only. A creation costs money and is never repeated here, whatever the failure. A cancellation has five seconds and one
    /// try. A 429 is not retried either: the rate gate makes later calls wait.
    /// </summary>
    private static void RetryReads(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, ResilienceHandlerContext context)
    {
        if (context.InstanceName != Reads)
            return;
        var gate = context.ServiceProvider.GetRequiredService<ReplicateRateGate>();
        // The breaker compares times of day: a wall clock that is set back two hours would hold reads up for two hours.
        pipeline.TimeProvider = context.ServiceProvider.GetRequiredService<SteadyClock>();
        pipeline.AddRetry(new HttpRetryStrategyOptions
        {
            Name = Reads,
            MaxRetryAttempts = MostReadRetries,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(200),
            UseJitter = true,
            OnRetry = _ =>
            {
                gate.Repeated();
                return default;
            },
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Context.GetRequestMessage()?.Method == HttpMethod.Get
                    && MayPass(arguments.Outcome, pipeline.TimeProvider.GetUtcNow())),
        });
        pipeline.AddCircuitBreaker(context.ServiceProvider.GetRequiredService<ReadBreaker>().Options);
        pipeline.AddTimeout(TryTimeout);
    }

    private static bool MayPass(Outcome<HttpResponseMessage> outcome, DateTimeOffset now) => outcome switch
    {
        { Exception: HttpRequestException or TimeoutRejectedException } => true,
        { Result: { } answer } => (int)answer.StatusCode is 408 or >= 500
            && (RetryAfterHeader.Read(answer.Headers, now) is not { } wait || wait <= LongestRetryAfter),
        _ => false,
    };
}
