using System.Buffers;
using System.Net;
using GenApi.Core.Errors;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Webhooks;

/// <summary>
/// Which addresses a webhook may be sent to, as far as an address alone tells. What a name resolves to is looked at when the connection is made, by <see cref="PublicAddressesOnly"/>.
/// </summary>
public sealed class WebhookTargets(IOptions<WebhookOptions> options)
{
    public const int LongestUrl = 2048;

    private const string Setting = "Webhooks:AllowedPrivateHosts";

    private readonly PrivateHost[] _private =
        [.. options.Value.AllowedPrivateHosts.Select(entry => PrivateHost.TryParse(entry, out var host) ? host : default)];

    /// <returns>What is allowed, when this will not do; null when it will.</returns>
    public string? Refusal(string text)
    {
        if (!Characters.AreAtMost(text, LongestUrl) || !Uri.TryCreate(text, UriKind.Absolute, out var url)
            || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp) || url.IdnHost.Length == 0)
            return $"an https URL of at most {LongestUrl} characters";
        if (url is not { UserInfo: "", Fragment: "" })
            return "a URL without user and fragment";
        var isAllowed = IsAllowed(url.IdnHost, url.Port);
        if (url.Scheme == Uri.UriSchemeHttp && !(isAllowed && url.IsLoopback))
            return $"an https URL; http only to a loopback host that the operator has named in {Setting}";
        var isPrivate = url.IsLoopback || (IPAddress.TryParse(url.IdnHost, out var address) && !PublicAddresses.Contains(address));
        return isPrivate && !isAllowed ? $"at a public address, or at a host that the operator has named in {Setting}" : null;
    }

    /// <summary>The operator has named it, so its addresses need not be public.</summary>
    internal bool IsAllowed(string host, int port) => _private.Any(each => each.Matches(host, port));
}

/// <summary>An entry of <c>Webhooks:AllowedPrivateHosts</c>.</summary>
/// <param name="Host">Without brackets.</param>
/// <param name="Port">Null: any.</param>
internal readonly record struct PrivateHost(string Host, int? Port)
{
    private static readonly SearchValues<char> NeverInAHost = SearchValues.Create("/@?#* ");

    public static bool TryParse(string entry, out PrivateHost host)
    {
        host = default;
        // A scheme without a port of its own, so that a port that is named can be told from one that is not.
        if (!Uri.TryCreate($"host://{entry}", UriKind.Absolute, out var url) || url.IdnHost.Length == 0 || url.AbsolutePath is not ("" or "/")
            || entry.AsSpan().ContainsAny(NeverInAHost))
            return false;
        host = new PrivateHost(url.IdnHost, url.Port < 0 ? null : url.Port);
        return true;
    }

    public bool Matches(string host, int port) => string.Equals(Host, host, StringComparison.OrdinalIgnoreCase) && (Port is null || Port == port);
}
