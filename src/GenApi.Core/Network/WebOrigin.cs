using System.Diagnostics.CodeAnalysis;

namespace GenApi.Core.Network;

/// <summary>The origin of a web page: scheme, host and port, as browsers name it in <c>Origin</c>.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Host">The host in its normal form.</param>
/// <param name="Port">Null for the scheme's default port.</param>
public readonly record struct WebOrigin(string Scheme, NetworkHost Host, int? Port)
{
    /// <summary>The default port of the scheme.</summary>
    public int DefaultPort => Scheme == Uri.UriSchemeHttps ? 443 : 80;

    /// <summary>Reads an origin, with or without one slash at its end. A text with a path, a query or a user is not an origin.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out WebOrigin origin)
    {
        origin = default;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
            || url is not { PathAndQuery: "/", UserInfo: "", Fragment: "" } || !NetworkHost.TryOf(url, out var host))
            return false;
        origin = new WebOrigin(url.Scheme, host, url.IsDefaultPort ? null : url.Port);
        return true;
    }

    public override string ToString() => Port is { } port ? $"{Scheme}://{Host}:{port}" : $"{Scheme}://{Host}";
}
