using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Hosting.Problems;
using Microsoft.Extensions.Options;

namespace GenApi.Doors.OpenAi;

/// <summary>The OpenAI Images API under <c>/v1</c>.</summary>
internal static class OpenAiRouting
{
    public static IServiceCollection AddOpenAiDoor(this IServiceCollection services)
    {
        services.AddSingleton<IConfigureOptions<OpenAiOptions>, OpenAiOptionsSetup>();
        services.AddSingleton<IValidateOptions<OpenAiOptions>, OpenAiOptionsSetup>();
        services.AddOptions<OpenAiOptions>().ValidateOnStart();
        services.AddSingleton<ProblemForm, OpenAiProblemForm>();
        services.AddSingleton<OpenAiModels>();
        services.AddSingleton<ImagesCallReader>();
        services.AddSingleton<ImagesRequests>();
        services.AddSingleton<ImagesAnswers>();
        services.AddSingleton<ImagesStream>();
        services.AddSingleton<ImagesBatches>();
        services.AddSingleton<ImagesRoute>();
        services.AddSingleton<GenerationsEndpoint>();
        services.AddSingleton<ModelEndpoints>();
        return services;
    }

    public static IEndpointRouteBuilder MapOpenAiDoor(this IEndpointRouteBuilder routes)
    {
        // Resolved once here: parameters of the handlers would open a service scope for each request.
        var services = routes.ServiceProvider;
        var generations = services.GetRequiredService<GenerationsEndpoint>();
        var batches = services.GetRequiredService<ImagesBatches>();
        var models = services.GetRequiredService<ModelEndpoints>();
        // The description of these routes is OpenAI's own.
        var door = routes.MapGroup("/v1").ExcludeFromDescription();
        door.MapPost("/images/generations", (Delegate)generations.PostAsync).Needs(KeyRights.Generate);
        door.MapGet("/images/generations/{id}", batches.GetAsync).Needs(KeyRights.Read);
        door.MapGet("/models", (Delegate)models.ListAsync).Needs(KeyRights.Read);
        door.MapGet("/models/{**id}", models.GetAsync).Needs(KeyRights.Read);
        return routes;
    }
}
