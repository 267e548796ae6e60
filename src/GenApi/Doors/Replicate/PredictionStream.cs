using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Service;
using GenApi.Core.Images;
using GenApi.Hosting;

namespace GenApi.Doors.Replicate;

/// <summary>
/// Sends a prediction as Replicate's server-sent events: <c>output</c> (the address of a file, or text), <c>logs</c> while it runs,
/// <c>error</c>, and <c>done</c> at the end. The output of a model is stored before it is sent, so it comes in one piece.
/// </summary>
internal sealed class PredictionStream(GenerationService service, DoorLinks links, ApiKeys keys, ImageLinks signed, TimeProvider time)
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly byte[] Comment = ": hi\n\n"u8.ToArray();
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Lets the signed address of a stream in, because clients follow it without their token.</summary>
    public bool ReadLink(HttpContext context, out GenApiException? refusal)
    {
        refusal = null;
        var query = context.Request.Query;
        if (query[ImageLinks.Signature] is not [{ } signature])
            return false;
        var isOurs = long.TryParse(query[ImageLinks.Expires], out var expires)
            && ReplicateDoor.TryReadId(context.Request.RouteValues["id"] as string ?? "", out var id)
            && signed.IsOurs(id, expires, signature) && expires > time.GetUtcNow().ToUnixTimeSeconds();
        if (!isOurs)
        {
            refusal = new GenApiException(
                ErrorKind.Forbidden, "The address of the stream is not valid or has expired. The prediction has a new one.");
        }
        return isOurs;
    }

    public async Task StreamAsync(string id, HttpContext context)
    {
        var generationId = PredictionEndpoints.Id(id);
        // A signed address stands for the caller that got it.
        var known = context.Features.Get<Caller>();
        var caller = known ?? keys.Open;
        var isOver = known?.Ended ?? CancellationToken.None;
        await PredictionEndpoints.FindAsync(() => service.GetAsync(generationId, caller, context.RequestAborted));

        using var slot = service.AcquireListener();
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        // nginx would buffer the events.
        response.Headers["X-Accel-Buffering"] = "no";
        await response.Body.WriteAsync(Comment, context.RequestAborted);
        await response.Body.FlushAsync(context.RequestAborted);

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, isOver);
        try
        {
            await FollowAsync(generationId, caller, context, ended.Token);
        }
        catch (GenApiException gone) when (gone.Kind is ErrorKind.NotFound)
        {
            // It was deleted after the answer began: the stream ends without a result.
        }
        catch (OperationCanceledException) when (isOver.IsCancellationRequested)
        {
            // The key was revoked after the answer began.
        }
    }

    private async Task FollowAsync(Guid generationId, Caller caller, HttpContext context, CancellationToken ended)
    {
        var (response, logs) = (context.Response, "");
        await using var changes = service.WatchAsync(generationId, caller, ended).GetAsyncEnumerator(ended);
        while (await NextAsync(response, changes.MoveNextAsync().AsTask(), ended))
        {
            var details = changes.Current;
            var generation = details.Generation;
            var events = new StringBuilder();
            var known = generation.Logs ?? "";
            // A log that was cut at its beginning starts over.
            var added = known.StartsWith(logs, StringComparison.Ordinal) ? known[logs.Length..] : known;
            logs = known;
            if (added.Length > 0)
                Append(events, "logs", added, generation.Revision);
            if (generation.Status.IsTerminal())
                AppendEnd(events, details, CallerAddress.Of(context.Request));
            if (events.Length == 0)
                continue;
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes(events.ToString()), ended);
            await response.Body.FlushAsync(ended);
        }
    }

    private void AppendEnd(StringBuilder events, GenerationDetails details, string baseUrl)
    {
        var generation = details.Generation;
        var done = "{}";
        switch (PredictionJson.Status(generation))
        {
            case "succeeded" when details.ReadOutput() is null:
                foreach (var file in details.Outputs)
                    Append(events, "output", links.Url(baseUrl, file), generation.Revision);
                break;
            case "succeeded":
                AppendValues(events, details, baseUrl);
                break;
            case "failed":
                var detail = JsonSerializer.Serialize(generation.ErrorMessage ?? "The prediction failed.");
                Append(events, "error", $"{{\"detail\":{detail}}}", generation.Revision);
                done = """{"reason":"error"}""";
                break;
            default:
                done = """{"reason":"canceled"}""";
                break;
        }
        Append(events, "done", done, generation.Revision);
    }

    /// <summary>Sends a text as it is, a list one item at a time, and anything else as JSON.</summary>
    private void AppendValues(StringBuilder events, GenerationDetails details, string baseUrl)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Json))
            details.WriteOutput(json, (to, file) => to.WriteStringValue(links.Url(baseUrl, file)));
        var output = JsonElement.Parse(buffer.ToArray());
        var values = output.ValueKind == JsonValueKind.Array ? output.EnumerateArray().ToList() : [output];
        foreach (var value in values)
        {
            var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
            Append(events, "output", text, details.Generation.Revision);
        }
    }

    private static void Append(StringBuilder events, string name, string data, long revision)
    {
        events.Append(System.Globalization.CultureInfo.InvariantCulture, $"event: {name}\nid: {revision}:0\n");
        foreach (var line in data.ReplaceLineEndings("\n").Split('\n'))
            events.Append("data: ").Append(line).Append('\n');
        events.Append('\n');
    }

    /// <summary>Waits for a change, and meanwhile sends comments, which keep proxies from closing an idle connection.</summary>
    private async Task<bool> NextAsync(HttpResponse response, Task<bool> next, CancellationToken ended)
    {
        while (!next.IsCompleted)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(ended);
            var pause = Task.Delay(Heartbeat, time, over.Token);
            if (await Task.WhenAny(next, pause) != pause || ended.IsCancellationRequested)
            {
                await over.CancelAsync();
                break;
            }
            await response.Body.WriteAsync(Comment, ended);
            await response.Body.FlushAsync(ended);
        }
        return await next;
    }
}
