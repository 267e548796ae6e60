using System.Net;
using System.Net.Sockets;

namespace GenApi.Core.Webhooks;

/// <summary>
/// Tells public internet addresses apart. Addresses of this machine, its network or its cloud are not public, and neither is any form in
/// which IPv6 wraps an IPv4 address.
/// </summary>
internal static class PublicAddresses
{
    private static readonly IPNetwork[] NotPublic4 =
    [
        IPNetwork.Parse("0.0.0.0/8"),
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("127.0.0.0/8"),
        // Link-local; the clouds' metadata services live here.
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.0.0.0/24"),
        IPNetwork.Parse("192.0.2.0/24"),
        IPNetwork.Parse("192.88.99.0/24"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("198.51.100.0/24"),
        IPNetwork.Parse("203.0.113.0/24"),
        IPNetwork.Parse("224.0.0.0/4"),
        IPNetwork.Parse("240.0.0.0/4"),
    ];

    /// <summary>
    /// The range that IANA has assigned. It excludes ::, ::1, mapped and compatible IPv4 (::ffff:0:0/96, ::/96), NAT64 (64:ff9b::/96),
    /// local and multicast addresses (fc00::/7, fe80::/10, fec0::/10, ff00::/8).
    /// </summary>
    private static readonly IPNetwork Public6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] NotPublic6 =
    [
        // Protocol assignments: Teredo (2001::/32), benchmarking, ORCHID.
        IPNetwork.Parse("2001::/23"),
        IPNetwork.Parse("2001:db8::/32"),
        // 6to4 wraps any IPv4 address.
        IPNetwork.Parse("2002::/16"),
        IPNetwork.Parse("3fff::/20"),
    ];

    public static bool Contains(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !NotPublic4.Any(network => network.Contains(address)),
        // IPNetwork compares a mapped address by its IPv4 half and finds some of them in 2000::/3.
        AddressFamily.InterNetworkV6 => !address.IsIPv4MappedToIPv6 && Public6.Contains(address) && !IsIsatap(address)
            && !NotPublic6.Any(network => network.Contains(address)),
        _ => false,
    };

    /// <summary>Returns whether an IPv4 address is in the lower half of any prefix: …:0:5efe:a.b.c.d, or …:200:5efe:a.b.c.d.</summary>
    private static bool IsIsatap(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return bytes[8] is 0 or 2 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
    }
}
