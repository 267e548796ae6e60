using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Images.Variants;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace GenApi.Images;

internal static class ImagesRegistration
{
    public static IServiceCollection AddImageEndpoints(this IServiceCollection services)
    {
        services.AddOptions<ImagesOptions>().BindConfiguration(ImagesOptions.Section);
        services.AddSingleton(provider => new ImageLinks(
            provider.GetRequiredService<ISecretStore>(),
            TimeSpan.FromMinutes(provider.GetRequiredService<IOptions<ImagesOptions>>().Value.LinkMinutes)));
        services.AddHostedService(provider => provider.GetRequiredService<ImageLinks>());
        services.AddSingleton<LastingLinks>();
        services.AddHostedService(provider => provider.GetRequiredService<LastingLinks>());
        services.AddSingleton<LinkRotation>();
        services.AddSingleton<OutputAnswer>();
        services.AddSingleton<BlobRedirect>();
        services.AddSingleton<EmbeddedImages>();
        return services;
    }

    public static IEndpointRouteBuilder MapImages(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var setting = services.GetRequiredService<IOptions<ImagesOptions>>().Value.CacheControl;
        if (!ImagesOptions.CacheControls.Contains(setting, StringComparer.OrdinalIgnoreCase))
        {
            var allowed = string.Join(", ", ImagesOptions.CacheControls);
            throw new SettingException("Images:CacheControl", $"'{setting}' is not known. Allowed: {allowed}.");
        }
        var cacheControl = $"{setting.ToLowerInvariant()}, max-age=31536000, immutable";
        var derived = new DerivedImages(
            services.GetRequiredService<VariantLibrary>(), services.GetRequiredService<EmbeddedImages>(),
            services.GetRequiredService<ImageLibrary>(), services.GetRequiredService<OutputAnswer>(),
            services.GetRequiredService<IOptions<VariantsOptions>>().Value, cacheControl);
        routes.MapOutputs(PublicId.Image, "/images/{id}", cacheControl, derived, OutputDocs.DocumentImage);
        routes.MapOutputs(PublicId.File, "/files/{id}", cacheControl, derived, OutputDocs.DocumentFile);
        var links = new LinkEndpoints(services.GetRequiredService<LinkRotation>());
        LinkEndpoints.Document(routes.MapPost("/links/rotate", (Delegate)links.RotateAsync).Needs(KeyRights.Admin));
        return routes;
    }

    private static void MapOutputs(
        this IEndpointRouteBuilder routes, string prefix, string pattern, StringValues cacheControl, DerivedImages derived,
        Action<RouteHandlerBuilder, bool> document)
    {
        // Resolved once here: parameters of the handler would open a service scope for each request.
        var services = routes.ServiceProvider;
        var endpoints = new ImageEndpoints(
            services.GetRequiredService<ImageLibrary>(), services.GetRequiredService<GenerationAccess>(),
            services.GetRequiredService<UseCounts>(), services.GetRequiredService<MissingImages>(), derived,
            services.GetRequiredService<OutputAnswer>(), services.GetRequiredService<BlobRedirect>(), cacheControl,
            prefix == PublicId.Image);
        var link = new LinkReader(
            services.GetRequiredService<ImageLinks>(), services.GetRequiredService<LastingLinks>(),
            services.GetRequiredService<TimeProvider>(), prefix);
        document(routes.MapGet(pattern, endpoints.GetAsync).Needs(KeyRights.Read, link.Read), false);
        document(routes.MapMethods(pattern, [HttpMethods.Head], endpoints.GetAsync).Needs(KeyRights.Read, link.Read), true);
    }
}
