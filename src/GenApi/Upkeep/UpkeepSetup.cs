namespace GenApi.Upkeep;

internal static class UpkeepSetup
{
    public static IServiceCollection AddUpkeepHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<StoreSpaceCheck>("store");
        return services;
    }
}
