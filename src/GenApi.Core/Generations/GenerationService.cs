using System.Runtime.CompilerServices;
using GenApi.Core.Errors;
using GenApi.Core.Images;

namespace GenApi.Core.Generations;

/// <summary>What can be done with generations. Ending a wait never ends the work.</summary>
public sealed class GenerationService
{
    private readonly GenerationIntake _intake;
    private readonly GenerationReader _reader;
    private readonly GenerationWaits _waits;
    private readonly GenerationRemovals _removals;
    private readonly GenerationWorker _worker;

    internal GenerationService(
        GenerationIntake intake, GenerationReader reader, GenerationWaits waits, GenerationRemovals removals, GenerationWorker worker) =>
        (_intake, _reader, _waits, _removals, _worker) = (intake, reader, waits, removals, worker);

    /// <summary>Finds or makes the generation of a request; it is on the disk when this returns, and it goes on by itself.</summary>
    /// <exception cref="GenApiException">The request can't be met; nothing was sent upstream.</exception>
    public ValueTask<Submission> SubmitAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        var submitting = _intake.SubmitAsync(request, cancellationToken);
        return submitting.IsCompletedSuccessfully ? submitting : new(AndWakeAsync(submitting));
    }

    /// <exception cref="GenApiException">NotFound: there is none, or it was deleted.</exception>
    public async Task<GenerationDetails> GetAsync(Guid id, CancellationToken cancellationToken) =>
        await _reader.FindAsync(id, cancellationToken) ?? throw Unknown();

    /// <summary>The generation when it has reached a terminal status, or after <paramref name="atMost"/>, or when the service stops: whichever is first.</summary>
    public Task<GenerationDetails> WaitAsync(Guid id, TimeSpan atMost, CancellationToken cancellationToken) =>
        _waits.WaitAsync(id, atMost, orFull: false, cancellationToken);

    /// <summary>As <see cref="WaitAsync"/>, but who asked for the picture is also told at once when there is no room for it, although the work goes on.</summary>
    public Task<GenerationDetails> WaitForAnswerAsync(Guid id, TimeSpan atMost, CancellationToken cancellationToken) =>
        _waits.WaitAsync(id, atMost, orFull: true, cancellationToken);

    /// <summary>The generation as it is, then at each change seen; ends at a terminal status, when it is deleted, or when the service stops.</summary>
    public IAsyncEnumerable<GenerationDetails> WatchAsync(Guid id, CancellationToken cancellationToken) => WatchAndNudgeAsync(id, cancellationToken);

    public Task<GenerationPage> ListAsync(GenerationQuery query, CancellationToken cancellationToken) => _reader.ListAsync(query, cancellationToken);

    /// <summary>Asks for the end. A finished generation stays as it is.</summary>
    /// <returns>The generation, and whether it had finished before.</returns>
    public async Task<(GenerationDetails Details, bool WasFinished)> CancelAsync(Guid id, CancellationToken cancellationToken)
    {
        var wasFinished = await _removals.CancelAsync(id, cancellationToken) ?? throw Unknown();
        _worker.Nudge(id);
        return (await GetAsync(id, cancellationToken), wasFinished);
    }

    /// <summary>The row, its images and the bytes that no other image shares. A running one is unknown from now on and goes when it has been canceled.</summary>
    public async Task DeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        if (!await _removals.DeleteAsync(id, cancellationToken))
            throw Unknown();
        _worker.Nudge(id);
    }

    public async Task<(StoredImage Image, GenerationDetails Generation)> GetImageAsync(Guid id, CancellationToken cancellationToken)
    {
        var image = await _removals.Images.FindAsync(id, cancellationToken);
        var details = image is null ? null : await _reader.FindAsync(image.GenerationId, cancellationToken);
        return details is null ? throw new GenApiException(ErrorKind.NotFound, "There is no such image.") : (image!, details);
    }

    /// <summary>One image of a generation, which from then on answers no request any more.</summary>
    public async Task DeleteImageAsync(Guid id, CancellationToken cancellationToken)
    {
        if (!await _removals.DeleteImageAsync(id, cancellationToken))
            throw new GenApiException(ErrorKind.NotFound, "There is no such image.");
    }

    private async Task<Submission> AndWakeAsync(ValueTask<Submission> submitting)
    {
        var submission = await submitting;
        if (submission.IsNew)
            _worker.Wake();
        return submission;
    }

    private async IAsyncEnumerable<GenerationDetails> WatchAndNudgeAsync(Guid id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isFirst = true;
        await foreach (var details in _waits.WatchAsync(id, cancellationToken))
        {
            yield return details;
            // With somebody watching, the next look comes sooner than it was planned.
            if (isFirst)
                _worker.Nudge(id);
            isFirst = false;
        }
    }

    private static GenApiException Unknown() => new(ErrorKind.NotFound, "There is no such generation.");
}
