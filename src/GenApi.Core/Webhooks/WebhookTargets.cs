using System.Net;
using GenApi.Core.Errors;
using GenApi.Core.Network;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Webhooks;

/// <summary>
/// Decides which URLs may receive webhooks, as far as the URL shows. <see cref="PublicAddressesOnly"/> checks what a name resolves to when
/// the connection is made.
/// </summary>
public sealed class WebhookTargets(IOptions<WebhookOptions> options)
{
    public const int LongestUrl = 2048;

    private const string Setting = "Webhooks:AllowedPrivateHosts";

    private readonly NetworkEndpoint[] _private = [.. options.Value.AllowedPrivateHosts.Select(entry =>
        NetworkEndpoint.TryParse(entry, out var host) ? host : throw new ArgumentException($"'{entry}' is not a host.", nameof(options)))];

    /// <summary>Checks a URL.</summary>
    /// <returns>Null where the URL is allowed; otherwise what is allowed.</returns>
    public string? Refusal(string text)
    {
        if (!Characters.AreAtMost(text, LongestUrl) || !Uri.TryCreate(text, UriKind.Absolute, out var url)
            || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp) || !NetworkHost.TryOf(url, out var host))
            return $"an https URL of at most {LongestUrl} characters";
        if (url is not { UserInfo: "", Fragment: "" })
            return "a URL without user and fragment";
        var isAllowed = IsAllowed(host, url.Port);
        if (url.Scheme == Uri.UriSchemeHttp && !(isAllowed && host.IsLoopback))
            return $"an https URL; http only to a loopback host that the operator has named in {Setting}";
        // The address as written: an IPv4 address wrapped by IPv6 is never public.
        var isPrivate = host.IsLoopback
            || (host.Address is { } address && !PublicAddresses.Contains(
                url.HostNameType == UriHostNameType.IPv6 ? IPAddress.Parse(url.IdnHost) : address));
        return isPrivate && !isAllowed ? $"at a public address, or at a host that the operator has named in {Setting}" : null;
    }

    /// <summary>Returns whether the operator has named the host, so that its addresses need not be public.</summary>
    internal bool IsAllowed(NetworkHost host, int port) => _private.Any(each => each.Matches(host, port));
}
