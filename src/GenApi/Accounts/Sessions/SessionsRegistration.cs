using GenApi.Core.Accounts;
using GenApi.Core.Persistence;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace GenApi.Accounts.Sessions;

internal static class SessionsRegistration
{
    /// <summary>The name under which data protection derives its keys. Another one would end every session.</summary>
    private const string Application = "GenApi";

    public static void AddSessions(this IServiceCollection services)
    {
        services.AddSingleton<ForeignPages>();
        services.AddSingleton<BrowserSessions>();
        services.AddSingleton<SessionKeyFiles>();
        services.AddDataProtection().SetApplicationName(Application);
        services.AddSingleton<SessionKeyRows>();
        services.AddOptions<KeyManagementOptions>().Configure<IServiceProvider>(static (keys, provider) =>
            keys.XmlRepository = PersistenceRegistration.IsPostgres(provider)
                ? provider.GetRequiredService<SessionKeyRows>()
                : provider.GetRequiredService<SessionKeyFiles>());
        services.AddHostedService<SessionKeyRows.FirstKey>();
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.HeaderName = BrowserSessions.TokenHeader;
            antiforgery.SuppressReadingTokenFromFormBody = true;
            // Every answer has a stricter one.
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        services.AddOptions<AntiforgeryOptions>().Configure<IHttpContextAccessor>(
            (antiforgery, contexts) => antiforgery.Cookie = Cookie(SessionCookie.AntiForgery, contexts));
        services.AddOptions<CookieAuthenticationOptions>(SessionCookie.Session)
            .Configure<IHttpContextAccessor, IDataProtectionProvider, IOptions<AccountsOptions>, TimeProvider>(Configure);
        LoadKeysLate(services);
    }

    private static void Configure(
        CookieAuthenticationOptions session, IHttpContextAccessor contexts, IDataProtectionProvider protection,
        IOptions<AccountsOptions> accounts, TimeProvider time)
    {
        session.Cookie = Cookie(SessionCookie.Session, contexts);
        session.CookieManager = new ChunkingCookieManager();
        session.TicketDataFormat = new TicketDataFormat(protection.CreateProtector("GenApi.Accounts.Sessions", "v1"));
        session.ExpireTimeSpan = TimeSpan.FromDays(accounts.Value.SessionDays);
        session.SlidingExpiration = true;
        session.TimeProvider = time;
        session.Events.OnCheckSlidingExpiration = static check =>
        {
            check.ShouldRenew &= BrowserSessions.Renews(check.Request);
            return Task.CompletedTask;
        };
    }

    private static SessionCookie Cookie(string name, IHttpContextAccessor contexts) => new(name, contexts)
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        SecurePolicy = CookieSecurePolicy.SameAsRequest,
        IsEssential = true,
    };

    /// <summary>
    /// Removes the service by which data protection reads its keys, or makes the first one, at every start. Most installations never need
    /// them, and the others need them at the first sign-in.
    /// </summary>
    private static void LoadKeysLate(IServiceCollection services)
    {
        var platform = typeof(DataProtectionOptions).Assembly;
        foreach (var each in services.Where(each => each.ServiceType == typeof(IHostedService)
            && each.ImplementationType?.Assembly == platform).ToList())
            services.Remove(each);
    }
}
