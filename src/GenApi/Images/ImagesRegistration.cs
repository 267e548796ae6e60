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
        routes.MapOutputs(PublicId.Image, "/images/{id}", setting, DocumentImage);
        routes.MapOutputs(PublicId.File, "/files/{id}", setting, DocumentFile);
        return routes;
    }

    private static void MapOutputs(this IEndpointRouteBuilder routes, string prefix, string pattern, string cacheControl, Action<RouteHandlerBuilder> document)
    {
        // Taken once here and not as parameters of the handler: that would open a scope of services for each request.
        var services = routes.ServiceProvider;
        var endpoints = new ImageEndpoints(
            services.GetRequiredService<ImageLibrary>(), services.GetRequiredService<GenerationSight>(), services.GetRequiredService<UseCounts>(),
            services.GetRequiredService<LostPictures>(), $"{cacheControl.ToLowerInvariant()}, max-age=31536000, immutable", prefix == PublicId.Image);
        var link = new LinkReader(services.GetRequiredService<ImageLinks>(), services.GetRequiredService<TimeProvider>(), prefix);
        document(routes.MapGet(pattern, endpoints.GetAsync).Needs(KeyRights.Read, link.Read));
        routes.MapMethods(pattern, [HttpMethods.Head], endpoints.GetAsync).Needs(KeyRights.Read, link.Read).ExcludeFromDescription();
    }

    private static void DocumentImage(RouteHandlerBuilder route) => Served(new OperationDocs(route)
        .Is("GetImage", "Images", "Get an image", "The bytes as the model made them. They never change, so an answer may be kept for good. A `url` of an image that carries `expires` and `sig` needs no key.")
        .Path("id", "`img_…`; an extension may follow (`img_….png`)."), "image")
        .Answer(200, "The whole image, of its own type: png, jpeg, webp, avif, gif, svg or another that the model chose. An SVG is a download, because it can hold script.", "image/png",
            ("ETag", "The SHA-256 of the bytes."), ("Cache-Control", "`max-age=31536000, immutable`; by a signed link no longer than it holds."), ("Content-Disposition", "Words of the prompt and the seed."))
        .Answer(206, "A part of it.", "image/png", ("Content-Range", "Which part."))
        .Answer(304, "The caller has it.")
        .Problems(ErrorKind.NotFound, ErrorKind.BlobMissing)
        .BareProblems(StatusCodes.Status412PreconditionFailed, StatusCodes.Status416RangeNotSatisfiable);

    private static void DocumentFile(RouteHandlerBuilder route) => Served(new OperationDocs(route)
        .Is("GetFile", "Files", "Get a file", "The bytes of an output that is no picture, as the model made them. They never change, so an answer may be kept for good. A `url` of a file that carries `expires` and `sig` needs no key.")
        .Path("id", "`fil_…`; an extension may follow (`fil_….mp4`)."), "file")
        .Answer(200, "The whole file, of its own type. Video, sound, plain text and JSON are shown by a browser; everything else is a download.", "application/octet-stream",
            ("ETag", "The SHA-256 of the bytes."), ("Cache-Control", "`max-age=31536000, immutable`; by a signed link no longer than it holds."), ("Content-Disposition", "Words of the prompt and the seed."))
        .Answer(206, "A part of it.", "application/octet-stream", ("Content-Range", "Which part."))
        .Answer(304, "The caller has it.")
        .Problems(ErrorKind.NotFound, ErrorKind.BlobMissing)
        .BareProblems(StatusCodes.Status412PreconditionFailed, StatusCodes.Status416RangeNotSatisfiable);

    private static OperationDocs Served(OperationDocs docs, string what) => docs
        .Query("expires", JsonSchemaType.Integer, "Until when the link holds, in Unix seconds; part of the `url` that an answer gave.")
        .Query("sig", JsonSchemaType.String, "The link's signature; part of the same.")
        .Query("download", JsonSchemaType.Boolean, $"Given at all: a browser saves the {what} instead of showing it.")
        .Header("Range", "Such as `bytes=0-1023`.")
        .Header("If-None-Match", "An `ETag` from before.");
}
