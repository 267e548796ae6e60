using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace GenApi.Images;

internal static class ImagesRegistration
{
    public static IServiceCollection AddImageEndpoints(this IServiceCollection services)
    {
        services.AddOptions<ImagesOptions>().BindConfiguration(ImagesOptions.Section);
        services.AddSingleton(provider => new ImageLinks(
            provider.GetRequiredService<DataDirectory>(), TimeSpan.FromMinutes(provider.GetRequiredService<IOptions<ImagesOptions>>().Value.LinkMinutes)));
        services.AddHostedService(provider => provider.GetRequiredService<ImageLinks>());
        return services;
    }

    public static IEndpointRouteBuilder MapImages(this IEndpointRouteBuilder routes)
    {
        var setting = routes.ServiceProvider.GetRequiredService<IOptions<ImagesOptions>>().Value.CacheControl;
        if (!ImagesOptions.CacheControls.Contains(setting, StringComparer.OrdinalIgnoreCase))
            throw new SettingException("Images:CacheControl", $"'{setting}' is not known. Allowed: {string.Join(", ", ImagesOptions.CacheControls)}.");
        // Taken once here and not as parameters of the handler: that would open a scope of services for each request.
        var library = routes.ServiceProvider.GetRequiredService<ImageLibrary>();
        var endpoints = new ImageEndpoints(
            library,
            routes.ServiceProvider.GetRequiredService<GenerationSight>(),
            routes.ServiceProvider.GetRequiredService<UseCounts>(),
            routes.ServiceProvider.GetRequiredService<LostPictures>(),
            $"{setting.ToLowerInvariant()}, max-age=31536000, immutable");
        var link = new LinkReader(routes.ServiceProvider.GetRequiredService<ImageLinks>(), routes.ServiceProvider.GetRequiredService<TimeProvider>());
        Document(routes.MapGet("/images/{id}", endpoints.GetAsync).Needs(KeyRights.Read, link.Read));
        routes.MapMethods("/images/{id}", [HttpMethods.Head], endpoints.GetAsync).Needs(KeyRights.Read, link.Read).ExcludeFromDescription();
        return routes;
    }

    private static void Document(RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetImage", "Images", "Get an image", "The bytes as the model made them. They never change, so an answer may be kept for good. A `url` of an image that carries `expires` and `sig` needs no key.")
        .Path("id", "`img_…`; an extension may follow (`img_….png`).")
        .Query("expires", JsonSchemaType.Integer, "Until when the link holds, in Unix seconds; part of the `url` that an answer gave.")
        .Query("sig", JsonSchemaType.String, "The link's signature; part of the same.")
        .Query("download", JsonSchemaType.Boolean, "Given at all: a browser saves the image instead of showing it.")
        .Header("Range", "Such as `bytes=0-1023`.")
        .Header("If-None-Match", "An `ETag` from before.")
        .Answer(200, "The whole image, of its own type: png, jpeg, webp, avif, gif or svg.", "image/png",
            ("ETag", "The SHA-256 of the bytes."), ("Cache-Control", "`max-age=31536000, immutable`; by a signed link no longer than it holds."), ("Content-Disposition", "Words of the prompt and the seed."))
        .Answer(206, "A part of it.", "image/png", ("Content-Range", "Which part."))
        .Answer(304, "The caller has it.")
        .Problems(ErrorKind.NotFound, ErrorKind.BlobMissing)
        .BareProblems(StatusCodes.Status412PreconditionFailed, StatusCodes.Status416RangeNotSatisfiable);
}
