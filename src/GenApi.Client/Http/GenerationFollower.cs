using System.Globalization;
using System.Runtime.CompilerServices;

namespace GenApi.Client;

/// <summary>
/// Follows a generation to its end. It listens to the events and reconnects with <c>Last-Event-ID</c> when a restart or a proxy's time-out
/// ends the connection. If a stream brings nothing (a proxy that buffers, a service without room for listeners, a refused connection), it
/// polls with <c>Prefer: wait</c> before it listens again.
/// </summary>
internal sealed class GenerationFollower(ApiConnection connection, ApiRetries retries)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly GenApiClientOptions _options = connection.Options;

    public async IAsyncEnumerable<GenerationEvent> FollowAsync(string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? lastId = null;
        var status = GenerationStatus.Unknown;
        while (true)
        {
            var (hasHeard, pause) = (false, Pause);
            using (var stream = await ListenAsync(id, lastId, cancellationToken).ConfigureAwait(false))
            {
                while (stream is not null && await stream.NextAsync().ConfigureAwait(false) is { } next)
                {
                    hasHeard = true;
                    // A listener that reconnects may receive the status once more.
                    if (next is not StatusChanged { Generation.Status: var seen } || seen != status)
                        yield return next;
                    if (next is GenerationEnded)
                        yield break;
                    status = next is StatusChanged changed ? changed.Generation.Status : status;
                }
                cancellationToken.ThrowIfCancellationRequested();
                lastId = stream?.LastId ?? lastId;
                pause = hasHeard ? stream!.ReconnectAfter : pause;
            }
            if (!hasHeard)
            {
                var generation = await GetAsync(id, Wait, _options.ReconnectFor, cancellationToken).ConfigureAwait(false);
                if (generation.Status != status)
                    yield return new StatusChanged(generation);
                if (generation.IsFinished)
                {
                    yield return new GenerationEnded(generation);
                    yield break;
                }
                status = generation.Status;
            }
            await Task.Delay(pause, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <param name="id">The id of the generation.</param>
    /// <param name="wait">The time that the service may wait for the end before it answers, at most 300 seconds.</param>
    /// <param name="patience">The time for retries.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<Generation> GetAsync(string id, TimeSpan wait, TimeSpan patience, CancellationToken cancellationToken)
    {
        var call = new ApiCall(HttpMethod.Get, Route.Generation(id));
        if (wait > TimeSpan.Zero)
        {
            var seconds = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            call = call with { Prefer = $"wait={seconds}", ExtraTime = wait };
        }
        return retries.RunAsync(
            call, static (reply, ended) => reply.ReadAsync(ClientJson.Default.Generation, ended), patience, cancellationToken);
    }

    /// <returns>Null if no stream is available now. The next call reports a permanent obstacle.</returns>
    private async Task<EventStream?> ListenAsync(string id, string? lastId, CancellationToken cancellationToken)
    {
        var path = Route.Generation(id) + "/events";
        var call = new ApiCall(HttpMethod.Get, path) { Accept = "text/event-stream", LastEventId = lastId };
        ApiReply reply;
        try
        {
            reply = await connection.SendAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (GenApiException)
        {
            return null;
        }
        if (reply is { Status: 200, Headers.ContentType.MediaType: "text/event-stream" })
            return new EventStream(reply, cancellationToken);
        reply.Dispose();
        return null;
    }
}
