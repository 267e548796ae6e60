using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Core.Accounts;

public static class AccountsRegistration
{
    /// <summary>Needs the database; the keys are loaded after the migration.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<AccountsOptions, AccountsOptionsValidator>().BindConfiguration(AccountsOptions.Section);
        services.AddSingleton<ApiKeys>();
        services.AddHostedService<KeyWatch>();
        return services;
    }
}
