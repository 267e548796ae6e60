using GenApi.Core.Models.Catalogue;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Prices;
using GenApi.Core.Models.Settings;
using GenApi.Core.Models.Timings;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Models;

public static class ModelsRegistration
{
    /// <summary>The catalogue and its refreshing; after <c>AddPersistence</c> and <c>AddReplicate</c>.</summary>
    public static IServiceCollection AddModels(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<ModelOptions>();
        services.AddSingleton<IConfigureOptions<ModelOptions>, ModelOptionsSetup>();
        services.AddSingleton<IValidateOptions<ModelOptions>, ModelOptionsSetup>();
        services.AddSingleton<MaskPolarity>();
        services.AddSingleton<ModelSource>();
        services.AddSingleton(provider => new ModelCatalogue(
            provider.GetRequiredService<IOptions<ModelOptions>>(),
            provider.GetRequiredService<ModelSource>(),
            provider.GetRequiredService<SteadyClock>(),
            provider.GetRequiredService<ILogger<ModelCatalogue>>()));
        services.AddSingleton(provider => new ModelTimes(
            provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>(),
            provider.GetRequiredService<DatabaseWriter>(),
            provider.GetRequiredService<ReplicateUpstream>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<SteadyClock>()));
        services.AddSingleton(provider => new Pricing(provider.GetRequiredService<IOptions<ModelOptions>>(), provider.GetRequiredService<ModelTimes>()));
        services.AddSingleton<ModelDescriptions>();
        services.AddSingleton<ModelStatistics>();
        services.AddSingleton(provider => new ModelGuide(
            provider.GetRequiredService<IOptions<ModelOptions>>(),
            provider.GetRequiredService<ModelCatalogue>(),
            provider.GetRequiredService<ModelSource>(),
            provider.GetRequiredService<ModelDescriptions>(),
            provider.GetRequiredService<ModelStatistics>()));
        services.AddHostedService<ModelRefresher>();
        return services;
    }
}
