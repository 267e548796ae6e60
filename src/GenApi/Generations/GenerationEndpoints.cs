using GenApi.Accounts;
using GenApi.Accounts.Entrance;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Service;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;
using GenApi.Doors.Repeats;
using GenApi.Hosting;
using GenApi.Hosting.Requests;
using Microsoft.Extensions.Options;

namespace GenApi.Generations;

/// <summary>POST /generate and /generations: translates the request, calls one method of the service, and translates the result.</summary>
internal sealed class GenerationEndpoints(
    GenerationService service, GenerationAnswers answers, GenerationRendering rendering, IOptions<GenerationOptions> options,
    ModelGuide models, WebhookTargets webhooks, PageCursors cursors, UnansweredRequests unanswered, TimeProvider time)
{
    private static readonly string StorageFull = ErrorCodes.Of(ErrorKind.StorageFull);
    private readonly Func<string, string?> _nameOfVersion = models.NameOfVersion;
    private readonly TimeSpan _defaultWait = TimeSpan.FromSeconds(options.Value.DefaultWaitSeconds);

    public async Task GenerateAsync(HttpContext context)
    {
        var (startedAt, began) = (time.GetUtcNow(), time.GetTimestamp());
        var aborted = context.RequestAborted;
        var body = await JsonBody.ReadAsync(context.Request, JsonBody.MostBytes, aborted);
        var answer = new PendingAnswer();
        var submitting = service.SubmitAsync(Request(context, body, answer), aborted);
        if (!submitting.IsCompletedSuccessfully)
            context.Follow(answer, unanswered);
        var submission = await submitting;

        var prefer = PreferHeader.Parse(context.Request.Headers[PreferHeader.Name]);
        var wait = prefer.WaitOr(_defaultWait);
        var details = submission.Details;
        if (submission.Outcome != CacheOutcome.Hit)
            GenerationAnswers.Tag(context, details.Generation);
        if (!details.Generation.Status.IsTerminal() && wait > TimeSpan.Zero)
        {
            details = await context.WhileAdmittedAsync(ended =>
                service.WaitForAnswerAsync(submission, context.Caller(), wait, ended));
            RequireRoom(details.Generation);
        }

        var headers = context.Response.Headers;
        headers[CacheStatusHeader.Name] = CacheStatusHeader.Of(submission);
        headers["Server-Timing"] = GenerationAnswers.ServerTiming(
            details.Generation, submission.Outcome, startedAt, startedAt + time.GetElapsedTime(began));
        headers.Vary = PreferHeader.Name;
        if (prefer.Applied is { } applied)
            headers[PreferHeader.AppliedName] = applied;
        await answers.WriteOutcomeAsync(context, details);
    }

    public async Task GetAsync(string id, HttpContext context)
    {
        var prefer = PreferHeader.Parse(context.Request.Headers[PreferHeader.Name]);
        var generationId = Id(id);
        var details = prefer.Wait is { } wait && wait > TimeSpan.Zero
            ? await context.WhileAdmittedAsync(ended => service.WaitAsync(generationId, context.Caller(), wait, ended))
            : await service.GetAsync(generationId, context.Caller(), context.RequestAborted);

        var headers = context.Response.Headers;
        var tag = answers.EntityTag(details.Generation, context);
        headers.ETag = tag;
        headers.CacheControl = "private, no-cache";
        headers.Vary = PreferHeader.Name;
        if (prefer.Wait is not null)
            headers[PreferHeader.AppliedName] = (prefer with { RespondAsync = false }).Applied;
        if (TaggedJson.IsKnown(context.Request, tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        if (!details.Generation.Status.IsTerminal())
            headers.RetryAfter = "1";
        await answers.WriteAsync(context, StatusCodes.Status200OK, details);
    }

    public async Task ListAsync(HttpContext context)
    {
        var (query, isShort) = GenerationListQuery.Read(context.Request.Query, cursors, models);
        var page = await service.ListAsync(query with { Account = context.Caller().VisibleAccount }, context.RequestAborted);
        var json = GenerationListQuery.Render(page, isShort, rendering, cursors, context.Request);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }

    public async Task CancelAsync(string id, HttpContext context)
    {
        var (details, wasFinished) = await service.CancelAsync(Id(id), context.Caller(), context.Origin(), context.RequestAborted);
        GenerationAnswers.Tag(context, details.Generation);
        await (wasFinished
            ? answers.WriteAsync(context, StatusCodes.Status200OK, details)
            : answers.WriteAcceptedAsync(context, details));
    }

    public Task PinAsync(string id, HttpContext context) => PinAsync(id, isPinned: true, context);

    public Task UnpinAsync(string id, HttpContext context) => PinAsync(id, isPinned: false, context);

    public async Task LogsAsync(string id, HttpContext context)
    {
        var details = await service.GetAsync(Id(id), context.Caller(), context.RequestAborted);
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "private, no-cache";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await context.Response.WriteAsync(details.Generation.Logs ?? "", context.RequestAborted);
    }

    public async Task DeleteAsync(string id, HttpContext context)
    {
        await service.DeleteAsync(Id(id), context.Caller(), context.Origin(), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task PinAsync(string id, bool isPinned, HttpContext context)
    {
        var details = await service.PinAsync(Id(id), isPinned, context.Caller(), context.Origin(), context.RequestAborted);
        GenerationAnswers.Tag(context, details.Generation);
        await answers.WriteAsync(context, StatusCodes.Status200OK, details);
    }

    private static Guid Id(string text) => RouteId.Parse(PublicId.Generation, text, "generation");

    /// <summary>Reads a request for a generation.</summary>
    /// <param name="context">The HTTP request.</param>
    /// <param name="body">Its body.</param>
    /// <param name="answer">What the caller waits for; null: it does not ask for the generation itself.</param>
    /// <exception cref="GenApiException">InvalidRequest, with everything that is wrong.</exception>
    internal GenerationRequest Request(HttpContext context, System.Text.Json.JsonElement body, PendingAnswer? answer)
    {
        var headers = context.Request.Headers;
        var caller = context.Caller();
        KeyInBody.Refuse(context, body);
        var cache = CacheDirectives.Of(context.Request);
        return GenerateRequestReader.Read(body, webhooks, context.Request, _nameOfVersion, new(
            caller, IdempotencyHeader.Read(headers[IdempotencyHeader.Name], body, caller.AccountId), cache.NoCache,
            cache.OnlyIfCached,
            new(caller.AccountId, cache.AddTo("/generate"), body, RepeatFingerprint.IsMarked(context.Request), answer), body));
    }

    /// <summary>
    /// Refuses to wait on a full disk. The work goes on once there is room, but the caller should know why it does not end.
    /// </summary>
    private static void RequireRoom(Generation generation)
    {
        if (generation.Status == GenerationStatus.Storing && generation.ErrorCode == StorageFull)
        {
            throw new GenApiException(ErrorKind.StorageFull, generation.ErrorMessage ?? "There is no room for the image.")
            {
                GenerationId = generation.Id,
            };
        }
    }
}
