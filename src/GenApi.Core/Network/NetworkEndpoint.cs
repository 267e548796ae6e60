using System.Globalization;

namespace GenApi.Core.Network;

/// <summary>
/// A host with or without a port, as settings name it: <c>host</c>, <c>host:port</c>, <c>10.0.0.5:8443</c>, <c>[::1]:8443</c>, <c>::1</c>.
/// </summary>
/// <param name="Host">The host in its normal form.</param>
/// <param name="Port">1 to 65535; null where none is named.</param>
public readonly record struct NetworkEndpoint(NetworkHost Host, int? Port)
{
    public static bool TryParse(string text, out NetworkEndpoint endpoint)
    {
        endpoint = default;
        var (name, port) = (text, (int?)null);
        var colon = text.LastIndexOf(':');
        // Two colons without brackets are an IPv6 address, whose last group is not a port.
        if (colon > text.LastIndexOf(']') && (text.StartsWith('[') || text.IndexOf(':', StringComparison.Ordinal) == colon))
        {
            if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number is < 1 or > ushort.MaxValue)
                return false;
            (name, port) = (text[..colon], number);
        }
        if (!NetworkHost.TryParse(name, out var host))
            return false;
        endpoint = new NetworkEndpoint(host, port);
        return true;
    }

    /// <summary>Returns whether the endpoint covers that host and port. Without a port it covers every port.</summary>
    public bool Matches(NetworkHost host, int port) => Host == host && (Port is null || Port == port);
}
