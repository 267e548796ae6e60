using System.Net;
using System.Net.Sockets;

namespace GenApi.Tests.Page;

/// <summary>
/// The network between a browser and the service: a port that forwards bytes until a test cuts it. Its address outlives restarts of the
/// service.
/// </summary>
internal sealed class CutNetwork : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly List<Connection> _open = [];
    private readonly Task _accepting;
    private State _state;

    private CutNetwork(Uri target)
    {
        Target = target;
        _listener.Start();
        Address = new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _accepting = AcceptAsync();
    }

    private enum State
    {
        Open,
        Cut,
        Silent,
    }

    public Uri Address { get; }

    /// <summary>The service. Connections from now on lead there.</summary>
    public Uri Target { get; set; }

    public static CutNetwork Start(Uri target) => new(target);

    /// <summary>Resets every connection, and each new one until <see cref="Restore"/>.</summary>
    public void Cut() => Change(State.Cut);

    /// <summary>
    /// Drops all bytes and says so to nobody, as when a machine sleeps: connections of before and of meanwhile stay open and silent. After
    /// <see cref="Restore"/> those that the browser still uses are reset; one that only listens learns nothing, ever.
    /// </summary>
    public void Silence() => Change(State.Silent);

    /// <summary>Lets new connections through.</summary>
    public void Restore() => Change(State.Open);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Change(State.Cut);
        _ended.Dispose();
    }

    private void Change(State state)
    {
        lock (_open)
        {
            _state = state;
            if (state == State.Open)
            {
                foreach (var used in _open.Where(connection => connection.IsUsed).ToList())
                    Drop(used);
                return;
            }
            foreach (var connection in _open)
                connection.End(keepsCaller: state == State.Silent);
            if (state == State.Cut)
                _open.Clear();
        }
    }

    private async Task AcceptAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                var connection = new Connection(await _listener.AcceptSocketAsync(_ended.Token));
                lock (_open)
                {
                    if (_state != State.Cut)
                        _open.Add(connection);
                    if (_state == State.Open)
                        _ = ForwardAsync(connection);
                    else if (_state == State.Cut)
                        connection.End(keepsCaller: false);
                    else
                        connection.IsUsed = true;
                }
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The test ended, or the caller left before it was accepted.
            }
        }
    }

    private async Task ForwardAsync(Connection connection)
    {
        try
        {
            await connection.ForwardAsync(Target, _ended.Token);
        }
        catch (Exception end) when (end is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side left, or the test cut the network.
        }
        lock (_open)
        {
            if (!connection.IsSilent)
            {
                if (_open.Remove(connection))
                    connection.Dispose();
                return;
            }
        }
        await connection.UsedAsync();
        lock (_open)
        {
            connection.IsUsed = true;
            if (_state == State.Open)
                Drop(connection);
        }
    }

    private void Drop(Connection connection)
    {
        _open.Remove(connection);
        connection.End(keepsCaller: false);
    }

    /// <summary>The browser's side and the service's side.</summary>
    private sealed class Connection(Socket caller) : IDisposable
    {
        private readonly Socket _service = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        private Task _sent = Task.CompletedTask;

        public bool IsSilent { get; private set; }

        /// <summary>Whether the browser has sent something in vain.</summary>
        public bool IsUsed { get; set; }

        /// <summary>Completes when the browser sends something that can't be forwarded any more.</summary>
        public async Task UsedAsync() => await _sent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        public async Task ForwardAsync(Uri target, CancellationToken cancellationToken)
        {
            caller.NoDelay = true;
            await _service.ConnectAsync(IPAddress.Loopback, target.Port, cancellationToken);
            await using var inner = new NetworkStream(_service);
            await using var outer = new NetworkStream(caller);
            _sent = outer.CopyToAsync(inner, cancellationToken);
            var ended = await Task.WhenAny(inner.CopyToAsync(outer, cancellationToken), _sent);
            await ended;
        }

        /// <summary>Ends it as a fault.</summary>
        /// <param name="keepsCaller">Whether the browser's side stays open; otherwise it is reset.</param>
        public void End(bool keepsCaller)
        {
            IsSilent |= keepsCaller;
            _service.Close(0);
            if (!keepsCaller)
                caller.Close(0);
        }

        /// <summary>Ends it as agreed: what was written still arrives.</summary>
        public void Dispose()
        {
            _service.Dispose();
            caller.Dispose();
        }
    }
}
