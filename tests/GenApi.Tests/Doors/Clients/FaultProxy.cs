using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GenApi.Tests.Doors.Clients;

/// <summary>
/// Stands between a client and the service and passes every byte on, except that it breaks the first POSTs that carry a marker. The service
/// always has the whole request by then, and something is created for it.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _left, _broken;

    /// <param name="target">The service.</param>
    /// <param name="fault">The fault; it does nothing for <see cref="NetworkFault.None"/> and <see cref="NetworkFault.TimeOut"/>.</param>
    /// <param name="times">The number of POSTs to break.</param>
    /// <param name="marker">ASCII text in the body of those POSTs.</param>
    /// <param name="created">Waits until something was created for the marker.</param>
    public FaultProxy(Uri target, NetworkFault fault, int times, string marker, Func<CancellationToken, Task> created)
    {
        (Target, Fault, Marker, Created) = (target, fault, marker, created);
        _left = fault is NetworkFault.None or NetworkFault.TimeOut ? 0 : times;
        _listener.Start();
        Address = new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _accepting = AcceptAsync();
    }

    /// <summary>The address that stands in for the service's.</summary>
    public Uri Address { get; }

    /// <summary>The number of POSTs broken so far.</summary>
    public int Broken => Volatile.Read(ref _broken);

    private Uri Target { get; }

    private NetworkFault Fault { get; }

    private string Marker { get; }

    private Func<CancellationToken, Task> Created { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var caller = await _listener.AcceptSocketAsync(_stop.Token);
                connections.Add(ServeAsync(caller));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket caller)
    {
        using var connection = new Connection(this, caller);
        try
        {
            await connection.RunAsync(_stop.Token);
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Either side left, or the test is over. Disposing closes both.
        }
    }

    private bool TakeOne()
    {
        if (Interlocked.Decrement(ref _left) < 0)
            return false;
        Interlocked.Increment(ref _broken);
        return true;
    }

    /// <summary>One connection of the caller and its counterpart at the service.</summary>
    private sealed class Connection(FaultProxy proxy, Socket caller) : IDisposable
    {
        private static readonly byte[] Refusal = Encoding.ASCII.GetBytes(
            "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 7\r\nConnection: close\r\n\r\nno luck");

        private readonly Socket _service = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly StringBuilder _request = new();
        private readonly TaskCompletionSource _breaks = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private bool IsBroken => _breaks.Task.IsCompleted;

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            caller.NoDelay = true;
            await _service.ConnectAsync(proxy.Target.Host, proxy.Target.Port, cancellationToken);
            var (requests, answers) = (RequestsAsync(cancellationToken), AnswersAsync(cancellationToken));
            var first = await Task.WhenAny(requests, answers, _breaks.Task);
            if (IsBroken)
                await (proxy.Fault == NetworkFault.CutAnswer ? answers : BreakAsync(cancellationToken));
            else
                await first;
        }

        public void Dispose()
        {
            caller.Dispose();
            _service.Dispose();
        }

        /// <summary>Passes requests on, until the caller leaves or a fault has closed the connection.</summary>
        private async Task RequestsAsync(CancellationToken cancellationToken)
        {
            var buffer = new byte[32 << 10];
            while (await caller.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
            {
                var text = Encoding.Latin1.GetString(buffer, 0, count);
                // A request begins with a new packet, because no client here sends two at once.
                if (text.StartsWith("POST ", StringComparison.Ordinal))
                    _request.Clear();
                _request.Append(text);
                if (!IsBroken && IsMarkedPost() && proxy.TakeOne())
                    _breaks.TrySetResult();
                await _service.SendAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }

        private bool IsMarkedPost()
        {
            var request = _request.ToString();
            return request.StartsWith("POST ", StringComparison.Ordinal) && request.Contains(proxy.Marker, StringComparison.Ordinal);
        }

        private async Task BreakAsync(CancellationToken cancellationToken)
        {
            await proxy.Created(cancellationToken);
            Reset(_service);
            if (proxy.Fault == NetworkFault.Reset)
            {
                Reset(caller);
                return;
            }
            await caller.SendAsync(Refusal, cancellationToken);
            caller.Shutdown(SocketShutdown.Send);
        }

        /// <summary>Passes answers on; of one that is to be cut only its first half.</summary>
        private async Task AnswersAsync(CancellationToken cancellationToken)
        {
            var buffer = new byte[8 << 10];
            var passed = 0;
            int? half = null;
            while (await _service.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
            {
                if (!IsBroken)
                {
                    await caller.SendAsync(buffer.AsMemory(0, count), cancellationToken);
                    continue;
                }
                if (proxy.Fault != NetworkFault.CutAnswer)
                    continue;
                half ??= Half(Encoding.Latin1.GetString(buffer, 0, count));
                await caller.SendAsync(buffer.AsMemory(0, Math.Min(count, half.Value - passed)), cancellationToken);
                passed += count;
                if (passed < half)
                    continue;
                Reset(_service);
                caller.Shutdown(SocketShutdown.Send);
                return;
            }
            if (!IsBroken)
                caller.Shutdown(SocketShutdown.Send);
        }

        /// <summary>The length of the head and half of the body; without a stated length, of the first packet but one byte.</summary>
        private static int Half(string first)
        {
            var head = first.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            var length = first.Split("\r\n")
                .FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
            return length is null ? Math.Max(head, first.Length - 1) : head + int.Parse(length.Split(':')[1], provider: null) / 2;
        }

        private static void Reset(Socket socket)
        {
            socket.LingerState = new(true, 0);
            socket.Close();
        }
    }
}
