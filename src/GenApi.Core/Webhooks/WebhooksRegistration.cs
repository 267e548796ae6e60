using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Webhooks;

public static class WebhooksRegistration
{
    /// <summary>
    /// Needs Persistence, and a <see cref="WebhookSecretsOf"/> that can be asked once this room starts. Before any feature that sends: its secrets are read before theirs is
    /// the turn to start.
    /// </summary>
    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<WebhookOptions, WebhookOptionsValidator>().BindConfiguration(WebhookOptions.Section);
        services.AddSingleton<WebhookTargets>();
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton(provider => new WebhookAddress(
            provider.GetRequiredService<IOptions<WebhookOptions>>(), provider.GetRequiredService<WebhookSecrets>()));
        services.AddSingleton<WebhookOutbox>();
        services.AddSingleton(provider => new WebhookDeliveries(
            provider.GetRequiredService<DatabaseWriter>(),
            provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>(),
            provider.GetRequiredService<WebhookOutbox>()));
        services.AddSingleton<PublicAddressesOnly>();
        services.AddSingleton<WebhookSender>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookSecrets>());
        services.AddHostedService<WebhookDispatcher>();
        return services;
    }
}
