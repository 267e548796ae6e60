using System.ComponentModel.DataAnnotations;
using System.Net;
using GenApi.Core.Errors;
using GenApi.Core.Network;

namespace GenApi.Hosting.Settings;

/// <summary>The section <c>Hosting</c>: what stands between the service and its callers.</summary>
internal sealed class HostingOptions
{
    public const string Section = "Hosting";

    /// <summary>Pages of these origins (<c>https://app.example</c>) may call the service from a browser. Empty: none but its own.</summary>
    public IList<string> CorsOrigins { get; set; } = [];

    /// <summary>
    /// Proxies whose <c>X-Forwarded-For</c>, <c>-Proto</c>, <c>-Host</c> and <c>-Prefix</c> are believed: addresses, or networks such as
    /// <c>10.0.0.0/8</c>. Empty: nobody's, since anybody can send such headers.
    /// </summary>
    public IList<string> KnownProxies { get; set; } = [];

    /// <summary>The port where callers find the service by https: requests by http are sent there, and browsers told to stay. 0: neither.</summary>
    [Range(0, ushort.MaxValue)]
    public int HttpsPort { get; set; }

    /// <summary>
    /// The path under which callers find the service, such as <c>/genapi</c>; requests may come with it or without it. Empty: none,
    /// unless a known proxy names one in <c>X-Forwarded-Prefix</c>.
    /// </summary>
    public string PathBase { get; set; } = "";

    /// <summary>As browsers write it in <c>Origin</c>.</summary>
    /// <exception cref="SettingException">An entry is no origin.</exception>
    public string[] Origins() => [.. CorsOrigins.Select(origin =>
        WebOrigin.TryParse(origin, out var read)
            ? read.ToString()
            : throw new SettingException($"{Section}:{nameof(CorsOrigins)}", $"'{origin}' is no origin. Allowed: entries such as https://app.example or http://localhost:3000."))];

    /// <exception cref="SettingException">It is no path that addresses can begin with.</exception>
    public PathString Prefix() => PathPrefix.TryParse(PathBase, out var prefix)
        ? prefix
        : throw new SettingException($"{Section}:{nameof(PathBase)}", $"'{PathBase}' is not allowed. Allowed: {PathPrefix.Allowed}.");

    /// <summary>One address is a network of its own.</summary>
    /// <exception cref="SettingException">An entry is neither an address nor a network.</exception>
    public IPNetwork[] Proxies() => [.. KnownProxies.Select(entry =>
        NetworkRange.TryParse(entry, out var network)
            ? network
            : throw new SettingException($"{Section}:{nameof(KnownProxies)}", $"'{entry}' is not allowed. Allowed: addresses such as 10.0.0.5, or networks such as 10.0.0.0/8."))];
}
