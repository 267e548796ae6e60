using GenApi.Core.Cluster;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Prices;
using GenApi.Core.Models.Settings;
using GenApi.Core.Models.Timings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Models;

public static class ModelsRegistration
{
    /// <summary>
    /// Adds models and their settings (section <c>Models</c>). Call it after <c>AddPersistence</c> and <c>AddReplicate</c>.
    /// </summary>
    public static IServiceCollection AddModels(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<ModelOptions>();
        services.AddSingleton<IConfigureOptions<ModelOptions>, ModelOptionsSetup>();
        services.AddSingleton<IValidateOptions<ModelOptions>, ModelOptionsSetup>();
        services.AddSingleton<MaskPolarity>();
        services.AddSingleton<ModelSource>();
        services.AddSingleton<ModelCatalogue>();
        services.AddSingleton<ModelTimes>();
        services.AddSingleton<Pricing>();
        services.AddSingleton<RunForecasts>();
        services.AddSingleton<ModelDescriptions>();
        services.AddSingleton<ModelStatistics>();
        services.AddSingleton<ModelGuide>();
        services.AddSingleton<ModelDirectory>();
        services.AddSingleton<ModelRefresher>();
        services.AddHostedService(static provider => provider.GetRequiredService<ModelRefresher>());
        services.AddSingleton<IChangeListener>(static provider => provider.GetRequiredService<ModelRefresher>());
        return services;
    }
}
