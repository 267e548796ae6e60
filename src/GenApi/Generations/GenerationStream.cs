using System.Globalization;
using System.Text;
using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Service;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Generations;

/// <summary>
/// Sends a generation as server-sent events: <c>status</c> (the whole generation), <c>progress</c>, <c>logs</c> (the new text), and
/// <c>done</c> (the whole generation) at the end. A new listener gets the snapshot first. The id of an event is the row's revision. Only
/// the last event of a revision has it, so that an interrupted revision is sent again. With <c>Last-Event-ID</c>, a listener gets nothing
/// twice until something changes.
/// </summary>
internal sealed class GenerationStream(GenerationService service, GenerationRendering rendering, TimeProvider time)
{
    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    public async Task EventsAsync(string id, HttpContext context)
    {
        var generationId = RouteId.Parse(PublicId.Generation, id, "generation");
        var aborted = context.RequestAborted;
        var lastId = context.Request.Headers["Last-Event-ID"];
        var seen = long.TryParse(lastId, NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : -1;
        var first = await service.GetAsync(generationId, context.Caller(), aborted);
        if (first.Generation.Status.IsTerminal() && first.Generation.Revision <= seen)
        {
            // By the EventSource standard, this makes a listener stop reconnecting.
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        using var slot = service.AcquireListener();
        var stream = new EventStreamResponse(context.Response, time);
        await stream.BeginAsync(aborted);

        try
        {
            await context.WhileAdmittedAsync(ended => FollowAsync(generationId, context, stream, new Sent(seen), ended));
        }
        catch (GenApiException over) when (over.Kind is ErrorKind.Unauthenticated or ErrorKind.NotFound)
        {
            // The key or the generation was removed after the answer began. The stream ends, and a reconnecting caller gets the reason.
        }
    }

    private async Task<bool> FollowAsync(
        Guid generationId, HttpContext context, EventStreamResponse stream, Sent sent, CancellationToken aborted)
    {
        await using var changes = service.WatchAsync(generationId, context.Caller(), aborted).GetAsyncEnumerator(aborted);
        var next = changes.MoveNextAsync().AsTask();
        while (await stream.WaitAsync(next, static () => Comment, aborted))
        {
            if (sent.Events(changes.Current, rendering, context.Request) is { Length: > 0 } events)
                await stream.WriteAsync(events, aborted);
            next = changes.MoveNextAsync().AsTask();
        }
        return true;
    }

    /// <summary>The state that this listener has received.</summary>
    private sealed class Sent(long revision)
    {
        private GenerationStatus? _status;
        private (int?, int?) _progress;
        private string _logs = "";

        public byte[] Events(GenerationDetails details, GenerationRendering rendering, HttpRequest request)
        {
            var generation = details.Generation;
            if (generation.Revision <= revision)
            {
                // The listener has all of this, and later events build on it. Only the part of the log that it still has is unknown.
                Remember(generation);
                return [];
            }
            revision = generation.Revision;
            var events = new List<(string Name, byte[] Data)>();
            if (_status != generation.Status)
                events.Add(("status", rendering.Bytes(details, request)));
            if (generation is { ProgressCurrent: { } current, ProgressTotal: > 0 and var total } && _progress != (current, total))
            {
                var progress = new StreamedProgress(Math.Round((double)current / total, 4), current, total);
                events.Add(("progress", JsonSerializer.SerializeToUtf8Bytes(progress, GenerationJsonContext.Answers.StreamedProgress)));
            }
            if (NewLogs(generation.Logs ?? "") is { } logs)
                events.Add(("logs", JsonSerializer.SerializeToUtf8Bytes(logs, GenerationJsonContext.Answers.StreamedLogs)));
            if (generation.Status.IsTerminal())
                events.Add(("done", rendering.Bytes(details, request)));
            Remember(generation);
            return Write(events);
        }

        private void Remember(Generation generation)
        {
            _status = generation.Status;
            _progress = (generation.ProgressCurrent, generation.ProgressTotal);
            _logs = generation.Logs ?? "";
        }

        private StreamedLogs? NewLogs(string logs)
        {
            if (logs.Length == 0 || logs == _logs)
                return null;
            // A log that was cut at its beginning starts over.
            var offset = logs.StartsWith(_logs, StringComparison.Ordinal) ? _logs.Length : 0;
            return new StreamedLogs(offset, logs[offset..]);
        }

        private byte[] Write(List<(string Name, byte[] Data)> events)
        {
            using var buffer = new MemoryStream();
            for (var at = 0; at < events.Count; at++)
            {
                buffer.Write(Encoding.UTF8.GetBytes($"event: {events[at].Name}\ndata: "));
                buffer.Write(events[at].Data);
                buffer.Write(Encoding.UTF8.GetBytes(at == events.Count - 1 ? $"\nid: {revision}\n\n" : "\n\n"));
            }
            return buffer.ToArray();
        }
    }
}

/// <summary>The data of a <c>progress</c> event.</summary>
internal sealed record StreamedProgress(double Percentage, int Current, int Total);

/// <summary>
/// The data of a <c>logs</c> event: the text at <paramref name="Offset"/> (in UTF-16 units) of the whole log. 0 means that the log starts
/// over.
/// </summary>
internal sealed record StreamedLogs(int Offset, string Text);
