using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Images.Metadata;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;
using GenApi.Images.Reading;
using Microsoft.Extensions.Options;

namespace GenApi.Images;

internal static class ImagesRegistration
{
    public static IServiceCollection AddImageEndpoints(this IServiceCollection services)
    {
        services.AddOptions<ImagesOptions>().BindConfiguration(ImagesOptions.Section);
        services.AddSingleton(provider => new ImageLinks(
            provider.GetRequiredService<DataDirectory>(),
            TimeSpan.FromMinutes(provider.GetRequiredService<IOptions<ImagesOptions>>().Value.LinkMinutes)));
        services.AddHostedService(provider => provider.GetRequiredService<ImageLinks>());
        return services;
    }

    public static IEndpointRouteBuilder MapImages(this IEndpointRouteBuilder routes)
    {
        var setting = routes.ServiceProvider.GetRequiredService<IOptions<ImagesOptions>>().Value.CacheControl;
        if (!ImagesOptions.CacheControls.Contains(setting, StringComparer.OrdinalIgnoreCase))
        {
            var allowed = string.Join(", ", ImagesOptions.CacheControls);
            throw new SettingException("Images:CacheControl", $"'{setting}' is not known. Allowed: {allowed}.");
        }
        routes.MapOutputs(PublicId.Image, "/images/{id}", setting, OutputDocs.DocumentImage);
        routes.MapOutputs(PublicId.File, "/files/{id}", setting, OutputDocs.DocumentFile);
        routes.MapPictureReading();
        return routes;
    }

    private static void MapOutputs(
        this IEndpointRouteBuilder routes, string prefix, string pattern, string cacheControl, Action<RouteHandlerBuilder, bool> document)
    {
        // Resolved once here: parameters of the handler would open a service scope for each request.
        var services = routes.ServiceProvider;
        var answer = new OutputAnswer();
        var access = services.GetRequiredService<GenerationAccess>();
        var endpoints = new ImageEndpoints(
            services.GetRequiredService<ImageLibrary>(), access,
            services.GetRequiredService<UseCounts>(), services.GetRequiredService<MissingImages>(), answer,
            new EmbeddedImages(access, services.GetRequiredService<EmbeddedCopies>(), answer),
            $"{cacheControl.ToLowerInvariant()}, max-age=31536000, immutable", prefix == PublicId.Image);
        var link = new LinkReader(services.GetRequiredService<ImageLinks>(), services.GetRequiredService<TimeProvider>(), prefix);
        document(routes.MapGet(pattern, endpoints.GetAsync).Needs(KeyRights.Read, link.Read), false);
        document(routes.MapMethods(pattern, [HttpMethods.Head], endpoints.GetAsync).Needs(KeyRights.Read, link.Read), true);
    }
}
