using System.Net;
using GenApi.Core.Accounts;
using GenApi.Core.Network;
using GenApi.Hosting.Settings;
using Microsoft.Extensions.Options;

namespace GenApi.Accounts.Entrance;

/// <summary>
/// What a caller without a key must be like. A browser on this machine carries out what foreign pages tell it, so such a caller may not come by a name that
/// a stranger could point here (DNS rebinding), nor change anything from a page of another origin.
/// </summary>
internal sealed class KeylessEntry(IOptions<AccountsOptions> options, IOptions<HostingOptions> hosting)
{
    private const string HowToOpen = "Make a key: genapi keys create --name … --admin.";
    private const string HowToAllow = "Send an API key, or name the host in Accounts:AllowedHosts.";

    private readonly HashSet<NetworkHost> _allowed =
        [.. options.Value.AllowedHosts.Select(text => NetworkHost.TryParse(text, out var host) ? host : throw new ArgumentException($"'{text}' is no host.", nameof(options)))];

    private readonly HashSet<string> _origins = [.. hosting.Value.Origins()];

    // Nearly everybody comes by the same name.
    private volatile string _lastLocal = "localhost";
    private volatile string _lastAnonymous = "localhost";

    /// <summary>While there are no keys: only from this machine, by a name of this machine.</summary>
    /// <returns>Why not; null: it may come in.</returns>
    public string? RefuseLocal(HttpContext context)
    {
        if (!IsLoopback(context.Connection.RemoteIpAddress) || !IsLoopback(context.Connection.LocalIpAddress))
            return $"There are no API keys yet, so only this machine itself may come in. {HowToOpen}";
        // A proxy on this machine brings in the whole world.
        if (ProxyHeaders.AreIn(context.Request.Headers))
            return $"There are no API keys yet, and this request came by a proxy: only what begins on this machine may come in. {HowToOpen}";
        var host = context.Request.Host.Value ?? "";
        if (host != _lastLocal)
        {
            if (!IsLocal(context.Request.Host))
                return $"There are no API keys yet, so only names of this machine such as localhost are served. {HowToAllow}";
            _lastLocal = host;
        }
        return RefuseOrigin(context.Request);
    }

    /// <summary>Where callers without a key are welcome: by an address, a name without a dot, or one that is allowed.</summary>
    /// <returns>Why not; null: it may come in.</returns>
    public string? RefuseAnonymous(HttpContext context)
    {
        var host = context.Request.Host.Value ?? "";
        if (host != _lastAnonymous)
        {
            if (!IsLocal(context.Request.Host) && !CantBePointed(context.Request.Host))
                return $"Callers without a key may not come by the name '{context.Request.Host.Host}', which a foreign page could point here. {HowToAllow}";
            _lastAnonymous = host;
        }
        return RefuseOrigin(context.Request);
    }

    private string? RefuseOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        if (origin.Count == 0 || HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
            return null;
        return WebOrigin.TryParse(origin.ToString(), out var page) && (IsOf(page, request.Host) || _origins.Contains(page.ToString()))
            ? null
            : "A page of another origin may not change anything without an API key.";
    }

    /// <summary>Behind a proxy the scheme may differ; a stranger's page can't have the same host.</summary>
    private static bool IsOf(WebOrigin page, HostString host) =>
        NetworkHost.TryParse(host.Host, out var own) && own == page.Host && (host.Port == page.DefaultPort ? null : host.Port) == page.Port;

    private bool IsLocal(HostString host) =>
        host.Host.Length == 0 || (NetworkHost.TryParse(host.Host, out var name) && (name.IsLoopback || _allowed.Contains(name)));

    /// <summary>Only a name with a dot can be pointed at this service by somebody else.</summary>
    private static bool CantBePointed(HostString host) =>
        NetworkHost.TryParse(host.Host, out var name) && (name.Address is not null || !name.Name.Contains('.', StringComparison.Ordinal));

    // Null: a Unix socket.
    private static bool IsLoopback(IPAddress? address) => address is null || IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
