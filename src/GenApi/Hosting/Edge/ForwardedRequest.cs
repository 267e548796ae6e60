using GenApi.Hosting.Settings;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace GenApi.Hosting.Edge;

/// <summary>
/// Applies the headers of known proxies more strictly than the platform, which accepts any word as a scheme and any text after a slash as a
/// prefix. Both become part of addresses in answers.
/// </summary>
internal sealed class ForwardedRequest
{
    private const string OriginalPrefix = "X-Original-Prefix";

    private readonly ForwardedHeadersMiddleware _platform;
    private readonly bool _takesPrefix;

    /// <param name="proxies">The proxies whose headers count.</param>
    /// <param name="takesPrefix">Whether <c>X-Forwarded-Prefix</c> counts.</param>
    /// <param name="logs">For the platform's middleware.</param>
    public ForwardedRequest(IReadOnlyList<System.Net.IPNetwork> proxies, bool takesPrefix, ILoggerFactory logs)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost
                | (takesPrefix ? ForwardedHeaders.XForwardedPrefix : ForwardedHeaders.None),
            // From the last proxy back to the first unknown one. Anyone can have written the entries before that one.
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
        // The platform removes the header without a trace, but a request from a proxy must remain recognizable as one.
        request.Headers[OriginalPrefix] = "/";
        var isGood = PathPrefix.TryParse(request.PathBase.Value, out var prefix);
        request.PathBase = default;
        if (isGood && prefix.HasValue)
            PathPrefix.Apply(request, prefix);
    }
}
