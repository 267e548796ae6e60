using GenApi.Hosting.Settings;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace GenApi.Hosting.Edge;

/// <summary>
/// Believes known proxies about where a request came from, within narrower bounds than the platform does: it takes any word for a scheme
/// and any text behind a slash for a prefix, and both become a part of addresses in answers.
/// </summary>
internal sealed class ForwardedRequest
{
    private const string OriginalPrefix = "X-Original-Prefix";

    private readonly ForwardedHeadersMiddleware _platform;
    private readonly bool _takesPrefix;

    /// <param name="proxies">Whose headers count.</param>
    /// <param name="takesPrefix">Whether <c>X-Forwarded-Prefix</c> is one of them.</param>
    /// <param name="logs">Of the platform's part.</param>
    public ForwardedRequest(IReadOnlyList<System.Net.IPNetwork> proxies, bool takesPrefix, ILoggerFactory logs)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost
                | (takesPrefix ? ForwardedHeaders.XForwardedPrefix : ForwardedHeaders.None),
            // From the last proxy back to the first one that is not known; what stands before that one anybody can have written.
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
            options.KnownIPNetworks.Add(proxy);
        _takesPrefix = takesPrefix;
        _platform = new ForwardedHeadersMiddleware(static _ => Task.CompletedTask, logs, Options.Create(options));
    }

    public void Apply(HttpContext context)
    {
        var request = context.Request;
        var scheme = request.Scheme;
        _platform.ApplyForwarders(context);
        request.Scheme = request.Scheme.ToLowerInvariant() is "http" or "https" ? request.Scheme.ToLowerInvariant() : scheme;
        if (!_takesPrefix || !request.PathBase.HasValue)
            return;
        // The platform takes the header away without a trace, and a request that came by a proxy must stay known as one.
        request.Headers[OriginalPrefix] = "/";
        var isGood = PathPrefix.TryParse(request.PathBase.Value, out var prefix);
        request.PathBase = default;
        if (isGood && prefix.HasValue)
            PathPrefix.Apply(request, prefix);
    }
}
