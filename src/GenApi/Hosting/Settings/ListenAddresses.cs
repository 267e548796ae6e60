using System.Net;
using System.Net.Sockets;
using GenApi.Core.Errors;
using GenApi.Core.Network;

namespace GenApi.Hosting.Settings;

/// <summary>Reads the addresses to listen on as Kestrel does, and checks them before anything else of a start.</summary>
internal static class ListenAddresses
{
    private const string Key = "Urls", Endpoints = "Kestrel:Endpoints";
    private const string Allowed = "Allowed: http://host:port, several separated by semicolons; * stands for every address.";

    /// <summary>Lists the addresses with their keys. Kestrel's own section overrides <c>Urls</c>.</summary>
    public static IReadOnlyList<(string Key, string Url)> Of(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection(Endpoints).GetChildren().Where(endpoint => endpoint["Url"] is not null)
            .Select(endpoint => ($"{endpoint.Path}:Url", endpoint["Url"]!)).ToList();
        return endpoints.Count > 0
            ? endpoints
            : [.. (configuration[Key] ?? "").Split(';',
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(url => (Key, url))];
    }

    /// <exception cref="SettingException">There is no address, one of them is not an address, or two of them are the same.</exception>
    public static void Check(IConfiguration configuration)
    {
        var addresses = Of(configuration);
        if (addresses.Count == 0 && configuration[Key] is not null)
            throw new SettingException(Key, $"there is no address to listen on. {Allowed}");
        var seen = new List<(string Url, BindingAddress Address)>();
        foreach (var (key, url) in addresses)
        {
            var address = Parse(key, url);
            if (seen.Find(each => Overlap(each.Address, address)) is { Url: { } other })
                throw new SettingException(key, $"'{url}' and '{other}' are the same port of the same address. Leave one of them out.");
            seen.Add((url, address));
        }
    }

    /// <summary>Binds each port and releases it at once. It does not listen, so no caller gets an answer.</summary>
    /// <exception cref="SettingException">
    /// A port is in use, this user may not bind it, or the address does not belong to this machine.
    /// </exception>
    public static void RequireFree(IConfiguration configuration)
    {
        foreach (var (key, url) in Of(configuration))
        {
            var address = BindingAddress.Parse(url);
            if (address.IsUnixPipe || address.IsNamedPipe || address.Port == 0)
                continue;
            try
            {
                Array.ForEach(EndPoints(address), Bind);
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                throw new SettingException(key, $"'{url}' is in use by another process.", taken);
            }
            catch (SocketException denied) when (denied.SocketErrorCode == SocketError.AccessDenied)
            {
                throw new SettingException(key,
                    $"this user may not listen on '{url}'. Ports below 1024 need a special right; choose a higher port.", denied);
            }
            catch (SocketException failure)
            {
                throw new SettingException(key, $"can't listen on '{url}' ({failure.Message}).", failure);
            }
        }
    }

    private static BindingAddress Parse(string key, string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException failure)
        {
            throw new SettingException(key, $"'{url}' is not an address to listen on. {Allowed}", failure);
        }
        if (address.IsUnixPipe || address.IsNamedPipe)
            return address;
        if (address.Port is < 0 or > ushort.MaxValue)
            throw new SettingException(key,
                $"'{url}' has the port {address.Port}. Allowed: 0 to {ushort.MaxValue}; 0 takes any that is free.");
        if (address.Scheme is not ("http" or "https") || address.PathBase.Length > 0 || !IsHost(address.Host))
            throw new SettingException(key, $"'{url}' is not an address to listen on. {Allowed}");
        if (address.Port == 0 && IsLocalhost(address))
            throw new SettingException(key,
                $"'{url}' names two addresses, which can't share a port that is not known yet. Say http://127.0.0.1:0 or http://[::1]:0.");
        return address;
    }

    private static bool Overlap(BindingAddress one, BindingAddress other)
    {
        if (one.IsUnixPipe || other.IsUnixPipe || one.IsNamedPipe || other.IsNamedPipe)
            return one.ToString() == other.ToString();
        return one.Port != 0 && one.Port == other.Port
            && Array.Exists(EndPoints(one), mine => Array.Exists(EndPoints(other), theirs => Overlap(mine.Address, theirs.Address)));
    }

    private static bool Overlap(IPAddress one, IPAddress other) => one.Equals(other) || Includes(one, other) || Includes(other, one);

    /// <summary>Says whether a wildcard includes an address. The one of IPv6 includes those of IPv4.</summary>
    private static bool Includes(IPAddress all, IPAddress other) =>
        all.Equals(IPAddress.IPv6Any) || (all.Equals(IPAddress.Any) && other.AddressFamily == AddressFamily.InterNetwork);

    /// <summary>Lists the end points of an address. Each name but <c>localhost</c> stands for every address of the machine.</summary>
    private static IPEndPoint[] EndPoints(BindingAddress address)
    {
        if (IsLocalhost(address))
            return Socket.OSSupportsIPv6 ? [new(IPAddress.Loopback, address.Port), new(IPAddress.IPv6Loopback, address.Port)]
                : [new(IPAddress.Loopback, address.Port)];
        return IPAddress.TryParse(address.Host, out var ip)
            ? [new(ip, address.Port)]
            : [new(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, address.Port)];
    }

    private static void Bind(IPEndPoint place)
    {
        using var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (place.Address.Equals(IPAddress.IPv6Any))
            socket.DualMode = true;
        try
        {
            socket.Bind(place);
        }
        catch (SocketException missing) when (missing.SocketErrorCode == SocketError.AddressNotAvailable
            && place.Address.Equals(IPAddress.IPv6Loopback))
        {
            // The loopback of this machine has no IPv6, so localhost is the IPv4 address alone.
        }
        catch (SocketException other) when (other.SocketErrorCode != SocketError.AddressAlreadyInUse
            && place.Address.Equals(IPAddress.IPv6Any))
        {
            // As Kestrel does where there is no IPv6.
            Bind(new IPEndPoint(IPAddress.Any, place.Port));
        }
    }

    private static bool IsLocalhost(BindingAddress address) => address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    // A link-local address of IPv6 has a zone, which a caller's host can't have.
    private static bool IsHost(string host) =>
        host is "*" or "+" || NetworkHost.TryParse(host, out _)
            || (host.Contains('%', StringComparison.Ordinal) && IPAddress.TryParse(host, out _));
}
