namespace GenApi.Maintenance;

internal static class MaintenanceSetup
{
    public static IServiceCollection AddUpkeepHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<StoreSpaceCheck>("store");
        return services;
    }
}
