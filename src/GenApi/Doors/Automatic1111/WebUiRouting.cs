using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Hosting.Problems;

namespace GenApi.Doors.Automatic1111;

/// <summary>The door for programs that speak the API of AUTOMATIC1111's Stable Diffusion web UI.</summary>
internal static class WebUiRouting
{
    public const string Prefix = "/sdapi";

    /// <summary>Lists of what GenApi has none of. Clients ask for them when they connect.</summary>
    private static readonly string[] EmptyLists =
    [
        "latent-upscale-modes", "sd-vae", "sd-modules", "loras", "hypernetworks", "prompt-styles", "face-restorers", "realesrgan-models",
        "script-info", "extensions",
    ];

    /// <summary>Acts that have nothing to do here, because every list is up to date and no model is held in memory.</summary>
    private static readonly string[] NoActs =
        ["refresh-checkpoints", "refresh-vae", "refresh-loras", "refresh-embeddings", "unload-checkpoint", "reload-checkpoint"];

    public static IServiceCollection AddAutomatic1111Door(this IServiceCollection services) => services
        .AddSingleton<ProblemForm, WebUiProblemForm>()
        .AddSingleton<ChosenModels>()
        .AddSingleton<WebUiJobs>()
        .AddSingleton<WebUiAnswer>()
        .AddSingleton<WebUiImages>()
        .AddSingleton<WebUiLists>()
        .AddSingleton<WebUiOptions>()
        .AddSingleton<WebUiProgressEndpoints>()
        .AddSingleton<PngInfoEndpoint>();

    public static IEndpointRouteBuilder MapAutomatic1111Door(this IEndpointRouteBuilder routes)
    {
        // Resolved once here: parameters of the handlers would open a service scope for each request.
        var services = routes.ServiceProvider;
        var group = routes.MapGroup($"{Prefix}/v1").ExcludeFromDescription().AlsoTakes(KeyScheme.Basic);
        var images = services.GetRequiredService<WebUiImages>();
        group.MapPost("/txt2img", images.TextToImageAsync).Needs(KeyRights.Generate);
        group.MapPost("/img2img", images.ImageToImageAsync).Needs(KeyRights.Generate);
        var lists = services.GetRequiredService<WebUiLists>();
        group.MapGet("/sd-models", lists.ModelsAsync).Needs(KeyRights.Read);
        group.MapGet("/samplers", WebUiLists.SamplersAsync).Needs(KeyRights.Read);
        group.MapGet("/schedulers", WebUiLists.SchedulersAsync).Needs(KeyRights.Read);
        group.MapGet("/upscalers", WebUiLists.UpscalersAsync).Needs(KeyRights.Read);
        group.MapGet("/embeddings", WebUiLists.EmbeddingsAsync).Needs(KeyRights.Read);
        group.MapGet("/scripts", WebUiLists.ScriptsAsync).Needs(KeyRights.Read);
        group.MapGet("/cmd-flags", WebUiLists.DoneAsync).Needs(KeyRights.Read);
        foreach (var name in EmptyLists)
            group.MapGet($"/{name}", WebUiLists.NothingAsync).Needs(KeyRights.Read);
        foreach (var name in NoActs)
            group.MapPost($"/{name}", WebUiLists.DoneAsync).Needs(KeyRights.Read);
        var options = services.GetRequiredService<WebUiOptions>();
        group.MapGet("/options", options.GetAsync).Needs(KeyRights.Read);
        group.MapPost("/options", options.SetAsync).Needs(KeyRights.Generate);
        var progress = services.GetRequiredService<WebUiProgressEndpoints>();
        group.MapGet("/progress", progress.ProgressAsync).Needs(KeyRights.Read);
        group.MapPost("/interrupt", progress.InterruptAsync).Needs(KeyRights.Generate);
        group.MapPost("/skip", progress.InterruptAsync).Needs(KeyRights.Generate);
        group.MapPost("/png-info", services.GetRequiredService<PngInfoEndpoint>().ReadAsync).Needs(KeyRights.Read);
        return routes;
    }
}
