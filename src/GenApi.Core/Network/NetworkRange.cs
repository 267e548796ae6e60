using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace GenApi.Core.Network;

/// <summary>Reads networks as settings name them: <c>10.0.0.0/8</c>, or a single address.</summary>
public static class NetworkRange
{
    private const int MappedBits = 96;

    /// <summary>
    /// Reads a network. An IPv4 network wrapped by IPv6 (<c>::ffff:10.0.0.0/104</c>) becomes the IPv4 network. The platform's own parser
    /// reads <c>010.0.0.0/8</c> as 8.0.0.0/8, which would trust strangers; here it is not a network.
    /// </summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        network = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var written = slash < 0 ? text : text[..slash];
        if (!NetworkHost.TryParse(written, out var host) || host.Address is not { } address)
            return false;
        var all = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var bits = all;
        if (slash >= 0)
        {
            if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bits))
                return false;
            if (all == 32 && written.Contains(':', StringComparison.Ordinal))
                bits -= MappedBits;
        }
        // The platform reads 10.0.0.1/8 as 10.0.0.0/8. An operator who wrote that meant one machine, or misread the number.
        return bits >= 0 && IPNetwork.TryParse($"{address}/{bits.ToString(CultureInfo.InvariantCulture)}", out network)
            && network.BaseAddress.Equals(address);
    }
}
