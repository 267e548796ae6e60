using System.Globalization;
using System.Runtime.CompilerServices;

namespace GenApi.Client;

/// <summary>
/// Follows a generation to its end. It listens to the events and comes back with <c>Last-Event-ID</c> when the connection ends, be it by a
/// restart of the service or a proxy's time-out. Where
/// a stream brings nothing (a proxy that holds answers back, a service that has no room for listeners, a connection that is refused) it
/// asks, with <c>Prefer: wait</c>, before it listens again.
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
                    // A listener that comes back may be told the status once more.
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

    /// <param name="id">Of the generation.</param>
    /// <param name="wait">How long the service may wait for its end before it answers; at most 300 seconds count.</param>
    /// <param name="patience">How long to try again.</param>
    /// <param name="cancellationToken">Ends it.</param>
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

    /// <returns>Null when there is no stream to be had now. What is in the way for good is told by the call that comes next.</returns>
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
