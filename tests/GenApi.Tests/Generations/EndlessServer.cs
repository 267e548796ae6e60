using System.Net;
using System.Net.Sockets;

namespace GenApi.Tests.Generations;

/// <summary>
/// Answers each connection with bytes that end with the connection, as old HTTP servers do. Nothing else shows their end.
/// </summary>
internal sealed class EndlessServer : IDisposable
{
    private static readonly int Port = Free();

    private readonly TcpListener _listener = new(IPAddress.Loopback, Port);

    public EndlessServer() => _listener.Start();

    public static Uri FreeAddress() => new($"http://127.0.0.1:{Port}");

    /// <summary>Answers the next connections, one after the other.</summary>
    public void Answer(params ReadOnlySpan<byte[]> bodies)
    {
        var all = bodies.ToArray();
        _ = Task.Run(async () =>
        {
            foreach (var body in all)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await using var stream = client.GetStream();
                var request = new byte[4096];
                _ = await stream.ReadAsync(request);
                await stream.WriteAsync(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nConnection: close\r\n\r\n"u8.ToArray());
                await stream.WriteAsync(body);
            }
        });
    }

    public void Dispose() => _listener.Dispose();

    private static int Free()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
