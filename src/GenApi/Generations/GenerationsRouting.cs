using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Cluster;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Following;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Service;
using GenApi.Core.Generations.Worker;
using GenApi.Core.Images.Metadata;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;
using GenApi.Generations.Estimates;
using GenApi.Generations.Following;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace GenApi.Generations;

internal static class GenerationsRouting
{
    public static IServiceCollection AddGenerationEndpoints(this IServiceCollection services)
    {
        services.AddSingleton<GenerationRendering>();
        services.AddSingleton<GenerationRenderer>(provider => provider.GetRequiredService<GenerationRendering>().MessageBytes);
        services.AddHealthChecks().AddCheck<WorkerCheck>("worker");
        return services;
    }

    public static IEndpointRouteBuilder MapGenerations(this IEndpointRouteBuilder routes)
    {
        // Resolved once here: parameters of the handlers would open a service scope for each request.
        var services = routes.ServiceProvider;
        var service = services.GetRequiredService<GenerationService>();
        var rendering = services.GetRequiredService<GenerationRendering>();
        var time = services.GetRequiredService<TimeProvider>();
        var endpoints = new GenerationEndpoints(
            service, new GenerationAnswers(rendering), rendering, services.GetRequiredService<IOptions<GenerationOptions>>(),
            services.GetRequiredService<ModelGuide>(), services.GetRequiredService<WebhookTargets>(),
            services.GetRequiredService<PageCursors>(), services.GetRequiredService<UnansweredRequests>(), time);
        var stream = new GenerationStream(service, rendering, time);
        var feed = new FeedStream(services.GetRequiredService<GenerationFeed>(), new FeedRendering(rendering), time);
        var images = new ImageInfoEndpoints(service, rendering, services.GetRequiredService<StoredCredentials>());

        routes.MapPost("/generate", (Delegate)endpoints.GenerateAsync).Needs(KeyRights.Generate).DocumentGenerate();
        routes.MapGet("/events", (Delegate)feed.EventsAsync).Needs(KeyRights.Read).DocumentFeed();
        routes.MapPost("/generate/estimate", (Delegate)new EstimateEndpoint(service, endpoints).PostAsync)
            .Needs(KeyRights.Generate).DocumentEstimate();
        var group = routes.MapGroup("/generations");
        group.MapGet("", (Delegate)endpoints.ListAsync).Needs(KeyRights.Read).DocumentList();
        group.MapGet("/{id}", endpoints.GetAsync).Needs(KeyRights.Read).DocumentGet();
        group.MapPost("/{id}/cancel", endpoints.CancelAsync).Needs(KeyRights.Generate).DocumentCancel();
        group.MapPost("/{id}/pin", endpoints.PinAsync).Needs(KeyRights.Generate).DocumentPin();
        group.MapDelete("/{id}/pin", endpoints.UnpinAsync).Needs(KeyRights.Generate).DocumentUnpin();
        group.MapGet("/{id}/events", stream.EventsAsync).Needs(KeyRights.Read).DocumentEvents();
        group.MapGet("/{id}/logs", endpoints.LogsAsync).Needs(KeyRights.Read).DocumentLogs();
        group.MapDelete("/{id}", endpoints.DeleteAsync).Needs(KeyRights.Generate).DocumentDelete();
        routes.MapGet("/images/{id}/info", images.GetAsync).Needs(KeyRights.Read).DocumentImageInfo();
        routes.MapDelete("/images/{id}", images.DeleteAsync).Needs(KeyRights.Generate).DocumentImageDelete();
        var files = new FileInfoEndpoints(service, rendering);
        routes.MapGet("/files/{id}/info", files.GetAsync).Needs(KeyRights.Read).DocumentFileInfo();
        routes.MapDelete("/files/{id}", files.DeleteAsync).Needs(KeyRights.Generate).DocumentFileDelete();
        return routes;
    }

    /// <summary>
    /// Checks the worker, which makes a round every second. If there was none for a while, it hangs, and no generation would end.
    /// </summary>
    private sealed class WorkerCheck(GenerationWorker worker, RunSource source, GenerationGauges gauges, ICluster cluster) : IHealthCheck
    {
        private static readonly TimeSpan Hung = TimeSpan.FromSeconds(15);

        /// <summary>A row that nothing holds back is claimed within a second, and one of a lost instance within half a minute.</summary>
        private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(5);

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var beat = worker.LastBeatAt;
            var claimable = gauges.ClaimableAge;
            var facts = new Dictionary<string, object>
            {
                ["last_beat_at"] = beat?.ToString("O") ?? "never",
                ["oldest_claimable_seconds"] = (long)claimable.TotalSeconds,
            };
            if (!(worker.SinceLastBeat < Hung))
                return Task.FromResult(HealthCheckResult.Unhealthy("The worker hangs: it has made no round.", data: facts));
            if (!cluster.IsAlive)
            {
                return Task.FromResult(HealthCheckResult.Degraded(
                    "This instance has no lease, so it runs nothing: it can't reach the database, or the database is too slow.",
                    data: facts));
            }
            return Task.FromResult(claimable > Forgotten && !source.IsHeldBack
                ? HealthCheckResult.Degraded("A generation waits although nothing holds it back: no instance claims it.", data: facts)
                : HealthCheckResult.Healthy(data: facts));
        }
    }
}
