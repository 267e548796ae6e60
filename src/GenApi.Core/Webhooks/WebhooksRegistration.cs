using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Core.Webhooks;

public static class WebhooksRegistration
{
    /// <summary>
    /// Adds webhooks and their settings (section <c>Webhooks</c>). It needs Persistence, and a <see cref="WebhookSecretsOf"/> that works
    /// once this room starts. Call it before any feature that sends: its secrets are read first.
    /// </summary>
    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<WebhookOptions, WebhookOptionsValidator>().BindConfiguration(WebhookOptions.Section);
        services.AddSingleton<WebhookTargets>();
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton<WebhookAddress>();
        services.AddSingleton<WebhookOutbox>();
        services.AddSingleton<WebhookDeliveries>();
        services.AddSingleton<PublicAddressesOnly>();
        services.AddSingleton<WebhookSender>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookSecrets>());
        services.AddHostedService<WebhookDispatcher>();
        return services;
    }
}
