using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Generations.Bin;
using GenApi.Core.Generations.Service;

namespace GenApi.Gallery.Selection;

internal static class SelectionRouting
{
    public static IEndpointRouteBuilder MapSelection(this IEndpointRouteBuilder routes)
    {
        // Resolved once here: parameters of the handlers would open a service scope for each request.
        var services = routes.ServiceProvider;
        var archive = new ArchiveEndpoint(
            services.GetRequiredService<OutputSelection>(), services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<ArchiveEndpoint>>());
        var endpoints = new SelectionEndpoints(services.GetRequiredService<ImageBin>());
        routes.MapPost("/images/archive", (Delegate)archive.PostAsync).Needs(KeyRights.Read).DocumentArchive();
        routes.MapPost("/images/delete", (Delegate)endpoints.DeleteAsync).Needs(KeyRights.Generate).DocumentDelete();
        routes.MapPost("/images/restore", (Delegate)endpoints.RestoreAsync).Needs(KeyRights.Generate).DocumentRestore();
        return routes;
    }
}
