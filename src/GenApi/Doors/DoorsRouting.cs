using GenApi.Core.Generations;
using GenApi.Doors.Automatic1111;
using GenApi.Doors.Mcp;
using GenApi.Doors.OpenAi;
using GenApi.Doors.OpenAi.Edits;
using GenApi.Doors.Repeats;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using GenApi.Doors.Replicate;
using GenApi.Doors.Replicate.Catalogue;
using Microsoft.Extensions.Options;

namespace GenApi.Doors;

/// <summary>Puts the doors together: the addresses at which the service speaks the languages of other APIs.</summary>
internal static class DoorsRouting
{
    public static IServiceCollection AddDoors(this IServiceCollection services)
    {
        services.AddOptions<DoorsOptions>().BindConfiguration(DoorsOptions.Section);
        services.Configure<KestrelServerOptions>(ConnectionEnds.Follow);
        services.AddSingleton(static provider =>
            new RepeatWindow(TimeSpan.FromMinutes(provider.GetRequiredService<IOptions<DoorsOptions>>().Value.RepeatMinutes)));
        services.AddSingleton<DoorLinks>();
        services.AddReplicateDoor();
        services.AddSingleton<DoorImages>();
        services.AddSingleton<DoorFiles>();
        services.AddSingleton<DoorRuns>();
        services.AddOpenAiDoor();
        services.AddOpenAiEdits();
        services.AddAutomatic1111Door();
        services.AddMcpDoor();
        return services;
    }

    public static IEndpointRouteBuilder MapDoors(this IEndpointRouteBuilder routes)
    {
        // A wrong setting stops the start.
        _ = routes.ServiceProvider.GetRequiredService<DoorLinks>();
        routes.MapReplicateDoor();
        routes.MapReplicateCatalogue();
        routes.MapOpenAiDoor();
        routes.MapOpenAiEdits();
        routes.MapAutomatic1111Door();
        routes.MapMcpDoor();
        return routes;
    }
}
