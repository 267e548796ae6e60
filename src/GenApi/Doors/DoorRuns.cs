using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Service;
using GenApi.Core.Images;
using GenApi.Doors.Repeats;

namespace GenApi.Doors;

/// <summary>
/// Runs the requests that one call of a door becomes, and waits for their ends. The work goes on without the caller. What succeeds is
/// answered even if the rest fails.
/// </summary>
internal sealed class DoorRuns(GenerationService service, IHostApplicationLifetime lifetime)
{
    private static readonly string StorageFull = ErrorCodes.Of(ErrorKind.StorageFull);

    /// <summary>Any run ends earlier; the wait begins again after it.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>
    /// The most further requests of a call that are submitted at once. Each may decode input files of megabytes, and a call may have 31.
    /// </summary>
    internal const int MostAtOnce = 4;

    /// <summary>Submits the requests and waits until all of them have ended.</summary>
    /// <exception cref="GenApiException">
    /// Nothing was created; or nothing succeeded, and then it names a generation.
    /// </exception>
    public async Task<DoorOutcome> RunAsync(HttpContext context, IReadOnlyList<GenerationRequest> requests) =>
        await EndAsync(context, await SubmitAsync(context, requests));

    /// <summary>
    /// Submits the requests: the first one alone, since its refusal refuses them all, then the others, <see cref="MostAtOnce"/> at a time.
    /// A later refusal, such as an exhausted budget, takes only its own place.
    /// </summary>
    /// <exception cref="GenApiException">The first one was refused: nothing was created.</exception>
    public async Task<IReadOnlyList<DoorRun>> SubmitAsync(HttpContext context, IReadOnlyList<GenerationRequest> requests)
    {
        // Read once: the others run in parallel, and the context is for one thread.
        var aborted = context.RequestAborted;
        var first = await SubmitOneAsync(requests[0], aborted);
        context.AwaitsAnswer(first.Submission!.Details.Generation.Id);
        if (requests.Count == 1)
            return [first];
        var others = await EachAsync(requests.Skip(1).ToList(), request => TrySubmitAsync(request, first, aborted));
        return [first, .. others];
    }

    /// <summary>
    /// Waits until all runs have ended, for as long as the caller is connected and its key is valid. A caller whose runs go on counts as
    /// not answered.
    /// </summary>
    /// <exception cref="GenApiException">Nothing succeeded. It names a generation.</exception>
    public async Task<DoorOutcome> EndAsync(HttpContext context, IReadOnlyList<DoorRun> runs)
    {
        using var listener = TryListen(runs);
        var ends = await Task.WhenAll(runs.Select(run => EndAsync(context, run, listener)));
        // The answer may be 200 with the images of the other runs, which alone would count as all that was asked for.
        if (ends.Any(end => end.IsUnfinished))
            context.OwesOutput();
        var outcome = new DoorOutcome(runs, ends);
        return outcome.Images.Count > 0 ? outcome : throw outcome.Failures[0];
    }

    /// <summary>
    /// Acquires the one permit under which an HTTP request waits for all of its runs (<c>Generations:MaxListeners</c>). Dispose of it once
    /// they have ended.
    /// </summary>
    /// <returns>Null: the limit is reached, or all runs have ended already.</returns>
    public IDisposable? TryListen(IReadOnlyList<DoorRun> runs) => runs.Any(run => run.IsOpen) ? service.TryAcquireListener() : null;

    /// <summary>Waits until a run has ended. The caller of this method reports an unfinished end (<see cref="AnswerTracking"/>).</summary>
    /// <param name="context">The HTTP request.</param>
    /// <param name="run">The run.</param>
    /// <param name="listener">The permit of <see cref="TryListen"/>; null: a run that is still open is not waited for.</param>
    public Task<DoorEnd> EndAsync(HttpContext context, DoorRun run, IDisposable? listener)
    {
        if (run.Submission is not { Details: var details })
            return Task.FromResult(new DoorEnd(null, run.Refusal));
        return run.IsOpen
            ? WaitAsync(context, details, listener)
            : Task.FromResult(new DoorEnd(details, DoorFailure.Of(details)));
    }

    private async Task<DoorEnd> WaitAsync(HttpContext context, GenerationDetails details, IDisposable? listener)
    {
        var id = details.Generation.Id;
        try
        {
            if (listener is null)
                throw Unfinished(ErrorKind.Overloaded, "Too many callers wait for generations, so this call does not. The run goes on");
            while (!details.Generation.Status.IsTerminal())
            {
                details = await context.WhileAdmittedAsync(
                    ended => service.ListenForAnswerAsync(id, context.Caller(), Longest, listener, ended));
                if (details.Generation.Status.IsTerminal())
                    break;
                if (details.Generation is { Status: GenerationStatus.Storing, ErrorMessage: var why } && IsFull(details.Generation))
                    throw Unfinished(ErrorKind.StorageFull, $"{why ?? "There is no room for the image."} The image is stored later");
                if (lifetime.ApplicationStopping.IsCancellationRequested)
                    throw Unfinished(ErrorKind.Overloaded, "The service is stopping, and goes on with the generation at its next start");
            }
            return new(details, DoorFailure.Of(details));
        }
        catch (GenApiException failure)
        {
            // Whatever ended the wait, the run had not ended when it was last seen.
            return new(null, failure.GenerationId is null ? DoorFailure.About(failure, id) : failure, IsUnfinished: true);
        }

        GenApiException Unfinished(ErrorKind kind, string sentence) =>
            new(kind, $"{sentence}: GET /generations/{details.Generation.PublicId} shows it.") { GenerationId = id };
    }

    private static bool IsFull(Generation generation) => generation.ErrorCode == StorageFull;

    /// <summary>Runs a task for each item, at most <see cref="MostAtOnce"/> at a time.</summary>
    /// <returns>The results in the order of the items.</returns>
    internal static async Task<TResult[]> EachAsync<TItem, TResult>(IReadOnlyList<TItem> items, Func<TItem, Task<TResult>> run)
    {
        var results = new TResult[items.Count];
        var bound = new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce };
        await Parallel.ForAsync(0, items.Count, bound, async (at, _) => results[at] = await run(items[at]));
        return results;
    }

    private async Task<DoorRun> SubmitOneAsync(GenerationRequest request, CancellationToken aborted)
    {
        var submission = await service.SubmitAsync(request, aborted);
        return new(submission, null);
    }

    private async Task<DoorRun> TrySubmitAsync(GenerationRequest request, DoorRun first, CancellationToken aborted)
    {
        try
        {
            return await SubmitOneAsync(request, aborted);
        }
        catch (GenApiException refusal)
        {
            // Something was created for this call, so not even this may have a status that clients repeat.
            return new(null, DoorFailure.About(refusal, first.Submission!.Details.Generation.Id));
        }
    }
}

/// <summary>One of the requests of a call.</summary>
/// <param name="Submission">The generation that it got; null if it was refused.</param>
/// <param name="Refusal">The refusal; null if it got a generation.</param>
internal sealed record DoorRun(Submission? Submission, GenApiException? Refusal)
{
    /// <summary>True if it got a generation that had not ended yet.</summary>
    public bool IsOpen => Submission is { Details.Generation.Status: var status } && !status.IsTerminal();
}

/// <summary>The end of a run.</summary>
/// <param name="Details">The ended generation; null if the wait failed.</param>
/// <param name="Failure">Why there is no image; null if there are images.</param>
/// <param name="IsUnfinished">True if only the wait has ended: the run goes on, and its caller has nothing of it.</param>
internal sealed record DoorEnd(GenerationDetails? Details, GenApiException? Failure, bool IsUnfinished = false)
{
    /// <summary>The images; empty after a failure.</summary>
    public IEnumerable<StoredImage> Images => Failure is null && Details is not null ? Details.Images : [];
}

/// <summary>The ends of all runs of a call, in the order of its requests.</summary>
internal sealed record DoorOutcome(IReadOnlyList<DoorRun> Runs, IReadOnlyList<DoorEnd> Ends)
{
    /// <summary>Every image that was made.</summary>
    public IReadOnlyList<StoredImage> Images { get; } = [.. Ends.SelectMany(end => end.Images)];

    /// <summary>The failures; empty if every run succeeded.</summary>
    public IReadOnlyList<GenApiException> Failures { get; } = [.. Ends.Select(end => end.Failure).OfType<GenApiException>()];
}
