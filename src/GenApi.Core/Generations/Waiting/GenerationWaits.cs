using System.Runtime.CompilerServices;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Generations.Signals;
using Microsoft.Extensions.Hosting;

namespace GenApi.Core.Generations.Waiting;

/// <summary>
/// Waits for generations without asking the upstream: any number of callers share the polls of the process that works on it. All waits end
/// when the service begins to stop, because a request would otherwise hold up the shutdown.
/// </summary>
internal sealed class GenerationWaits(
    GenerationAccess access, GenerationReader reader, GenerationCache cache, GenerationTimelines timelines, GenerationSignals signals,
    ListenerLimit limit, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly string StorageFull = ErrorCodes.Of(ErrorKind.StorageFull);

    /// <summary>Waits for a terminal status, but no longer than <paramref name="atMost"/>.</summary>
    /// <param name="id">Of the generation.</param>
    /// <param name="caller">The caller that waits.</param>
    /// <param name="atMost">Zero: not at all.</param>
    /// <param name="orFull">Whether the wait also ends when the disk has no room for the image.</param>
    /// <param name="listener">The permit of <see cref="TryAcquireListener"/> under which it waits; null: it acquires its own.</param>
    /// <param name="made">The generation, if the caller's request has just made it, so that it need not be read; null: it has not.</param>
    /// <param name="cancellationToken">Ends the wait without a result.</param>
    /// <exception cref="GenApiException">
    /// NotFound. Conflict: the caller's account canceled its part while other accounts still wait.
    /// </exception>
    public async Task<GenerationDetails> WaitAsync(
        Guid id, Caller caller, TimeSpan atMost, bool orFull, IDisposable? listener, GenerationDetails? made,
        CancellationToken cancellationToken)
    {
        using var subscription = signals.Subscribe(id, everyStep: false);
        var details = made is not null && IsOpenStill(id) ? made : await FindAsync(id, caller, orFull, cancellationToken);
        if (IsSettled(details.Generation, orFull) || atMost <= TimeSpan.Zero)
            return details;
        // A wait is a wish: above the limit, the answer is the present state.
        using var permit = listener is null ? limit.TryAcquire() : null;
        if (listener is null && permit is null)
            return details;
        using var deadline = new CancellationTokenSource(atMost, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, lifetime.ApplicationStopping, cancellationToken);
        try
        {
            while (!IsSettled(details.Generation, orFull))
            {
                await subscription.ChangedAsync(ended.Token);
                details = await FindAsync(id, caller, orFull, ended.Token);
            }
            return details;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return await FindAsync(id, caller, orFull, cancellationToken);
        }
    }

    /// <summary>
    /// Acquires the permit for one <see cref="WatchAsync"/>. Call it first, so that a refusal comes before the answer has begun.
    /// </summary>
    /// <exception cref="GenApiException">Overloaded: <c>Generations:MaxListeners</c> is reached.</exception>
    public IDisposable AcquireListener() => limit.Acquire();

    /// <summary>Acquires one permit for all waits of one HTTP request.</summary>
    /// <returns>Null: <c>Generations:MaxListeners</c> is reached.</returns>
    public IDisposable? TryAcquireListener() => limit.TryAcquire();

    /// <summary>Yields the generation as it is, then at each change; ends at a terminal status or when the service stops.</summary>
    public async IAsyncEnumerable<GenerationDetails> WatchAsync(
        Guid id, Caller caller, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var subscription = signals.Subscribe(id, everyStep: true);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping, cancellationToken);
        long seen = -1;
        for (var details = await FindAsync(id, caller, false, cancellationToken); details is not null;
            details = await access.FindAsync(caller, id, cancellationToken))
        {
            if (details.Generation.Revision != seen)
            {
                seen = details.Generation.Revision;
                yield return details;
            }
            if (details.Generation.Status.IsTerminal() || !await HasChangedAsync(subscription, ended.Token))
                yield break;
        }
    }

    /// <summary>
    /// Returns whether a generation of this process is open, as its memory knows; call it after the subscription. One that has ended before
    /// that is in the cache, and the end of one that ends later wakes the subscription. One that another instance took and ended meanwhile
    /// wakes it too: <see cref="AwaitedRows"/> reads each row that it has not seen before.
    /// </summary>
    private bool IsOpenStill(Guid id) => timelines.IsOpen(id) && cache.Find(id) is null;

    private static bool IsSettled(Generation generation, bool orFull) =>
        generation.Status.IsTerminal()
        || (orFull && generation.Status == GenerationStatus.Storing && generation.ErrorCode == StorageFull);

    private static async Task<bool> HasChangedAsync(GenerationSignals.Subscription subscription, CancellationToken ended)
    {
        try
        {
            await subscription.ChangedAsync(ended);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<GenerationDetails> FindAsync(Guid id, Caller caller, bool isAsked, CancellationToken cancellationToken)
    {
        if (await access.FindAsync(caller, id, cancellationToken) is { } details)
            return details;
        // A caller that asked for the image saw it a moment ago, so its own account has canceled what goes on for others.
        throw isAsked && await reader.FindAsync(id, cancellationToken) is not null
            ? new GenApiException(ErrorKind.Conflict, "The generation was canceled for this account before it had an image.")
            {
                GenerationId = id,
            }
            : new GenApiException(ErrorKind.NotFound, "There is no such generation.");
    }
}
