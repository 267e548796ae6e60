using System.ComponentModel.DataAnnotations;
using System.Net;
using GenApi.Core.Errors;
using GenApi.Core.Network;

namespace GenApi.Hosting.Settings;

/// <summary>The section <c>Hosting</c>: what stands between the service and its callers.</summary>
internal sealed class HostingOptions
{
    public const string Section = "Hosting";

    /// <summary>The origins whose web pages may call the service from a browser. Empty: only its own pages.</summary>
    /// <value>origins such as <c>https://app.example</c></value>
    public IList<string> CorsOrigins { get; set; } = [];

    /// <summary>
    /// The proxies whose <c>X-Forwarded-For</c>, <c>-Proto</c>, <c>-Host</c> and <c>-Prefix</c> headers GenApi believes. Empty: none,
    /// because any caller can send such headers.
    /// </summary>
    /// <value>addresses, and networks such as <c>10.0.0.0/8</c></value>
    public IList<string> KnownProxies { get; set; } = [];

    /// <summary>
    /// The port where callers reach the service by https. GenApi redirects http requests to it (308) and tells browsers to stay with https
    /// (HSTS). 0: neither.
    /// </summary>
    [Range(0, ushort.MaxValue)]
    public int HttpsPort { get; set; }

    /// <summary>
    /// The path under which callers reach the service. Requests may come with or without it. Empty: none, unless a known proxy names one in
    /// <c>X-Forwarded-Prefix</c>.
    /// </summary>
    /// <value>a path such as <c>/genapi</c>, up to 100 letters, digits, <c>-</c>, <c>_</c>, <c>.</c>, <c>~</c> and <c>/</c></value>
    public string PathBase { get; set; } = "";

    /// <summary>Reads the origins in the form of the header <c>Origin</c>.</summary>
    /// <exception cref="SettingException">An entry is not an origin.</exception>
    public string[] Origins() => [.. CorsOrigins.Select(origin =>
        WebOrigin.TryParse(origin, out var read)
            ? read.ToString()
            : throw new SettingException(
                $"{Section}:{nameof(CorsOrigins)}",
                $"'{origin}' is not an origin. Allowed: entries such as https://app.example or http://localhost:3000."))];

    /// <summary>Reads the prefix of all addresses.</summary>
    /// <exception cref="SettingException">The setting is not a path that addresses can begin with.</exception>
    public PathString Prefix() => PathPrefix.TryParse(PathBase, out var prefix)
        ? prefix
        : throw new SettingException($"{Section}:{nameof(PathBase)}", $"'{PathBase}' is not allowed. Allowed: {PathPrefix.Allowed}.");

    /// <summary>Reads the proxies as networks; an address is a network of one.</summary>
    /// <exception cref="SettingException">An entry is neither an address nor a network.</exception>
    public IPNetwork[] Proxies() => [.. KnownProxies.Select(entry =>
        NetworkRange.TryParse(entry, out var network)
            ? network
            : throw new SettingException(
                $"{Section}:{nameof(KnownProxies)}",
                $"'{entry}' is not allowed. Allowed: addresses such as 10.0.0.5, or networks such as 10.0.0.0/8."))];
}
