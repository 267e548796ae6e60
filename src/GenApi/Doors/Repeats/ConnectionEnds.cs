using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GenApi.Doors.Repeats;

/// <summary>
/// Notices when a caller did not read its answer to the end. An answer counts as written once the system has its bytes, and that may be
/// megabytes before the caller has them. A caller that has read everything closes its connection; the system of one that has not resets
/// it.
/// </summary>
internal static class ConnectionEnds
{
    /// <summary>A client may end its sending first, and the reset follows then.</summary>
    private static readonly TimeSpan ResetFollows = TimeSpan.FromMilliseconds(300);

    /// <summary>From Linux's netinet/tcp.h: <c>struct tcp_info</c> begins with the state.</summary>
    private const int TcpLevel = 6, TcpInfo = 11, TcpClosed = 7;

    /// <summary>Follows every connection. It costs an object for each connection and nothing for a request.</summary>
    public static void Follow(KestrelServerOptions kestrel) => kestrel.ConfigureEndpointDefaults(endpoint =>
    {
        var stopping = endpoint.ApplicationServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        endpoint.Use(next => connection => FollowAsync(next, connection, stopping));
    });

    private static async Task FollowAsync(ConnectionDelegate next, ConnectionContext connection, CancellationToken stopping)
    {
        var socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        var input = new WatchedInput(connection.Transport.Input);
        var last = new LastAnswer(() => input.HasFailed || IsReset(socket, input) || IsClosed(socket));
        connection.Features.Set(last);
        connection.Transport = new Pipes(input, connection.Transport.Output);
        await next(connection);
        if (last is not { Answer: { Generations.Count: > 0 } answer, Unanswered: { } unanswered })
            return;
        if (await WasResetAsync(last, stopping))
            await unanswered.CutAsync(answer);
        unanswered.Forget(answer);
    }

    private static async Task<bool> WasResetAsync(LastAnswer last, CancellationToken stopping)
    {
        if (last.WasReset())
            return true;
        await Task.Delay(ResetFollows, TimeProvider.System, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return last.WasReset();
    }

    /// <summary>Asks the system, without taking the error away from the server, which reads it when it gets to it.</summary>
    private static bool IsReset(Socket? socket, WatchedInput input)
    {
        try
        {
            return socket?.Poll(0, SelectMode.SelectError) == true;
        }
        catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
        {
            // The server closes the socket when its caller has closed the connection in order, or when it could not send.
            return !input.HasEnded;
        }
    }

    /// <summary>
    /// True if the system has closed the connection, which only a reset does while this side has its socket. The server may have read the
    /// error of that, and not handed it on.
    /// </summary>
    private static bool IsClosed(Socket? socket)
    {
        if (socket is null || !OperatingSystem.IsLinux())
            return false;
        try
        {
            Span<byte> state = stackalloc byte[1];
            return socket.GetRawSocketOption(TcpLevel, TcpInfo, state) == 1 && state[0] == TcpClosed;
        }
        catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
        {
            return false;
        }
    }

    private sealed class Pipes(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    /// <summary>Remembers how the bytes of a connection ended: in order, or by a failure such as a reset.</summary>
    private sealed class WatchedInput(PipeReader inner) : PipeReader
    {
        /// <summary>True if the caller has ended its side in order.</summary>
        public bool HasEnded { get; private set; }

        /// <summary>True if reading failed: the connection was reset.</summary>
        public bool HasFailed { get; private set; }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var reading = inner.ReadAsync(cancellationToken);
            return reading.IsCompletedSuccessfully ? new(Seen(reading.Result)) : SeenAsync(reading);
        }

        public override bool TryRead(out ReadResult result)
        {
            try
            {
                var isRead = inner.TryRead(out result);
                if (isRead)
                    Seen(result);
                return isRead;
            }
            catch (IOException)
            {
                HasFailed = true;
                throw;
            }
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

        // Each request waits here once.
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<ReadResult> SeenAsync(ValueTask<ReadResult> reading)
        {
            try
            {
                return Seen(await reading);
            }
            catch (IOException)
            {
                HasFailed = true;
                throw;
            }
        }

        private ReadResult Seen(ReadResult result)
        {
            HasEnded |= result.IsCompleted;
            return result;
        }
    }
}

/// <summary>The last answer on a connection about a generation that its caller waited for.</summary>
/// <param name="wasReset">Asks whether the connection was reset.</param>
internal sealed class LastAnswer(Func<bool> wasReset)
{
    /// <summary>True if the connection was reset; the system is asked where the server does not know it yet.</summary>
    public Func<bool> WasReset => wasReset;

    /// <summary>Null: there is none, or another request came after it.</summary>
    public PendingAnswer? Answer { get; set; }

    /// <summary>The service to which a cut answer is reported.</summary>
    public UnansweredRequests? Unanswered { get; set; }
}
