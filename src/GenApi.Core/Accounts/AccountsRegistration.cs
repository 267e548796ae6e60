using GenApi.Core.Accounts.Audit;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Accounts.EndUsers;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Cluster;
using GenApi.Core.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Core.Accounts;

public static class AccountsRegistration
{
    /// <summary>
    /// Adds accounts and their settings (section <c>Accounts</c>). It needs the database. The keys are loaded after the migration, before
    /// Webhooks starts to sign with secrets derived from them.
    /// </summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<AccountsOptions, AccountsOptionsValidator>().BindConfiguration(AccountsOptions.Section);
        services.AddSingleton<AuditLog>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<NewKeys>();
        services.AddSingleton<KeyWatch>();
        services.AddHostedService(static provider => provider.GetRequiredService<KeyWatch>());
        services.AddSingleton<IChangeListener>(static provider => provider.GetRequiredService<KeyWatch>());
        services.AddSingleton<AccountSecrets>();
        services.AddSingleton<WebhookSecretsOf>(provider => provider.GetRequiredService<AccountSecrets>().Signing);
        services.AddSingleton<BudgetReservations>();
        services.AddSingleton<UsageCounts>();
        services.AddSingleton<EndUserNames>();
        services.AddHostedService<UsageFlush>();
        services.AddSingleton<UsageReports>();
        return services;
    }
}
