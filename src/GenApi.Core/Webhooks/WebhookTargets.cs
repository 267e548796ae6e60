using System.Net;
using GenApi.Core.Errors;
using GenApi.Core.Network;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Webhooks;

/// <summary>
/// Which addresses a webhook may be sent to, as far as an address alone tells. What a name resolves to is looked at when the connection is made, by <see cref="PublicAddressesOnly"/>.
/// </summary>
public sealed class WebhookTargets(IOptions<WebhookOptions> options)
{
    public const int LongestUrl = 2048;

    private const string Setting = "Webhooks:AllowedPrivateHosts";

    private readonly NetworkEndpoint[] _private =
        [.. options.Value.AllowedPrivateHosts.Select(entry =>
            NetworkEndpoint.TryParse(entry, out var host) ? host : throw new ArgumentException($"'{entry}' is no host.", nameof(options)))];

    /// <returns>What is allowed, when this will not do; null when it will.</returns>
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
        // As it is written: an IPv4 address that IPv6 wraps is never a public one.
        var isPrivate = host.IsLoopback
            || (host.Address is { } address && !PublicAddresses.Contains(url.HostNameType == UriHostNameType.IPv6 ? IPAddress.Parse(url.IdnHost) : address));
        return isPrivate && !isAllowed ? $"at a public address, or at a host that the operator has named in {Setting}" : null;
    }

    /// <summary>The operator has named it, so its addresses need not be public.</summary>
    internal bool IsAllowed(NetworkHost host, int port) => _private.Any(each => each.Matches(host, port));
}
