using System.Net.Http.Headers;
using GenApi.Core.Network;

namespace GenApi.Core.Replicate.Api;

/// <summary>
/// Addresses each request to the chosen upstream and adds the token. Both happen in one place, so the token can't go anywhere else:
/// requests use <see cref="Placeholder"/> and get the upstream's origin only here. So the client can also be built before an embedded
/// sandbox knows its port.
/// </summary>
internal sealed class ReplicateAuthHandler(ReplicateUpstream upstream) : DelegatingHandler
{
    /// <summary>The request option for an address from the upstream that is followed unchanged.</summary>
    public const string NextAddress = "genapi.replicate.next";

    /// <summary>An address that never resolves (RFC 6761), so a request that bypasses this handler can't leave the machine.</summary>
    public static readonly Uri Placeholder = new("http://upstream.invalid");

    private static readonly HttpRequestOptionsKey<Uri?> Next = new(NextAddress);

    private static readonly ProductInfoHeaderValue UserAgent =
        new("GenApi", typeof(ReplicateAuthHandler).Assembly.GetName().Version?.ToString(3) ?? "0");

    /// <summary>Returns whether an address is at the upstream's origin, the only place to which the token may go.</summary>
    public static bool IsAt(Uri baseUrl, Uri address) =>
        address.IsAbsoluteUri
        && address.Scheme == baseUrl.Scheme
        && address.Port == baseUrl.Port
        && NetworkHost.TryOf(address, out var host) && NetworkHost.TryOf(baseUrl, out var own) && host == own;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!;
        // A retried request passes a second time and has its address already.
        if (address.Host == Placeholder.Host)
            request.RequestUri = request.Options.TryGetValue(Next, out var next) && next is not null
                ? next
                : Join(upstream.BaseUrl, address);
        if (!IsAt(upstream.BaseUrl, request.RequestUri!))
            throw new InvalidOperationException("A request for the upstream was addressed to another origin.");

        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", upstream.Token);
        request.Headers.UserAgent.Clear();
        request.Headers.UserAgent.Add(UserAgent);
        return base.SendAsync(request, cancellationToken);
    }

    private static Uri Join(Uri baseUrl, Uri address) =>
        new(baseUrl.GetLeftPart(UriPartial.Authority) + baseUrl.AbsolutePath.TrimEnd('/') + address.PathAndQuery);
}
