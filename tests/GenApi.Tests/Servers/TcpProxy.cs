using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GenApi.Tests.Servers;

/// <summary>
/// Stands between a service and a server and passes every byte on, until a test cuts its connections, refuses new ones, or holds back what
/// the server says after a certain text was sent to it.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly int _target;
    private readonly Task _accepting;
    private volatile Hold? _hold;

    /// <param name="target">The port of the server.</param>
    public TcpProxy(int target)
    {
        _target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Whether new connections are closed at once.</summary>
    public bool Refuses { get; set; }

    /// <summary>
    /// From the moment that a client sends <paramref name="text"/>, holds back everything that the server says on that connection once it
    /// says <paramref name="answer"/>, until the hold is released. It applies to one connection.
    /// </summary>
    public Hold HoldAfter(string text, string answer) => _hold = new Hold(Encoding.ASCII.GetBytes(text), Encoding.ASCII.GetBytes(answer));

    /// <summary>Resets all connections.</summary>
    public void Cut()
    {
        foreach (var socket in _sockets.Keys)
        {
            try
            {
                socket.Close(timeout: 0);
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // It ended by itself just now.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        _hold?.Release();
        Cut();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                if (Refuses)
                    client.Close(timeout: 0);
                else
                    _ = ServeAsync(client);
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            (_sockets[client], _sockets[server]) = (true, true);
            (client.NoDelay, server.NoDelay) = (true, true);
            await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            var connection = new Connection();
            var there = PassAsync(client, server, connection, isToServer: true);
            var back = PassAsync(server, client, connection, isToServer: false);
            await Task.WhenAny(there, back);
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side is gone, and so is the other.
        }
        finally
        {
            _sockets.TryRemove(client, out _);
            _sockets.TryRemove(server, out _);
            client.Close(timeout: 0);
        }
    }

    private async Task PassAsync(Socket from, Socket to, Connection connection, bool isToServer)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var read)
            {
                var piece = buffer.AsMemory(0, read);
                if (isToServer)
                    connection.Sent(_hold, piece.Span);
                else if (connection.IsHeldBy(piece.Span) is { } hold)
                    await hold.HeldAsync(_stop.Token);
                while (piece.Length > 0)
                    piece = piece[await to.SendAsync(piece, _stop.Token)..];
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The caller closes both sides.
        }
    }

    /// <summary>An answer that is held back.</summary>
    public sealed class Hold(byte[] text, byte[] answer)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _isTaken;

        /// <summary>Completes when the server has answered and the client does not know.</summary>
        public Task Reached => _reached.Task;

        public void Release() => _released.TrySetResult();

        internal bool TakenBy(ReadOnlySpan<byte> sent) =>
            Volatile.Read(ref _isTaken) == 0 && sent.IndexOf(text) >= 0 && Interlocked.Exchange(ref _isTaken, 1) == 0;

        internal bool IsAt(ReadOnlySpan<byte> received) => received.IndexOf(answer) >= 0;

        internal Task HeldAsync(CancellationToken cancellationToken)
        {
            _reached.TrySetResult();
            return _released.Task.WaitAsync(cancellationToken);
        }
    }

    private sealed class Connection
    {
        private volatile Hold? _hold;

        public void Sent(Hold? hold, ReadOnlySpan<byte> piece)
        {
            if (hold is not null && hold.TakenBy(piece))
                _hold = hold;
        }

        public Hold? IsHeldBy(ReadOnlySpan<byte> piece) => _hold is { } hold && hold.IsAt(piece) ? hold : null;
    }
}
