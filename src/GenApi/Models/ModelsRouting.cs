using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.KeepWarm;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Models.Settings;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Options;

namespace GenApi.Models;

internal static class ModelsRouting
{
    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var endpoints = new ModelEndpoints(
            services.GetRequiredService<ModelGuide>(), services.GetRequiredService<KeepWarmPlan>(),
            services.GetRequiredService<ReplicateUpstream>(), services.GetRequiredService<IOptions<ModelOptions>>().Value.Default);

        var group = routes.MapGroup("/models");
        group.MapGet("", (Delegate)endpoints.ListAsync).Needs(KeyRights.Read).DocumentList();
        group.MapGet("/{alias}", endpoints.GetByAliasAsync).Needs(KeyRights.Read).DocumentGetByAlias();
        group.MapGet("/{owner}/{name}", endpoints.GetByNameAsync).Needs(KeyRights.Read).DocumentGetByName();
        group.MapGet("/{**page}", endpoints.GetByPageAsync).Needs(KeyRights.Read).ExcludeFromDescription();
        group.MapGet("/{alias}/versions", endpoints.ListVersionsByAliasAsync).Needs(KeyRights.Read).DocumentVersionsByAlias();
        group.MapGet("/{owner}/{name}/versions", endpoints.ListVersionsByNameAsync).Needs(KeyRights.Read).DocumentVersionsByName();
        return routes;
    }
}
