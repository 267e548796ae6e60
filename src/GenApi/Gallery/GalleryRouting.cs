using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Generations.Gallery;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Persistence;
using GenApi.Generations;

namespace GenApi.Gallery;

internal static class GalleryRouting
{
    public static IEndpointRouteBuilder MapGallery(this IEndpointRouteBuilder routes)
    {
        // Resolved once here: parameters of the handlers would open a service scope for each request.
        var services = routes.ServiceProvider;
        var cursors = services.GetRequiredService<PageCursors>();
        var endpoints = new GalleryEndpoints(
            services.GetRequiredService<GalleryService>(),
            new GalleryRendering(services.GetRequiredService<GenerationRendering>(), cursors),
            services.GetRequiredService<ModelGuide>(), cursors);

        var group = routes.MapGroup("/images");
        group.MapGet("", (Delegate)endpoints.ListAsync).Needs(KeyRights.Read).DocumentList();
        // No id is called "tags".
        group.MapGet("/tags", (Delegate)endpoints.TagsAsync).Needs(KeyRights.Read).DocumentTags();
        group.MapGet("/{id}/tags", endpoints.TagsOfImageAsync).Needs(KeyRights.Read).DocumentTagsOfImage();
        group.MapPut("/{id}/tags/{tag}", endpoints.TagAsync).Needs(KeyRights.Generate).DocumentTag();
        group.MapDelete("/{id}/tags/{tag}", endpoints.UntagAsync).Needs(KeyRights.Generate).DocumentUntag();
        return routes;
    }
}
