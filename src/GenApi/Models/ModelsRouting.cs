using GenApi.Core.Models;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Options;

namespace GenApi.Models;

internal static class ModelsRouting
{
    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var endpoints = new ModelEndpoints(
            services.GetRequiredService<ModelGuide>(), services.GetRequiredService<ReplicateUpstream>(), services.GetRequiredService<IOptions<ModelOptions>>().Value.Default);

        var group = routes.MapGroup("/models");
        group.MapGet("", (Delegate)endpoints.ListAsync).DocumentList();
        group.MapGet("/{alias}", endpoints.GetByAliasAsync).DocumentGetByAlias();
        group.MapGet("/{owner}/{name}", endpoints.GetByNameAsync).DocumentGetByName();
        group.MapGet("/{alias}/versions", endpoints.ListVersionsByAliasAsync).DocumentVersionsByAlias();
        group.MapGet("/{owner}/{name}/versions", endpoints.ListVersionsByNameAsync).DocumentVersionsByName();
        return routes;
    }
}
