namespace GenApi.Doors;

/// <summary>Puts the doors together: the addresses at which the service speaks the languages of other APIs.</summary>
internal static class DoorsRouting
{
    public static IServiceCollection AddDoors(this IServiceCollection services)
    {
        services.AddOptions<DoorsOptions>().BindConfiguration(DoorsOptions.Section);
        return services;
    }

    public static IEndpointRouteBuilder MapDoors(this IEndpointRouteBuilder routes)
    {
        return routes;
    }
}
