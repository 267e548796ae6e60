using GenApi.Core.Errors;
using GenApi.Core.Network;
using GenApi.Hosting.Settings;
using Microsoft.Extensions.Options;

namespace GenApi.Accounts.Sessions;

/// <summary>
/// Recognizes changes that a browser requests for a page of another origin. Browsers say so in <c>Sec-Fetch-Site</c> and <c>Origin</c>,
/// which no page can set; other programs send neither. Pages in <c>Hosting:CorsOrigins</c> count as our own.
/// </summary>
internal sealed class ForeignPages(IOptions<HostingOptions> hosting)
{
    private const string FetchSite = "Sec-Fetch-Site", SameOrigin = "same-origin", ByUser = "none";

    private readonly HashSet<string> _origins = [.. hosting.Value.Origins()];

    /// <summary>Returns whether the method promises to change nothing.</summary>
    public static bool IsSafe(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    /// <summary>
    /// Says whether a page of another origin requests a change. An origin whose host is not the request's counts as another one, even if
    /// the browser calls it the same: behind a proxy that puts its own name into <c>Host</c>, a stranger's name would look so too.
    /// </summary>
    public bool MayNotChange(HttpRequest request) =>
        !IsSafe(request.Method) && !IsAllowed(request.Headers.Origin)
        && (IsCalledForeign(request) == true || IsOfAnotherHost(request));

    /// <summary>
    /// Refuses a page of another origin that requests a change with a session, or a session. A browser sends the cookie to the host that
    /// set it and to no stranger's, so its word is enough here: the page works behind a proxy that puts its own name into <c>Host</c>.
    /// </summary>
    /// <returns>Null: the request may go on.</returns>
    public GenApiException? RefuseWithCookie(HttpRequest request) =>
        IsSafe(request.Method) || IsAllowed(request.Headers.Origin) || !(IsCalledForeign(request) ?? IsOfAnotherHost(request))
            ? null
            : new(ErrorKind.Forbidden,
                "A page of another origin may neither sign this browser in nor change anything with its session. If this is the service's "
                + "own page, let the proxy pass on the header Host, or name the page's origin in Hosting:CorsOrigins.");

    /// <returns>Null: the browser does not say, because it is old or the address is neither https nor a loopback.</returns>
    private static bool? IsCalledForeign(HttpRequest request) => request.Headers[FetchSite] is { Count: > 0 } site
        ? site.ToString() is not (SameOrigin or ByUser)
        : null;

    private bool IsAllowed(string? origin) => WebOrigin.TryParse(origin, out var page) && _origins.Contains(page.ToString());

    /// <summary>
    /// Says whether a page has another host than the request. Behind a proxy the scheme may differ, but a stranger's page has another host.
    /// </summary>
    private static bool IsOfAnotherHost(HttpRequest request)
    {
        if (request.Headers.Origin.Count == 0)
            return false;
        var host = request.Host;
        return !(WebOrigin.TryParse(request.Headers.Origin.ToString(), out var page) && NetworkHost.TryParse(host.Host, out var own)
            && own == page.Host && (host.Port == page.DefaultPort ? null : host.Port) == page.Port);
    }
}
