using GenApi.Core.Models.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GenApi.Core.KeepWarm;

public static class KeepWarmRegistration
{
    /// <summary>Adds keep-warm. It needs Models and Generations; its worker starts last.</summary>
    public static IServiceCollection AddKeepWarm(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<ModelOptions>, KeepWarmSettings>();
        services.AddSingleton<KeepWarmLedger>();
        services.AddSingleton<KeepWarmRecipes>();
        services.AddSingleton<KeepWarmRuns>();
        services.AddSingleton<KeepWarmPlan>();
        services.AddSingleton<KeepWarmWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<KeepWarmWorker>());
        return services;
    }
}
