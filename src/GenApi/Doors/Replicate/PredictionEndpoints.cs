using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Accounts;
using GenApi.Accounts.Entrance;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Service;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Webhooks;
using GenApi.Doors.Repeats;
using GenApi.Generations;
using GenApi.Hosting.Requests;

namespace GenApi.Doors.Replicate;

/// <summary>Creates, shows and cancels predictions.</summary>
internal sealed class PredictionEndpoints(
    GenerationService service, PredictionAnswers answers, PredictionDeadlines deadlines, ModelGuide models, WebhookTargets webhooks)
{
    private static readonly Dictionary<string, JsonElement> NoCommonNames = [];

    /// <summary>POST /predictions.</summary>
    public Task CreateAsync(HttpContext context) => CreateAsync(context, null);

    /// <summary>POST /models/{owner}/{name}/predictions.</summary>
    public Task CreateForModelAsync(string owner, string name, HttpContext context) => CreateAsync(context, $"{owner}/{name}");

    public async Task GetAsync(string id, HttpContext context)
    {
        var generationId = Id(id);
        var details = await FindAsync(() => service.GetAsync(generationId, context.Caller(), context.RequestAborted));
        await answers.WriteAsync(context, StatusCodes.Status200OK, details);
    }

    /// <summary>
    /// Cancels a prediction. One that has ended stays as it is, and so does one whose output is being stored: it ends as it would have.
    /// </summary>
    public async Task CancelAsync(string id, HttpContext context)
    {
        var generationId = Id(id);
        GenerationDetails details;
        var hadEnded = true;
        try
        {
            (details, hadEnded) = await FindAsync(() =>
                service.CancelAsync(generationId, context.Caller(), context.Origin(), context.RequestAborted));
        }
        catch (GenApiException refusal) when (refusal.Kind == ErrorKind.Conflict)
        {
            details = await FindAsync(() => service.GetAsync(generationId, context.Caller(), context.RequestAborted));
        }
        GenerationAnswers.Tag(context, details.Generation);
        await answers.WriteAsync(context, StatusCodes.Status200OK, details, isLeft: !hadEnded);
    }

    /// <summary>Reads the id of a prediction in a path.</summary>
    /// <exception cref="GenApiException">NotFound: it is none.</exception>
    public static Guid Id(string text) => ReplicateDoor.TryReadId(text, out var id) ? id : throw Unknown();

    /// <summary>Lets a call speak of predictions where it finds nothing.</summary>
    public static async Task<T> FindAsync<T>(Func<Task<T>> find)
    {
        try
        {
            return await find();
        }
        catch (GenApiException unknown) when (unknown.Kind == ErrorKind.NotFound)
        {
            throw Unknown();
        }
    }

    private static GenApiException Unknown() => new(ErrorKind.NotFound, "There is no such prediction.");

    private async Task CreateAsync(HttpContext context, string? model)
    {
        var aborted = context.RequestAborted;
        var body = await JsonBody.ReadAsync(context.Request, JsonBody.MostBytes, aborted);
        var read = PredictionRequest.Read(body, model is not null, webhooks, ReplicateDoor.Address(context.Request));
        KeyInBody.Refuse(context, body);
        var limit = PredictionHeaders.ReadCancelAfter(context.Request.Headers[PredictionHeaders.CancelAfter]);
        var name = await models.NameForAsync(model ?? read.Version!, aborted);
        var submission = await service.SubmitAsync(Request(context, body, name, read) with { CancelAfter = limit }, aborted);

        var details = submission.Details;
        context.AwaitsAnswer(details.Generation.Id);
        var isOpen = !details.Generation.Status.IsTerminal();
        // A run without this limit may have other callers, so no deadline ends it.
        if (submission.Deadline is { } deadline)
            deadlines.Watch(details.Generation.Id, context.Caller(), context.Origin(), deadline);
        var wait = PredictionHeaders.ReadWait(context.Request.Headers[PredictionHeaders.Prefer]);
        if (wait is { } patience && isOpen)
        {
            details = await context.WhileAdmittedAsync(ended =>
                service.WaitAsync(details.Generation.Id, context.Caller(), patience.Wait, ended));
        }
        var headers = context.Response.Headers;
        headers[CacheStatusHeader.Name] = CacheStatusHeader.Of(submission);
        headers.Vary = PredictionHeaders.Prefer;
        if (wait is { } applied)
            headers[PredictionHeaders.PreferenceApplied] = applied.Applied;
        // 202: the caller waited, and the output is not there yet.
        var isLate = wait is not null && !details.Generation.Status.IsTerminal();
        await answers.WriteAsync(
            context, isLate ? StatusCodes.Status202Accepted : StatusCodes.Status201Created, details,
            new NewPredictionNotes(read, submission.Deadline));
    }

    private static GenerationRequest Request(HttpContext context, JsonElement body, string model, PredictionRequest read)
    {
        var headers = context.Request.Headers;
        var account = context.Caller().AccountId;
        var cache = CacheDirectives.Of(context.Request);
        // The deadline is a part of what is asked for, and it is in a header.
        var path = cache.AddTo($"{context.Request.Path}?{headers[PredictionHeaders.CancelAfter]}");
        var request = DoorRequest.For(
            context, ReplicateDoor.Name, model, NoCommonNames, FileAddress.ToIds(read.Input),
            fingerprint: RepeatFingerprint.Of(account, path, JsonMarshal.GetRawUtf8Value(body)));
        return request with
        {
            AllowsDefaultPrompt = true,
            Webhook = read.Webhook is { } webhook ? webhook with { AccountId = request.OwnerId } : null,
            Cache = cache.NoCache ? CacheMode.Refresh : null,
        };
    }
}
