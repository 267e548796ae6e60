using System.Net;
using System.Net.Sockets;
using GenApi.Core.Network;

namespace GenApi.Core.Webhooks;

/// <summary>
/// Makes the connections of the webhooks we send: resolves once, looks at every address, and connects to one it has looked at. A name that answers
/// differently the next time changes nothing, because nobody asks it again.
/// </summary>
internal sealed class PublicAddressesOnly(WebhookTargets targets)
{
    /// <summary>A seam for the tests of names that change.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>A seam for the same tests: an address is public or not, and no test reaches a public one.</summary>
    internal Func<IPEndPoint, CancellationToken, Task<Stream>> Connect { get; init; } = ConnectAsync;

    public async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Resolve(host, cancellationToken);
        // One that is not public condemns all: an honest name has none.
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

/// <summary>The target's name leads to an address that is not public.</summary>
internal sealed class AddressRefusedException() : IOException("The address is not public.");
