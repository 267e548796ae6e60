using System.Buffers;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Doors.Repeats;

namespace GenApi.Doors.OpenAi;

/// <summary>
/// Answers with OpenAI's events: <c>image_generation.partial_image</c> and <c>image_generation.completed</c>, for edits
/// <c>image_edit.…</c>. While nothing happens it sends comments, which clients skip; anything else they would take for an image.
/// </summary>
internal sealed class ImagesStream(DoorRuns runs, ImagesAnswers answers, TimeProvider time)
{
    /// <summary>The longest side of a preview, in pixels.</summary>
    private const int PreviewSide = 256;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public async Task AnswerAsync(HttpContext context, ImagesCall call, IReadOnlyList<GenerationRequest> requests)
    {
        var submitted = await runs.SubmitAsync(context, requests);
        ImagesAnswers.WriteHeaders(context, submitted);
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        // nginx would buffer the events.
        response.Headers["X-Accel-Buffering"] = "no";
        // Some clients give up on an answer without headers after five minutes.
        await CommentAsync(context, "accepted");

        using var listener = runs.TryListen(submitted);
        var open = submitted.Select(run => runs.EndAsync(context, run, listener)).ToList();
        var ended = new List<DoorEnd>();
        while (open.Count > 0)
        {
            var next = await NextOrHeartbeatAsync(context, open);
            open.Remove(next);
            var end = await next;
            // The status is 200 whatever follows, and a run that goes on has brought its caller nothing yet.
            if (end.IsUnfinished)
                context.OwesOutput();
            if (await WriteAsync(context, call, end) is not { } written)
                return;
            ended.Add(written);
        }
        await EndAsync(context, call, ended);
    }

    private async Task<Task<DoorEnd>> NextOrHeartbeatAsync(HttpContext context, List<Task<DoorEnd>> open)
    {
        var any = Task.WhenAny(open);
        while (!any.IsCompleted)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            var pause = Task.Delay(Heartbeat, time, over.Token);
            if (await Task.WhenAny(any, pause) == pause && !context.RequestAborted.IsCancellationRequested)
                await CommentAsync(context, "keep-alive");
            else
            {
                await over.CancelAsync();
                break;
            }
        }
        return await any;
    }

    /// <returns>The end, as a failure if none of its images can be read; null if nobody reads the response any more.</returns>
    private async Task<DoorEnd?> WriteAsync(HttpContext context, ImagesCall call, DoorEnd end)
    {
        var (written, unreadable) = (0, (GenApiException?)null);
        foreach (var image in end.Images)
        {
            try
            {
                if (!await WriteImageAsync(context, call, end, image))
                    return null;
                written++;
            }
            catch (GenApiException failure)
            {
                unreadable = failure;
                await CommentAsync(context, $"failed {failure.Code}");
            }
        }
        // If no image comes at all, the last event says why.
        if (end.Failure is { } lost)
            await CommentAsync(context, $"failed {lost.Code}");
        return written == 0 && unreadable is not null ? end with { Failure = unreadable } : end;
    }

    private async Task<bool> WriteImageAsync(HttpContext context, ImagesCall call, DoorEnd end, StoredImage image)
    {
        var name = call.Shape.IsEdit ? "image_edit" : "image_generation";
        if (call.Shape.AsUrl)
        {
            using var link = new DoorBody();
            Begin(link, $"{name}.completed", answers.Created([end]));
            link.Json.WriteString(OpenAiOptions.Url, answers.Url(context, image, call.Shape));
            ImagesAnswers.WriteFacts(
                link.Json, call.Shape.Format is null ? image.ContentType : null, call.Shape, image.Width, image.Height);
            return await EventAsync(context, $"{name}.completed", link, hasUsage: true);
        }
        // Opened before anything is written, so that a picture that can't be read leaves no half of an event.
        var whole = await answers.OpenAsync(image, call.Shape, null, context.RequestAborted);
        using var body = Event($"{name}.completed", answers.Created([end]), whole, call.Shape);
        if (call.Partials > 0)
        {
            using var preview = await PreviewAsync(context, call, end, image, name);
            if (!await EventAsync(context, $"{name}.partial_image", preview, hasUsage: false))
                return false;
        }
        return await EventAsync(context, $"{name}.completed", body, hasUsage: true);
    }

    /// <summary>
    /// Builds the event with a small copy, which arrives first. The upstream shows no image while it runs, so each image has one preview.
    /// </summary>
    private async Task<DoorBody> PreviewAsync(HttpContext context, ImagesCall call, DoorEnd end, StoredImage image, string name)
    {
        var small = await answers.OpenAsync(image, call.Shape, PreviewSide, context.RequestAborted);
        var body = Event($"{name}.partial_image", answers.Created([end]), small, call.Shape);
        body.Json.WriteNumber("partial_image_index", 0);
        return body;
    }

    private static DoorBody Event(string type, long created, DoorImage image, ImagesShape shape)
    {
        var body = new DoorBody();
        Begin(body, type, created);
        body.Json.WritePropertyName(OpenAiOptions.Base64);
        body.WriteImage(image.Content);
        ImagesAnswers.WriteFacts(body.Json, image.ContentType, shape, image.Width, image.Height);
        return body;
    }

    private static void Begin(DoorBody body, string type, long created)
    {
        body.Json.WriteStartObject();
        body.Json.WriteString("type", type);
        body.Json.WriteNumber("created_at", created);
        // The model decides about both.
        body.Json.WriteString("quality", "auto");
        body.Json.WriteString("background", "auto");
    }

    private static async Task<bool> EventAsync(HttpContext context, string type, DoorBody body, bool hasUsage)
    {
        if (hasUsage)
            ImagesAnswers.WriteUsage(body.Json);
        body.Json.WriteEndObject();
        Write(context, $"event: {type}\ndata: ");
        if (!await body.WriteToAsync(context))
            return false;
        Write(context, "\n\n");
        return !(await context.Response.BodyWriter.FlushAsync(context.RequestAborted)).IsCompleted;
    }

    /// <summary>Ends a stream without any image with the reason, as clients expect it.</summary>
    private static async Task EndAsync(HttpContext context, ImagesCall call, List<DoorEnd> ended)
    {
        if (ended.Exists(end => end.Failure is null))
            return;
        // Without a stream, the status says that the caller has no image. A run that failed counts as answered all the same.
        context.OwesOutput();
        using var body = new DoorBody();
        body.Json.WriteStartObject();
        body.Json.WriteString("type", "error");
        body.Json.WritePropertyName("error");
        OpenAiError.Of(call.Input.InSentNames(ended[0].Failure!)).Write(body.Json);
        await EventAsync(context, "error", body, hasUsage: false);
    }

    private static async Task CommentAsync(HttpContext context, string text)
    {
        Write(context, $": {text}\n\n");
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static void Write(HttpContext context, string text) => context.Response.BodyWriter.Write(Encoding.UTF8.GetBytes(text));
}
