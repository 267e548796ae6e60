using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Hosting.Problems;

namespace GenApi.Doors.Mcp;

internal static class McpRouting
{
    /// <summary>The address of the MCP server.</summary>
    public const string Path = "/mcp";

    public static IServiceCollection AddMcpDoor(this IServiceCollection services)
    {
        services.AddSingleton<ProblemForm, McpProblemForm>();
        services.AddSingleton<McpPackage>();
        services.AddSingleton<McpPreviews>();
        services.AddSingleton<McpResults>();
        services.AddSingleton<McpFailures>();
        services.AddSingleton<McpWaits>();
        services.AddSingleton<GenerationTools>();
        services.AddSingleton<LibraryTools>();
        services.AddSingleton<McpResources>();
        services.AddSingleton<McpCatalogue>();
        return services;
    }

    /// <summary>Each tool asks for its own right, so a key needs either of the two to come in.</summary>
    public static IEndpointRouteBuilder MapMcpDoor(this IEndpointRouteBuilder routes)
    {
        var package = routes.ServiceProvider.GetRequiredService<McpPackage>();
        routes.MapPost(Path, package.HandleAsync).Needs(KeyRights.Generate | KeyRights.Read).ExcludeFromDescription();
        return routes;
    }
}
