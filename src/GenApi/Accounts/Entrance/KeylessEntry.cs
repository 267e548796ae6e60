using System.Net;
using GenApi.Accounts.Sessions;
using GenApi.Core.Accounts;
using GenApi.Core.Network;
using Microsoft.Extensions.Options;

namespace GenApi.Accounts.Entrance;

/// <summary>
/// Checks a caller without a key. A browser on this machine runs the scripts of foreign pages, so such a caller may not use a host name
/// that a stranger could point here (DNS rebinding), nor change anything from a page of another origin.
/// </summary>
internal sealed class KeylessEntry(IOptions<AccountsOptions> options, ForeignPages pages)
{
    private const string HowToOpen = "Make a key: genapi keys create --name … --admin.";
    private const string HowToAllow = "Send an API key, or name the host in Accounts:AllowedHosts.";

    private readonly HashSet<NetworkHost> _allowed =
    [
        .. options.Value.AllowedHosts.Select(text =>
            NetworkHost.TryParse(text, out var host) ? host : throw new ArgumentException($"'{text}' is not a host.", nameof(options))),
    ];

    // Nearly all requests use the same host.
    private volatile string _lastLocal = "localhost";
    private volatile string _lastAnonymous = "localhost";

    /// <summary>Checks a caller while there are no keys: it must be on this machine and use a name of this machine.</summary>
    /// <returns>The reason for a refusal; null to admit the caller.</returns>
    public string? RefuseLocal(HttpContext context)
    {
        if (!IsLoopback(context.Connection.RemoteIpAddress) || !IsLoopback(context.Connection.LocalIpAddress))
            return $"There are no API keys yet, so only this machine itself may call. {HowToOpen}";
        // A proxy on this machine lets in the whole world.
        if (ProxyHeaders.AreIn(context.Request.Headers))
            return $"There are no API keys yet, so only this machine itself may call, and this request came through a proxy. {HowToOpen}";
        var host = context.Request.Host.Value ?? "";
        if (host != _lastLocal)
        {
            if (!IsLocal(context.Request.Host))
                return $"There are no API keys yet, so only names of this machine such as localhost are served. {HowToAllow}";
            _lastLocal = host;
        }
        return RefuseForeignPage(context.Request);
    }

    /// <summary>
    /// Checks a caller if callers without a key are allowed: it must use an address, a name without a dot, or an allowed name.
    /// </summary>
    /// <returns>The reason for a refusal; null to admit the caller.</returns>
    public string? RefuseAnonymous(HttpContext context)
    {
        var host = context.Request.Host.Value ?? "";
        if (host != _lastAnonymous)
        {
            if (!IsLocal(context.Request.Host) && !CantBePointed(context.Request.Host))
            {
                return $"Callers without a key may not use the name '{context.Request.Host.Host}', which a foreign page could point here. "
                    + HowToAllow;
            }
            _lastAnonymous = host;
        }
        return RefuseForeignPage(context.Request);
    }

    private string? RefuseForeignPage(HttpRequest request) =>
        pages.MayNotChange(request) ? "A page of another origin may not change anything without an API key." : null;

    private bool IsLocal(HostString host) =>
        host.Host.Length == 0 || (NetworkHost.TryParse(host.Host, out var name) && (name.IsLoopback || _allowed.Contains(name)));

    /// <summary>Says whether no stranger can point this name here: strangers own only names with a dot.</summary>
    private static bool CantBePointed(HostString host) =>
        NetworkHost.TryParse(host.Host, out var name) && (name.Address is not null || !name.Name.Contains('.', StringComparison.Ordinal));

    // Null: a Unix socket.
    private static bool IsLoopback(IPAddress? address) =>
        address is null || IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
