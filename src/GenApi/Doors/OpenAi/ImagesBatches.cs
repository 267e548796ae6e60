using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Service;
using GenApi.Core.Persistence;
using GenApi.Generations;
using GenApi.Hosting;

namespace GenApi.Doors.OpenAi;

/// <summary>
/// Answers <c>Prefer: respond-async</c> with 202 and the id of a batch, which outlives the call and the process, and
/// <c>GET /v1/images/generations/{id}</c> with its state.
/// </summary>
internal sealed class ImagesBatches(GenerationBatches batches, GenerationService service, ImagesAnswers answers, TimeProvider time)
{
    private const string Path = "/v1/images/generations/";
    private const string AskAgainSeconds = "1";

    /// <summary>Stores a batch of these runs and answers with its id.</summary>
    public async Task AcceptAsync(HttpContext context, ImagesCall call, IReadOnlyList<DoorRun> runs)
    {
        var generations = runs.Select(run => run.Submission).OfType<Submission>().Select(each => each.Details.Generation.Id).ToList();
        var shape = JsonSerializer.Serialize(call.Shape, OpenAiJsonContext.Default.ImagesShape);
        // Not the caller's token: the generations are made, and a row that nobody reads does no harm.
        var batch = await batches.AddAsync(
            context.Caller().AccountId, ImagesRequests.Door, generations, shape, CancellationToken.None);
        ImagesAnswers.WriteHeaders(context, runs);
        context.Response.Headers[PreferHeader.AppliedName] = "respond-async";
        var refusals = runs.Select(run => run.Refusal).OfType<GenApiException>().ToList();
        await WriteOpenAsync(context, StatusCodes.Status202Accepted, batch, isStarted: false, refusals);
    }

    public async Task GetAsync(string id, HttpContext context)
    {
        var batchId = RouteId.Parse(PublicId.Batch, id, "batch of images");
        var batch = await batches.FindAsync(batchId, context.Caller(), context.RequestAborted) ?? throw RouteId.Unknown("batch of images");
        var prefer = PreferHeader.Parse(context.Request.Headers[PreferHeader.Name]);
        var wait = prefer.WaitOr(TimeSpan.Zero);
        if (prefer.Wait is not null)
            context.Response.Headers[PreferHeader.AppliedName] = (prefer with { RespondAsync = false }).Applied;
        context.Response.Headers.Vary = PreferHeader.Name;
        context.Response.Headers.CacheControl = "private, no-cache";

        var found = await FindAsync(context, batch, wait);
        if (found.TrueForAll(each => each is null))
            throw RouteId.Unknown("batch of images");
        if (found.Exists(each => each is { Generation.Status: var status } && !status.IsTerminal()))
        {
            var isStarted = found.Exists(each => each is { Generation.Status: not GenerationStatus.Queued });
            await WriteOpenAsync(context, StatusCodes.Status200OK, batch, isStarted, []);
            return;
        }
        var ends = found.ConvertAll(each => each is null ? new DoorEnd(null, Deleted()) : new DoorEnd(each, DoorFailure.Of(each)));
        await WriteEndedAsync(context, batch, ends);
    }

    private async Task<List<GenerationDetails?>> FindAsync(HttpContext context, GenerationBatch batch, TimeSpan wait)
    {
        var began = time.GetTimestamp();
        var found = new List<GenerationDetails?>();
        foreach (var id in GenerationBatches.IdsOf(batch))
        {
            var left = wait - time.GetElapsedTime(began);
            try
            {
                found.Add(left > TimeSpan.Zero
                    ? await context.WhileAdmittedAsync(ended => service.WaitForAnswerAsync(id, context.Caller(), left, ended))
                    : await service.GetAsync(id, context.Caller(), context.RequestAborted));
            }
            catch (GenApiException gone) when (gone.Kind == ErrorKind.NotFound)
            {
                found.Add(null);
            }
        }
        return found;
    }

    private async Task WriteEndedAsync(HttpContext context, GenerationBatch batch, List<DoorEnd> ends)
    {
        GenApiException? failure;
        try
        {
            if (ends.Exists(end => end.Failure is null))
            {
                var shape = JsonSerializer.Deserialize(batch.Answer, OpenAiJsonContext.Default.ImagesShape)!;
                var (body, _) = await answers.BodyAsync(context, ends, shape, json => WriteId(json, batch, "completed"));
                using (body)
                    await body.WriteAsync(context);
                return;
            }
            failure = ends.Find(end => end.Failure is not null)?.Failure;
        }
        catch (GenApiException unreadable)
        {
            failure = unreadable;
        }
        using var failed = new DoorBody();
        failed.Json.WriteStartObject();
        WriteId(failed.Json, batch, "failed");
        failed.Json.WriteNumber("created", batch.CreatedAt.ToUnixTimeSeconds());
        failed.Json.WritePropertyName("error");
        OpenAiError.Of(failure!).Write(failed.Json);
        failed.Json.WriteEndObject();
        await failed.WriteAsync(context);
    }

    private static async Task WriteOpenAsync(
        HttpContext context, int status, GenerationBatch batch, bool isStarted, List<GenApiException> refusals)
    {
        var id = PublicId.Format(PublicId.Batch, batch.Id);
        context.Response.Headers.Location = $"{CallerAddress.Of(context.Request)}{Path}{id}";
        context.Response.Headers.RetryAfter = AskAgainSeconds;
        using var body = new DoorBody();
        body.Json.WriteStartObject();
        WriteId(body.Json, batch, isStarted ? "in_progress" : "queued");
        body.Json.WriteNumber("created", batch.CreatedAt.ToUnixTimeSeconds());
        if (refusals.Count > 0)
        {
            body.Json.WriteStartArray("failures");
            foreach (var refusal in refusals)
                OpenAiError.Of(refusal).Write(body.Json);
            body.Json.WriteEndArray();
        }
        body.Json.WriteEndObject();
        await body.WriteAsync(context, status);
    }

    private static void WriteId(Utf8JsonWriter json, GenerationBatch batch, string status)
    {
        json.WriteString("id", PublicId.Format(PublicId.Batch, batch.Id));
        json.WriteString("object", "image.generation");
        json.WriteString("status", status);
    }

    private static GenApiException Deleted() => new(ErrorKind.NotFound, "The generation was deleted.");
}
