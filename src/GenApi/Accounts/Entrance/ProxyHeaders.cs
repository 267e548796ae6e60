using System.Collections.Frozen;

namespace GenApi.Accounts.Entrance;

/// <summary>
/// Recognizes headers that proxies, load balancers and content networks add to requests. Anyone can send them, so they prove nothing; but
/// no program on this machine sends them by itself, so a request with one did not begin here.
/// </summary>
internal static class ProxyHeaders
{
    private static readonly FrozenSet<string> Names = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "Forwarded", "Via", "CDN-Loop", "Client-IP", "True-Client-IP", "Front-End-Https", "WL-Proxy-Client-IP", "WL-Proxy-SSL",
        "Incap-Client-IP", "X-Client-IP", "X-Cluster-Client-IP", "X-Real-IP", "X-Real-Port", "X-Remote-IP", "X-Remote-Addr",
        "X-Originating-IP", "X-Coming-From", "X-Host", "X-ProxyUser-IP", "X-Scheme", "X-Url-Scheme", "X-Varnish");

    /// <summary>
    /// Families of headers that may grow: the forwarded ones (<c>X-Forwarded-For</c>, <c>-Host</c>, <c>-Prefix</c>…), those that replace
    /// them after a known proxy was applied (<c>X-Original-</c>), and those of single products.
    /// </summary>
    private static readonly string[] Families =
    [
        "X-Forwarded", "X-Forward-", "X-Original-", "X-Proxy-", "Proxy-",
        "CF-", "CloudFront-", "Fastly-", "Fly-", "Akamai-", "X-Akamai-", "X-Amzn-", "X-Amz-Cf-", "X-ARR-", "X-AppEngine-", "X-Azure-",
        "X-Envoy-", "X-Goog-", "X-MS-Proxy", "X-NF-", "X-Sucuri-", "X-Vercel-", "Tailscale-",
    ];

    public static bool AreIn(IHeaderDictionary headers)
    {
        foreach (var header in headers)
        {
            if (Names.Contains(header.Key)
                || Array.Exists(Families, family => header.Key.StartsWith(family, StringComparison.OrdinalIgnoreCase)))
                return true;
        }
        return false;
    }
}
