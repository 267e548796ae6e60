using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Uploads;
using Microsoft.AspNetCore.Mvc;

namespace GenApi.Doors.Replicate.Catalogue;

internal static class CatalogueRouting
{
    /// <summary>Maps everything of the Replicate door but predictions.</summary>
    public static IEndpointRouteBuilder MapReplicateCatalogue(this IEndpointRouteBuilder routes)
    {
        // Resolved once here: parameters of the handlers would open a service scope for each request.
        var services = routes.ServiceProvider;
        var models = new ModelRoutes(services.GetRequiredService<ModelDirectory>());
        var search = new SearchRoutes(services.GetRequiredService<ModelDirectory>());
        var files = new FileRoutes(services.GetRequiredService<UploadLibrary>());

        var door = routes.MapReplicateGroup();
        door.MapGet("/account", (Delegate)AccountRoute.GetAsync).Needs(KeyRights.Read);
        door.MapGet("/hardware", (Delegate)models.ListHardwareAsync).Needs(KeyRights.Read);

        door.MapGet("/models", (Delegate)models.ListAsync).Needs(KeyRights.Read);
        door.MapMethods("/models", ["QUERY"], (Delegate)search.QueryAsync).Needs(KeyRights.Read);
        door.MapGet("/search", (Delegate)search.SearchAsync).Needs(KeyRights.Read);
        door.MapGet("/models/{owner}/{name}", models.GetAsync).Needs(KeyRights.Read);
        door.MapGet("/models/{owner}/{name}/versions", models.ListVersionsAsync).Needs(KeyRights.Read);
        door.MapGet("/models/{owner}/{name}/versions/{version}", models.GetVersionAsync).Needs(KeyRights.Read);
        door.MapGet("/models/{owner}/{name}/examples", models.ListExamplesAsync).Needs(KeyRights.Read);
        door.MapGet("/models/{owner}/{name}/readme", models.GetReadmeAsync).Needs(KeyRights.Read);
        door.MapGet("/collections", (Delegate)models.ListCollectionsAsync).Needs(KeyRights.Read);
        door.MapGet("/collections/{slug}", models.GetCollectionAsync).Needs(KeyRights.Read);

        // The service's general limit is for JSON; this route accepts more.
        door.MapPost("/files", (Delegate)files.CreateAsync).Needs(KeyRights.Generate)
            .WithMetadata(new RequestSizeLimitAttribute(FileForm.MostBytes));
        door.MapGet("/files", (Delegate)files.ListAsync).Needs(KeyRights.Read);
        door.MapGet("/files/{id}", files.GetAsync).Needs(KeyRights.Read);
        door.MapGet("/files/{id}/download", files.DownloadAsync).Needs(KeyRights.Read);
        door.MapDelete("/files/{id}", files.DeleteAsync).Needs(KeyRights.Generate);
        door.MapAbsent();
        return routes;
    }
}
