using GenApi.Core.Errors;
using GenApi.Hosting.Logs;
using GenApi.Hosting.Settings;
using Microsoft.AspNetCore.HttpsPolicy;
using Microsoft.Extensions.Options;

namespace GenApi.Hosting.Edge;

/// <summary>
/// Sets up the outermost part of the pipeline: trusted proxies, https, and pages of other origins. Everything is closed or off until
/// <see cref="HostingOptions"/> says otherwise.
/// </summary>
internal static class EdgeSetup
{
    // The headers that a page's script may read in addition to those that every script may.
    private static readonly string[] Readable =
    [
        RequestIds.Header, "Cache-Status", "Content-Disposition", "ETag", "Link", "Location", "Preference-Applied", "RateLimit",
        "RateLimit-Policy", "Retry-After", "WWW-Authenticate", "x-should-retry",
    ];

    private static readonly TimeSpan PreflightAge = TimeSpan.FromHours(1);

    public static void AddEdge(this IServiceCollection services)
    {
        services.AddOptions<HostingOptions>().BindConfiguration(HostingOptions.Section);
        services.AddCors();
        services.AddOptions<HttpsRedirectionOptions>().Configure<IOptions<HostingOptions>>((redirection, hosting) =>
        {
            redirection.HttpsPort = hosting.Value.HttpsPort;
            // Keeps method and body.
            redirection.RedirectStatusCode = StatusCodes.Status308PermanentRedirect;
        });
    }

    /// <summary>
    /// Applies the headers of trusted proxies. It comes first: all that follows, including routing, uses the scheme, host, path and
    /// caller's address from here.
    /// </summary>
    /// <exception cref="SettingException">Hosting:PathBase or an entry of Hosting:KnownProxies can't be used.</exception>
    public static void UseProxies(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<HostingOptions>>().Value;
        var prefix = options.Prefix();
        if (options.Proxies() is { Length: > 0 } proxies)
        {
            var forwarded = new ForwardedRequest(proxies, takesPrefix: !prefix.HasValue, app.Services.GetRequiredService<ILoggerFactory>());
            app.Use(next => context =>
            {
                forwarded.Apply(context);
                return next(context);
            });
        }
        if (prefix.HasValue)
        {
            app.Use(next => context =>
            {
                PathPrefix.Apply(context.Request, prefix);
                return next(context);
            });
        }
        // Without this line, routing would run first and look for routes that begin with the prefix.
        app.UseRouting();
    }

    /// <summary>Adds security headers, https and CORS. It comes before authentication: a browser's preflight carries no key.</summary>
    /// <exception cref="SettingException">An entry of Hosting:CorsOrigins can't be used.</exception>
    public static void UseEdge(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<HostingOptions>>().Value;
        app.UseSecurityHeaders();
        if (options.HttpsPort > 0)
        {
            app.UseHsts();
            // Health checks come from inside, over http.
            app.UseWhen(context => !context.Request.Path.StartsWithSegments("/health"), inner => inner.UseHttpsRedirection());
        }
        if (options.Origins() is { Length: > 0 } origins)
        {
            app.UseCors(policy => policy.WithOrigins(origins).AllowAnyHeader().AllowAnyMethod().WithExposedHeaders(Readable)
                .SetPreflightMaxAge(PreflightAge));
        }
    }
}
