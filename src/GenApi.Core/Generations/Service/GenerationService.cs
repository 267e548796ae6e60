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

namespace GenApi.Core.Generations.Service;

/// <summary>
/// What can be done with generations, by whom: what a caller does not see is not there for it. Ending a wait never ends the work. Acts take where the caller comes
/// from, because those of an administrator on what is another account's are written down (<see cref="AuditLog"/>).
/// </summary>
public sealed class GenerationService
{
    private readonly GenerationIntake _intake;
    private readonly GenerationReader _reader;
    private readonly GenerationAccess _sight;
    private readonly GenerationWaits _waits;
    private readonly CancelAndDelete _removals;
    private readonly GenerationWorker _worker;
    private readonly GenApiMetrics _metrics;

    internal GenerationService(
        GenerationIntake intake, GenerationReader reader, GenerationAccess sight, GenerationWaits waits, CancelAndDelete removals, GenerationWorker worker, GenApiMetrics metrics) =>
        (_intake, _reader, _sight, _waits, _removals, _worker, _metrics) = (intake, reader, sight, waits, removals, worker, metrics);

    /// <summary>Finds or makes the generation of a request; it is on the disk when this returns, and it goes on by itself.</summary>
    /// <exception cref="GenApiException">The request can't be met; nothing was sent upstream.</exception>
    public ValueTask<Submission> SubmitAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        var submitting = _intake.SubmitAsync(request, cancellationToken);
        if (!submitting.IsCompletedSuccessfully)
            return new(AndWakeAsync(submitting));
        var submission = submitting.Result;
        Count(submission);
        return new(submission);
    }

    /// <exception cref="GenApiException">NotFound: there is none, or it was deleted.</exception>
    public async Task<GenerationDetails> GetAsync(Guid id, Caller caller, CancellationToken cancellationToken) =>
        await _sight.FindAsync(caller, id, cancellationToken) ?? throw Unknown();

    /// <summary>The generation when it has reached a terminal status, or after <paramref name="atMost"/>, or when the service stops: whichever is first.</summary>
    public Task<GenerationDetails> WaitAsync(Guid id, Caller caller, TimeSpan atMost, CancellationToken cancellationToken) =>
        _waits.WaitAsync(id, caller, atMost, orFull: false, cancellationToken);

    /// <summary>As <see cref="WaitAsync"/>, but who asked for the picture is also told at once when there is no room for it, although the work goes on.</summary>
    public Task<GenerationDetails> WaitForAnswerAsync(Guid id, Caller caller, TimeSpan atMost, CancellationToken cancellationToken) =>
        _waits.WaitAsync(id, caller, atMost, orFull: true, cancellationToken);

    /// <summary>A place for one <see cref="WatchAsync"/>; dispose of it afterwards.</summary>
    /// <exception cref="GenApiException">Overloaded: <c>Generations:MaxListeners</c> are taken.</exception>
    public IDisposable TakeListenerPlace() => _waits.TakePlace();

    /// <summary>The generation as it is, then at each change seen; ends at a terminal status, when it is deleted, or when the service stops.</summary>
    public IAsyncEnumerable<GenerationDetails> WatchAsync(Guid id, Caller caller, CancellationToken cancellationToken) => WatchAndNudgeAsync(id, caller, cancellationToken);

    public async Task<GenerationPage> ListAsync(GenerationQuery query, CancellationToken cancellationToken)
    {
        if (query.Account is { } account)
            await _sight.SettleAsync(account, cancellationToken);
        return await _reader.ListAsync(query, cancellationToken);
    }

    /// <summary>
    /// Asks for the end. A finished generation stays as it is, and so does one that others were given too: then only the caller's own part in it ends.
    /// </summary>
    /// <returns>The generation, and whether it had finished before.</returns>
    public async Task<(GenerationDetails Details, bool WasFinished)> CancelAsync(Guid id, Caller caller, string from, CancellationToken cancellationToken)
    {
        var wasFinished = await _removals.CancelAsync(id, caller, from, cancellationToken) ?? throw Unknown();
        _worker.Nudge(id);
        return (await _reader.FindAsync(id, cancellationToken) ?? throw Unknown(), wasFinished);
    }

    /// <summary>
    /// The row, its images and the bytes that no other image shares. A running one is unknown from now on and goes when it has been canceled. Who only was
    /// given it, as others were, just sees it no more.
    /// </summary>
    public async Task DeleteAsync(Guid id, Caller caller, string from, CancellationToken cancellationToken)
    {
        if (!await _removals.DeleteAsync(id, caller, from, cancellationToken))
            throw Unknown();
        _worker.Nudge(id);
    }

    /// <summary>While it is pinned retention leaves it alone; a deletion does not ask.</summary>
    /// <exception cref="GenApiException">NotFound. Forbidden: the caller was only given it.</exception>
    public async Task<GenerationDetails> PinAsync(Guid id, bool isPinned, Caller caller, string from, CancellationToken cancellationToken) =>
        await _removals.PinAsync(id, isPinned, caller, from, cancellationToken) ?? throw Unknown();

    /// <summary>An image (<c>img_…</c>) or another file (<c>fil_…</c>), and the generation that made it.</summary>
    /// <exception cref="GenApiException">NotFound: no such thing by that name for the caller.</exception>
    public async Task<(StoredImage Output, GenerationDetails Generation)> GetOutputAsync(Guid id, bool isImage, Caller caller, CancellationToken cancellationToken)
    {
        var image = await _removals.Images.FindAsync(id, isImage, cancellationToken);
        var details = image is null ? null : await _sight.FindAsync(caller, image.GenerationId, cancellationToken);
        return details is null ? throw NoOutput(isImage) : (image!, details);
    }

    /// <summary>One image or file of a generation, which from then on answers no request any more.</summary>
    /// <exception cref="GenApiException">NotFound. Forbidden: the caller was only given it.</exception>
    public async Task DeleteOutputAsync(Guid id, bool isImage, Caller caller, string from, CancellationToken cancellationToken)
    {
        if (!await _removals.DeleteOutputAsync(id, isImage, caller, from, cancellationToken))
            throw NoOutput(isImage);
    }

    private async Task<Submission> AndWakeAsync(ValueTask<Submission> submitting)
    {
        var submission = await submitting;
        Count(submission);
        if (submission.IsNew)
            _worker.Wake();
        return submission;
    }

    private void Count(Submission submission) => _metrics.Requested(submission.Outcome switch
    {
        CacheOutcome.Hit => 0,
        CacheOutcome.Miss => 1,
        CacheOutcome.Coalesced => 2,
        _ => 3,
    });

    private async IAsyncEnumerable<GenerationDetails> WatchAndNudgeAsync(Guid id, Caller caller, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isFirst = true;
        await foreach (var details in _waits.WatchAsync(id, caller, cancellationToken))
        {
            yield return details;
            // With somebody watching, the next look comes sooner than it was planned.
            if (isFirst)
                _worker.Nudge(id);
            isFirst = false;
        }
    }

    private static GenApiException NoOutput(bool isImage) => new(ErrorKind.NotFound, $"There is no such {(isImage ? "image" : "file")}.");

    private static GenApiException Unknown() => new(ErrorKind.NotFound, "There is no such generation.");
}
