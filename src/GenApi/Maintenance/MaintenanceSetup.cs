namespace GenApi.Maintenance;

internal static class MaintenanceSetup
{
    public static IServiceCollection AddMaintenanceHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<StoreSpaceCheck>("store");
        return services;
    }
}
