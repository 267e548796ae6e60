using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace GenApi.Core.Network;

/// <summary>
/// A host in the one form in which hosts are compared: lower case and without the final dot. An international name is in its ASCII form
/// (<c>xn--</c>), an address in its shortest form without brackets, and an IPv4 address wrapped by IPv6 is the IPv4 address. Two texts that
/// give the same host lead to the same place.
/// </summary>
public readonly record struct NetworkHost
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private const string LocalName = "localhost";

    /// <summary>Characters of a user, a path, a query, an IPv6 zone, a wildcard or a list.</summary>
    private static readonly SearchValues<char> NeverInAHost = SearchValues.Create("/\\@?#%*,; \t\r\n");

    private NetworkHost(string name, IPAddress? address) => (Name, Address) = (name, address);

    /// <summary>The host in its normal form; an IPv6 address has no brackets.</summary>
    public string Name { get; }

    /// <summary>The address; null for a name that has to be resolved.</summary>
    public IPAddress? Address { get; }

    /// <summary><c>localhost</c>, or an address of this machine alone.</summary>
    public bool IsLoopback => Address is { } address ? IPAddress.IsLoopback(address) : Name == LocalName;

    /// <summary>
    /// Reads a host without a port, as in settings and <c>Host</c> headers; IPv6 with or without brackets. An IPv4 address must be written
    /// as four decimal numbers: different parsers read <c>0177.0.0.1</c> differently.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out NetworkHost host)
    {
        host = default;
        if (string.IsNullOrEmpty(text) || text.AsSpan().ContainsAny(NeverInAHost))
            return false;
        var isBracketed = text[0] == '[';
        var isIPv6 = isBracketed || text.Contains(':', StringComparison.Ordinal);
        if (isBracketed != (text[^1] == ']') || (isIPv6 && !IsIPv6(isBracketed ? text[1..^1] : text)))
            return false;
        // Parsed as a URL's host, so that it means the same as the addresses it is compared with.
        var authority = isIPv6 && !isBracketed ? $"[{text}]" : text;
        return Uri.TryCreate($"http://{authority}/", UriKind.Absolute, out var url) && TryOf(url, out host)
            && (url.HostNameType != UriHostNameType.IPv4 || host.Name == text);
    }

    /// <summary>Reads the host that a connection to an absolute URL would be made to.</summary>
    /// <returns>
    /// False where the URL has no host, where the last label is a number but the host is not an IPv4 address, or where it names an IPv6
    /// zone.
    /// </returns>
    public static bool TryOf(Uri url, out NetworkHost host)
    {
        host = default;
        if (!url.IsAbsoluteUri || url.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6))
            return false;
        var name = url.IdnHost.ToLowerInvariant();
        if (name.EndsWith('.'))
            name = name[..^1];
        if (name.Length == 0 || name.Contains('%', StringComparison.Ordinal))
            return false;
        if (url.HostNameType == UriHostNameType.IPv6 || EndsInANumber(name))
        {
            if (!IPAddress.TryParse(name, out var address))
                return false;
            var written = address.ToString();
            // A resolver may read 0177.0.0.1. with its dot as an address, and as another one.
            if (address.AddressFamily == AddressFamily.InterNetwork && written != name)
                return false;
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            host = new NetworkHost(address.ToString(), address);
            return true;
        }
        host = new NetworkHost(name, null);
        return true;
    }

    /// <summary>
    /// Returns whether this name is a subdomain: <c>a.b.example</c> is below <c>b.example</c> and <c>example</c>. An address is never below
    /// anything.
    /// </summary>
    public bool IsBelow(NetworkHost domain) => Address is null && domain.Address is null
        && Name.Length > domain.Name.Length + 1 && Name[^(domain.Name.Length + 1)] == '.'
        && Name.EndsWith(domain.Name, StringComparison.Ordinal);

    /// <summary>Writes the host as in a URL: IPv6 in brackets.</summary>
    public override string ToString() => Address is { AddressFamily: AddressFamily.InterNetworkV6 } ? $"[{Name}]" : Name ?? "";

    private static bool IsIPv6(string text) =>
        text.AsSpan().IndexOfAny('[', ']') < 0 && IPAddress.TryParse(text, out var address)
        && address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>
    /// Returns whether the last label is a number. Then the host is an IPv4 address or nothing: no such domain exists, and resolvers read
    /// several such forms as addresses.
    /// </summary>
    private static bool EndsInANumber(string name)
    {
        var label = name.AsSpan()[(name.LastIndexOf('.') + 1)..];
        return label.Length > 0 && (!label.ContainsAnyExceptInRange('0', '9')
            || (label.StartsWith("0x", StringComparison.Ordinal) && !label[2..].ContainsAnyExcept(HexDigits)));
    }
}
