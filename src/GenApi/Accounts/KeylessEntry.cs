using System.Net;
using GenApi.Core.Accounts;
using GenApi.Hosting;
using Microsoft.Extensions.Options;

namespace GenApi.Accounts;

/// <summary>
/// What a caller without a key must be like. A browser on this machine carries out what foreign pages tell it, so such a caller may not come by a name that
/// a stranger could point here (DNS rebinding), nor change anything from a page of another origin.
/// </summary>
internal sealed class KeylessEntry(IOptions<AccountsOptions> options, IOptions<HostingOptions> hosting)
{
    private const string HowToAllow = "Send an API key, or name the host in Accounts:AllowedHosts.";

    private readonly HashSet<string> _allowed = new(options.Value.AllowedHosts.Select(host => host.TrimEnd('.')), StringComparer.OrdinalIgnoreCase);

    private readonly string[] _origins = hosting.Value.Origins();

    // Nearly everybody comes by the same name.
    private volatile string _lastLocal = "localhost";
    private volatile string _lastAnonymous = "localhost";

    /// <summary>While there are no keys: only from this machine, by a name of this machine.</summary>
    /// <returns>Why not; null: it may come in.</returns>
    public string? RefuseLocal(HttpContext context)
    {
        if (!IsLoopback(context.Connection.RemoteIpAddress) || !IsLoopback(context.Connection.LocalIpAddress) || WasForwarded(context.Request.Headers))
            return "There are no API keys yet, so only this machine itself may come in. Make a key: genapi keys create --name … --admin.";
        var host = context.Request.Host.Value ?? "";
        if (host != _lastLocal)
        {
            if (!IsLocalName(NameOf(context.Request)))
                return $"There are no API keys yet, so only names of this machine such as localhost are served. {HowToAllow}";
            _lastLocal = host;
        }
        return RefuseOrigin(context.Request, host);
    }

    /// <summary>Where callers without a key are welcome: by an address, a name without a dot, or one that is allowed.</summary>
    /// <returns>Why not; null: it may come in.</returns>
    public string? RefuseAnonymous(HttpContext context)
    {
        var host = context.Request.Host.Value ?? "";
        if (host != _lastAnonymous)
        {
            var name = NameOf(context.Request);
            if (name.Contains('.', StringComparison.Ordinal) && !IPAddress.TryParse(name, out _) && !IsLocalName(name))
                return $"Callers without a key may not come by the name '{name}', which a foreign page could point here. {HowToAllow}";
            _lastAnonymous = host;
        }
        return RefuseOrigin(context.Request, host);
    }

    private string? RefuseOrigin(HttpRequest request, string host)
    {
        var origin = request.Headers.Origin;
        if (origin.Count == 0 || HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
            return null;
        // Behind a proxy the scheme may differ; a stranger's page can't have the same host.
        var text = origin.ToString().AsSpan();
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        return scheme >= 0 && text[(scheme + 3)..].Equals(host, StringComparison.OrdinalIgnoreCase) || _origins.Contains(origin.ToString(), StringComparer.OrdinalIgnoreCase)
            ? null
            : "A page of another origin may not change anything without an API key.";
    }

    private static string NameOf(HttpRequest request) => request.Host.Host.TrimEnd('.');

    private bool IsLocalName(string name) => name.Length == 0
        || name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(name, out var address) && IsLoopback(address))
        || _allowed.Contains(name);

    // Null: a Unix socket.
    private static bool IsLoopback(IPAddress? address) => address is null || IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    /// <summary>A proxy on this machine brings in the whole world. The last of these is what stands there once a known proxy has been believed.</summary>
    private static bool WasForwarded(IHeaderDictionary headers) => headers.ContainsKey("X-Forwarded-For") || headers.ContainsKey("Forwarded") || headers.ContainsKey("X-Real-IP") || headers.ContainsKey("X-Original-For");
}
