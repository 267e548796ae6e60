using System.Runtime.CompilerServices;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Intake;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Generations.Removal;
using GenApi.Core.Generations.Waiting;
using GenApi.Core.Generations.Worker;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;

namespace GenApi.Core.Generations.Service;

/// <summary>
/// Everything that callers can do with generations. What a caller does not see does not exist for it. Ending a wait never ends the work.
/// Acts take the address of the caller, because the <see cref="AuditLog"/> records what administrators do to other accounts' generations.
/// </summary>
internal sealed class GenerationService(
    GenerationIntake intake, GenerationEstimates estimates, GenerationReader reader, GenerationAccess access, GenerationWaits waits,
    CancelAndDelete removal, GenerationWorker worker, ImageLibrary images, GenApiMetrics metrics)
{
    /// <summary>
    /// Finds or makes the generation of a request. It is on the disk when this returns, and the work goes on without the caller.
    /// </summary>
    /// <exception cref="GenApiException">The request can't be met; nothing was sent upstream.</exception>
    public ValueTask<Submission> SubmitAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        var submitting = intake.SubmitAsync(request, cancellationToken);
        if (!submitting.IsCompletedSuccessfully)
            return new(SubmittedLaterAsync(submitting));
        var submission = submitting.Result;
        Count(submission);
        return new(submission);
    }

    /// <inheritdoc cref="GenerationEstimates.EstimateAsync"/>
    public Task<GenerationEstimate> EstimateAsync(GenerationRequest request, Caller caller, CancellationToken cancellationToken) =>
        estimates.EstimateAsync(request, caller, cancellationToken);

    /// <exception cref="GenApiException">NotFound: there is none, or it was deleted.</exception>
    public async Task<GenerationDetails> GetAsync(Guid id, Caller caller, CancellationToken cancellationToken) =>
        await access.FindAsync(caller, id, cancellationToken) ?? throw Unknown();

    /// <summary>
    /// Returns the generation when it has reached a terminal status, after <paramref name="atMost"/>, or when the service stops, whichever
    /// comes first.
    /// </summary>
    public Task<GenerationDetails> WaitAsync(Guid id, Caller caller, TimeSpan atMost, CancellationToken cancellationToken) =>
        waits.WaitAsync(id, caller, atMost, orFull: false, listener: null, made: null, cancellationToken);

    /// <summary>
    /// As <see cref="WaitAsync"/>, but it also returns at once when the disk has no room for the image, although the work goes on.
    /// </summary>
    public Task<GenerationDetails> WaitForAnswerAsync(Guid id, Caller caller, TimeSpan atMost, CancellationToken cancellationToken) =>
        waits.WaitAsync(id, caller, atMost, orFull: true, listener: null, made: null, cancellationToken);

    /// <summary>The same for the request that has just been submitted.</summary>
    public Task<GenerationDetails> WaitForAnswerAsync(
        Submission submission, Caller caller, TimeSpan atMost, CancellationToken cancellationToken) => waits.WaitAsync(
            submission.Details.Generation.Id, caller, atMost, orFull: true, listener: null,
            made: submission.IsNew ? submission.Details : null, cancellationToken);

    /// <summary>
    /// As the other waits for an answer, but under the permit of <see cref="TryAcquireListener"/>, which covers all waits of one HTTP
    /// request.
    /// </summary>
    public Task<GenerationDetails> ListenForAnswerAsync(
        Guid id, Caller caller, TimeSpan atMost, IDisposable listener, CancellationToken cancellationToken) =>
        waits.WaitAsync(id, caller, atMost, orFull: true, listener, made: null, cancellationToken);

    /// <summary>Acquires the permit for one <see cref="WatchAsync"/>; dispose of it afterwards.</summary>
    /// <exception cref="GenApiException">Overloaded: <c>Generations:MaxListeners</c> is reached.</exception>
    public IDisposable AcquireListener() => waits.AcquireListener();

    /// <summary>Acquires the permit for every <see cref="ListenForAnswerAsync"/> of one HTTP request; dispose of it afterwards.</summary>
    /// <returns>Null: <c>Generations:MaxListeners</c> is reached.</returns>
    public IDisposable? TryAcquireListener() => waits.TryAcquireListener();

    /// <summary>
    /// Yields the generation as it is, then at each change; ends at a terminal status, when it is deleted, or when the service stops.
    /// </summary>
    public IAsyncEnumerable<GenerationDetails> WatchAsync(Guid id, Caller caller, CancellationToken cancellationToken) =>
        WatchAndNudgeAsync(id, caller, cancellationToken);

    public async Task<GenerationPage> ListAsync(GenerationQuery query, CancellationToken cancellationToken)
    {
        if (query.Account is { } account)
            await access.SaveGrantsAsync(account, cancellationToken);
        return await reader.ListAsync(query, cancellationToken);
    }

    /// <summary>
    /// Asks for the end. A finished generation stays as it is. If other accounts see it too, only the caller's own part in it ends.
    /// </summary>
    /// <returns>The generation, and whether it had finished before.</returns>
    public async Task<(GenerationDetails Details, bool WasFinished)> CancelAsync(
        Guid id, Caller caller, string from, CancellationToken cancellationToken)
    {
        var wasFinished = await removal.CancelAsync(id, caller, from, cancellationToken) ?? throw Unknown();
        worker.Nudge(id);
        return (await reader.FindAsync(id, cancellationToken) ?? throw Unknown(), wasFinished);
    }

    /// <summary>
    /// Deletes the row, its images and the bytes that no other image shares. A running generation is unknown from now on, and its row goes
    /// when it has been canceled. If other accounts see it too, a caller it was only shared with simply stops seeing it.
    /// </summary>
    public async Task DeleteAsync(Guid id, Caller caller, string from, CancellationToken cancellationToken)
    {
        if (!await removal.DeleteAsync(id, caller, from, cancellationToken))
            throw Unknown();
        worker.Nudge(id);
    }

    /// <summary>Pins or unpins. Retention leaves a pinned generation alone; a deletion does not.</summary>
    /// <exception cref="GenApiException">NotFound. Forbidden: the generation was only shared with the caller.</exception>
    public async Task<GenerationDetails> PinAsync(
        Guid id, bool isPinned, Caller caller, string from, CancellationToken cancellationToken) =>
        await removal.PinAsync(id, isPinned, caller, from, cancellationToken) ?? throw Unknown();

    /// <summary>Finds an image (<c>img_…</c>) or another file (<c>fil_…</c>), and the generation that made it.</summary>
    /// <exception cref="GenApiException">NotFound: the caller sees no image or file of that name.</exception>
    public async Task<(StoredImage Output, GenerationDetails Generation)> GetOutputAsync(
        Guid id, bool isImage, Caller caller, CancellationToken cancellationToken)
    {
        var image = await images.FindAsync(id, isImage, cancellationToken);
        var details = image is null ? null : await access.FindAsync(caller, image.GenerationId, cancellationToken);
        return details is null ? throw NoOutput(isImage) : (image!, details);
    }

    /// <summary>Deletes one image or file of a generation, which from then on answers no request any more.</summary>
    /// <exception cref="GenApiException">NotFound. Forbidden: the generation was only shared with the caller.</exception>
    public async Task DeleteOutputAsync(Guid id, bool isImage, Caller caller, string from, CancellationToken cancellationToken)
    {
        if (!await removal.DeleteOutputAsync(id, isImage, caller, from, cancellationToken))
            throw NoOutput(isImage);
    }

    private async Task<Submission> SubmittedLaterAsync(ValueTask<Submission> submitting)
    {
        var submission = await submitting;
        Count(submission);
        // One that is claimed already has begun.
        if (submission is { IsNew: true, Details.Generation.Lease.Owner: null })
            worker.Wake();
        return submission;
    }

    private void Count(Submission submission) => metrics.Requested(submission.Outcome switch
    {
        CacheOutcome.Hit => 0,
        CacheOutcome.Miss => 1,
        CacheOutcome.Coalesced => 2,
        _ => 3,
    });

    private async IAsyncEnumerable<GenerationDetails> WatchAndNudgeAsync(
        Guid id, Caller caller, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isFirst = true;
        await foreach (var details in waits.WatchAsync(id, caller, cancellationToken))
        {
            yield return details;
            // With somebody watching, the next poll comes sooner than it was planned.
            if (isFirst)
                worker.Nudge(id);
            isFirst = false;
        }
    }

    private static GenApiException NoOutput(bool isImage) => new(ErrorKind.NotFound, $"There is no such {(isImage ? "image" : "file")}.");

    private static GenApiException Unknown() => new(ErrorKind.NotFound, "There is no such generation.");
}
