using System.Net;
using System.Net.Sockets;
using GenApi.Core.Network;

namespace GenApi.Core.Webhooks;

/// <summary>
/// Makes the connections for outgoing webhooks. It resolves the name once, checks every address, and connects to a checked one. A name that
/// resolves differently the next time has no effect, because it is not resolved again.
/// </summary>
internal sealed class PublicAddressesOnly(WebhookTargets targets)
{
    /// <summary>Replaced by tests of names that change.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Replaced by the same tests: they must not reach a public address.</summary>
    internal Func<IPEndPoint, CancellationToken, Task<Stream>> Connect { get; init; } = ConnectAsync;

    public async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Resolve(host, cancellationToken);
        // One address that is not public refuses the whole name: an honest name has none.
        var isAllowed = NetworkHost.TryParse(host, out var named) && targets.IsAllowed(named, port);
        if (!isAllowed && addresses.Any(address => !PublicAddresses.Contains(address)))
            throw new AddressRefusedException();
        SocketException? last = null;
        foreach (var address in addresses)
        {
            try
            {
                return await Connect(new IPEndPoint(address, port), cancellationToken);
            }
            catch (SocketException failure)
            {
                last = failure;
            }
        }
        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static async Task<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The name of the receiver resolves to an address that is not public.</summary>
internal sealed class AddressRefusedException() : IOException("The address is not public.");
