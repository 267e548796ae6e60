using GenApi.Core.Errors;
using GenApi.Core.Images;
using Microsoft.Extensions.Options;

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
        var endpoints = new ImageEndpoints(library, $"{setting.ToLowerInvariant()}, max-age=31536000, immutable");
        routes.MapGet("/images/{id}", endpoints.GetAsync)
            .WithName("GetImage").WithTags("Images")
            .Produces(StatusCodes.Status200OK, contentType: "image/png",
                additionalContentTypes: ["image/jpeg", "image/webp", "image/avif", "image/gif", "image/svg+xml"])
            .Produces(StatusCodes.Status206PartialContent)
            .Produces(StatusCodes.Status304NotModified)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status416RangeNotSatisfiable);
        routes.MapMethods("/images/{id}", [HttpMethods.Head], endpoints.GetAsync).ExcludeFromDescription();
        return routes;
    }
}
