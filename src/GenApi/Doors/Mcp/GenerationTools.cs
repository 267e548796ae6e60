using System.Text.Json;
using GenApi.Accounts;
using GenApi.Accounts.Entrance;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Service;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Webhooks;
using GenApi.Doors.Repeats;
using GenApi.Generations;
using GenApi.Hosting.Logs;
using ModelContextProtocol.Protocol;

namespace GenApi.Doors.Mcp;

/// <summary>The tools that make, follow and cancel generations.</summary>
internal sealed class GenerationTools(
    GenerationService service, UnansweredRequests unanswered, McpWaits waits, McpResults results, McpFailures failures, ModelGuide models,
    WebhookTargets webhooks)
{
    public const string Door = "mcp";

    private const string Image = "image", Mask = "mask";

    private static readonly string StorageFull = ErrorCodes.Of(ErrorKind.StorageFull);

    public Task<CallToolResult> GenerateAsync(McpCall call, CancellationToken cancellationToken) =>
        RunAsync(Request(call, needsImage: false), call, cancellationToken);

    public Task<CallToolResult> EditAsync(McpCall call, CancellationToken cancellationToken) =>
        RunAsync(Request(call, needsImage: true), call, cancellationToken);

    public async Task<CallToolResult> GetAsync(McpCall call, CancellationToken cancellationToken)
    {
        var id = McpArguments.ReadId(call.Arguments, out var wait);
        try
        {
            var details = await waits.ForAnyAsync(id, call, wait, cancellationToken);
            // The call that made it returned only the id. Now its caller has the images, and the same again is another order. Others who
            // see the generation, such as administrators, have asked for nothing.
            if (details.Generation is { Status: GenerationStatus.Succeeded, Door: Door, OwnerId: var owner }
                && owner == call.Caller.AccountId)
                await unanswered.SettleAsync(id);
            return await AnswerAsync(details, null, call, cancellationToken);
        }
        catch (GenApiException fault) when (IsUnnamed(fault) && fault.Kind != ErrorKind.NotFound)
        {
            throw DoorFailure.About(fault, id);
        }
    }

    public async Task<CallToolResult> CancelAsync(McpCall call, CancellationToken cancellationToken)
    {
        var id = McpArguments.ReadId(call.Arguments);
        var (details, wasFinished) = await CancelAsync(id, call, cancellationToken);
        var generation = details.Generation;
        call.Context.TagGeneration(generation.PublicId);
        var text = wasFinished ? $"{generation.PublicId} had ended before: it is {generation.Status.Word()}."
            : generation.Status.IsTerminal() ? $"{generation.PublicId} is {generation.Status.Word()}."
            : $"{generation.PublicId} will be canceled; it is still {generation.Status.Word()}.";
        return results.With(new() { Content = [new TextContentBlock { Text = text }] }, details, call);
    }

    private async Task<CallToolResult> RunAsync(GenerationRequest request, McpCall call, CancellationToken cancellationToken)
    {
        var submission = await service.SubmitAsync(request, cancellationToken);
        var id = submission.Details.Generation.Id;
        call.Context.AwaitsAnswer(id);
        // A result has the status 200 whatever it says. As long as the caller has neither images nor the failure of the run, but an id or
        // the failure of the wait, the same call again is no other order.
        call.Context.OwesOutput();
        try
        {
            var details = await waits.ForOwnAsync(id, call, cancellationToken);
            var result = await AnswerAsync(details, submission.Outcome, call, cancellationToken);
            if (details.Generation.Status.IsTerminal())
                call.Context.HasOutput();
            return result;
        }
        catch (GenApiException fault) when (IsUnnamed(fault))
        {
            throw DoorFailure.About(fault, id);
        }
    }

    private async Task<(GenerationDetails Details, bool WasFinished)> CancelAsync(
        Guid id, McpCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await service.CancelAsync(id, call.Caller, call.Context.Origin(), cancellationToken);
        }
        catch (GenApiException fault) when (IsUnnamed(fault) && fault.Kind != ErrorKind.NotFound)
        {
            throw DoorFailure.About(fault, id);
        }
    }

    /// <summary>True for a failure that would be reported as if nothing had been made.</summary>
    private static bool IsUnnamed(GenApiException fault) => fault.GenerationId is null;

    private async Task<CallToolResult> AnswerAsync(
        GenerationDetails details, CacheOutcome? outcome, McpCall call, CancellationToken cancellationToken)
    {
        var generation = details.Generation;
        call.Context.TagGeneration(generation.PublicId);
        if (Failure(generation) is { } failure)
            return results.With(failures.Result(failure, call.Context), details, call);
        return await results.OfAsync(details, outcome, call, cancellationToken);
    }

    private static GenApiException? Failure(Generation generation) => GenerationFailure.Of(generation)
        ?? (generation.Status == GenerationStatus.Storing && generation.ErrorCode == StorageFull
            ? new GenApiException(
                ErrorKind.StorageFull,
                $"{generation.ErrorMessage ?? "There is no room for the image."} The run goes on once there is room: call get_generation.")
            {
                GenerationId = generation.Id,
            }
            : null);

    /// <summary>Reads the arguments as the body of POST /generate, of which they are a part.</summary>
    private GenerationRequest Request(McpCall call, bool needsImage)
    {
        // Of all arguments, since metadata and the webhook are stored and shown too.
        KeyInBody.Refuse(call.Context, call.Arguments);
        var arguments = McpArguments.WithIds(call.Arguments, call.Exchange.BaseUrl, Image, Mask);
        var read = GenerateRequestReader.Read(arguments, webhooks, call.Context.Request, models.NameOfVersion);
        if (needsImage && !read.Common.ContainsKey(Image) && read.Input.ValueKind == JsonValueKind.Undefined)
        {
            throw GenApiException.ForMember(
                ErrorKind.InvalidRequest, $"$.{Image}",
                "'image' is missing. Give the id of an image (img_…), its link, or an https URL. To make an image from words alone, call "
                + "generate_image.");
        }
        var fingerprint = RepeatFingerprint.Of(
            call.Caller.AccountId, $"{McpRouting.Path}/{call.Name}", CanonicalJson.Hash(arguments));
        var request = DoorRequest.For(call.Context, Door, read.Model, read.Common, read.Input, fingerprint: fingerprint);
        return request with
        {
            EndUser = read.EndUser,
            Cache = read.Cache,
            Metadata = read.Metadata,
            Webhook = read.Webhook is { } webhook ? webhook with { AccountId = call.Caller.AccountId } : null,
        };
    }
}
