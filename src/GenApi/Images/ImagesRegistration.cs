using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace GenApi.Images;

internal static class ImagesRegistration
{
    public static IServiceCollection AddImageEndpoints(this IServiceCollection services)
    {
        services.AddOptions<ImagesOptions>().BindConfiguration(ImagesOptions.Section);
        return services;
    }

    public static IEndpointRouteBuilder MapImages(this IEndpointRouteBuilder routes)
    {
        var setting = routes.ServiceProvider.GetRequiredService<IOptions<ImagesOptions>>().Value.CacheControl;
        if (!ImagesOptions.CacheControls.Contains(setting, StringComparer.OrdinalIgnoreCase))
            throw new SettingException("Images:CacheControl", $"'{setting}' is not known. Allowed: {string.Join(", ", ImagesOptions.CacheControls)}.");
        // Taken once here and not as parameters of the handler: that would open a scope of services for each request.
        var library = routes.ServiceProvider.GetRequiredService<ImageLibrary>();
        var endpoints = new ImageEndpoints(library, routes.ServiceProvider.GetRequiredService<GenerationSight>(), $"{setting.ToLowerInvariant()}, max-age=31536000, immutable");
        Document(routes.MapGet("/images/{id}", endpoints.GetAsync).Needs(KeyRights.Read));
        routes.MapMethods("/images/{id}", [HttpMethods.Head], endpoints.GetAsync).Needs(KeyRights.Read).ExcludeFromDescription();
        return routes;
    }

    private static void Document(RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetImage", "Images", "Get an image", "The bytes as the model made them. They never change, so an answer may be kept for good.")
        .Path("id", "`img_…`; an extension may follow (`img_….png`).")
        .Query("download", JsonSchemaType.Boolean, "Given at all: a browser saves the image instead of showing it.")
        .Header("Range", "Such as `bytes=0-1023`.")
        .Header("If-None-Match", "An `ETag` from before.")
        .Answer(200, "The whole image, of its own type: png, jpeg, webp, avif, gif or svg.", "image/png",
            ("ETag", "The SHA-256 of the bytes."), ("Cache-Control", "`max-age=31536000, immutable`."), ("Content-Disposition", "Words of the prompt and the seed."))
        .Answer(206, "A part of it.", "image/png", ("Content-Range", "Which part."))
        .Answer(304, "The caller has it.")
        .Problems(ErrorKind.NotFound, ErrorKind.BlobMissing)
        .BareProblems(StatusCodes.Status412PreconditionFailed, StatusCodes.Status416RangeNotSatisfiable);
}
