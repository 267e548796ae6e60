using GenApi.Core.Accounts.Audit;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Accounts;

public static class AccountsRegistration
{
    /// <summary>Needs the database; the keys are loaded after the migration, and before Webhooks starts to send what they have secrets for.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<AccountsOptions, AccountsOptionsValidator>().BindConfiguration(AccountsOptions.Section);
        services.AddSingleton<AuditLog>();
        services.AddSingleton<ApiKeys>();
        services.AddHostedService<KeyWatch>();
        services.AddSingleton(provider => new AccountSecrets(
            provider.GetRequiredService<ApiKeys>(), provider.GetRequiredService<WebhookSecrets>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<WebhookSecretsOf>(provider => provider.GetRequiredService<AccountSecrets>().Signing);
        services.AddSingleton(provider => new BudgetReservations(
            provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>(), provider.GetRequiredService<IOptions<AccountsOptions>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<UsageCounts>();
        services.AddHostedService<UsageFlush>();
        services.AddSingleton(provider => new UsageReports(
            provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>(), provider.GetRequiredService<UsageCounts>(), provider.GetRequiredService<ApiKeys>()));
        return services;
    }
}
