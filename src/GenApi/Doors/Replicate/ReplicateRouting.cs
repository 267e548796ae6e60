using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Service;
using GenApi.Core.Images;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;
using GenApi.Hosting.Problems;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GenApi.Doors.Replicate;

internal static class ReplicateRouting
{
    public static IServiceCollection AddReplicateDoor(this IServiceCollection services)
    {
        services.AddOptions<ReplicateDoorOptions>().BindConfiguration(ReplicateDoorOptions.Section);
        services.AddSingleton<ProblemForm, ReplicateProblemForm>();
        services.TryAddSingleton<DoorImages>();
        services.AddSingleton<PredictionJson>();
        services.AddSingleton<PredictionAnswers>();
        services.AddSingleton<PredictionDeadlines>();
        services.AddSingleton(provider => new DoorMessages(
            $"{ReplicateDoor.Root}/", (details, baseUrl) => provider.GetRequiredService<PredictionJson>().MessageBytes(details, baseUrl)));
        return services;
    }

    public static IEndpointRouteBuilder MapReplicateDoor(this IEndpointRouteBuilder routes)
    {
        // Resolved once here: parameters of the handlers would open a service scope for each request.
        var services = routes.ServiceProvider;
        var service = services.GetRequiredService<GenerationService>();
        var endpoints = new PredictionEndpoints(
            service, services.GetRequiredService<PredictionAnswers>(), services.GetRequiredService<PredictionDeadlines>(),
            services.GetRequiredService<ModelGuide>(), services.GetRequiredService<WebhookTargets>());
        var list = new PredictionList(service, services.GetRequiredService<PredictionJson>(), services.GetRequiredService<PageCursors>());
        var stream = new PredictionStream(
            service, services.GetRequiredService<DoorLinks>(), services.GetRequiredService<ApiKeys>(),
            services.GetRequiredService<ImageLinks>(), services.GetRequiredService<TimeProvider>());
        var secrets = services.GetRequiredService<AccountSecrets>();

        var group = routes.MapReplicateGroup();
        group.MapPost("/predictions", (Delegate)endpoints.CreateAsync).Needs(KeyRights.Generate);
        group.MapPost("/models/{owner}/{name}/predictions", endpoints.CreateForModelAsync).Needs(KeyRights.Generate);
        group.MapGet("/predictions", (Delegate)list.ListAsync).Needs(KeyRights.Read);
        group.MapGet("/predictions/{id}", endpoints.GetAsync).Needs(KeyRights.Read);
        group.MapPost("/predictions/{id}/cancel", endpoints.CancelAsync).Needs(KeyRights.Generate);
        group.MapGet("/predictions/{id}/stream", stream.StreamAsync).Needs(KeyRights.Read, stream.ReadLink);
        routes.MapGet($"{ReplicateDoor.FileStreams}{{id}}", stream.StreamAsync).AlsoTakes(KeyScheme.Token)
            .Needs(KeyRights.Read, stream.ReadLink).ExcludeFromDescription();
        group.MapGet("/webhooks/default/secret", (Delegate)((HttpContext context) => SecretAsync(context, secrets)))
            .Needs(KeyRights.Generate);
        return routes;
    }

    /// <summary>Answers with the secret that signs the webhooks of the caller's account.</summary>
    private static Task SecretAsync(HttpContext context, AccountSecrets secrets)
    {
        using var body = new DoorBody();
        body.Json.WriteStartObject();
        body.Json.WriteString("key", secrets.Get(context.Caller()).Secret);
        body.Json.WriteEndObject();
        context.Response.Headers.CacheControl = "no-store";
        return Hosting.JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, body.Text());
    }
}
