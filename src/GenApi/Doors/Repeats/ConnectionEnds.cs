using System.Net.Sockets;
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

    /// <summary>Follows every connection. It costs an object for each connection and nothing for a request.</summary>
    public static void Follow(KestrelServerOptions kestrel) => kestrel.ConfigureEndpointDefaults(endpoint =>
    {
        var stopping = endpoint.ApplicationServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        endpoint.Use(next => connection => FollowAsync(next, connection, stopping));
    });

    private static async Task FollowAsync(ConnectionDelegate next, ConnectionContext connection, CancellationToken stopping)
    {
        var last = new LastAnswer();
        connection.Features.Set(last);
        await next(connection);
        if (last is { Answer.Generations.Count: > 0, Unanswered: { } unanswered } && await WasResetAsync(connection, stopping))
            await unanswered.CutAsync(last.Answer);
    }

    private static async Task<bool> WasResetAsync(ConnectionContext connection, CancellationToken stopping)
    {
        if (HasFailed(connection))
            return true;
        await Task.Delay(ResetFollows, TimeProvider.System, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return HasFailed(connection);
    }

    private static bool HasFailed(ConnectionContext connection)
    {
        try
        {
            connection.Transport.Input.TryRead(out _);
        }
        catch (IOException)
        {
            return true;
        }
        catch (InvalidOperationException)
        {
            // The server has completed its side, so only the socket can tell.
        }
        try
        {
            return connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket
                && socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is int and not 0;
        }
        catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
        {
            // Before this method has returned, the server closes the socket only if it could not send.
            return true;
        }
    }
}

/// <summary>The last answer on a connection about a generation that its caller waited for.</summary>
internal sealed class LastAnswer
{
    /// <summary>Null: there is none, or another request came after it.</summary>
    public PendingAnswer? Answer { get; set; }

    /// <summary>The service to which a cut answer is reported.</summary>
    public UnansweredRequests? Unanswered { get; set; }
}
