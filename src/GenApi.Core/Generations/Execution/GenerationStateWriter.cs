using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Execution;

/// <summary>
/// Saves one transition of one generation: on the row as it is now, under this process's lease, with everything that belongs to it in the
/// same transaction. Then it wakes the waiters.
/// </summary>
internal sealed partial class GenerationStateWriter(
    DatabaseWriter writer, ICluster cluster, GenerationLeases leases, GenerationCache cache, GenerationSignals signals,
    GenerationNotifications notifications, TimeProvider time, ILogger<GenerationStateWriter> logger)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private static readonly string ByNumber = Generation.Rows.Select("""WHERE t."Number" = @p0""");

    /// <summary>
    /// Applies a transition and saves it. A row that has reached a terminal status meanwhile, because somebody canceled it, is returned
    /// unchanged.
    /// </summary>
    /// <param name="generation">As the worker knows it.</param>
    /// <param name="transition">
    /// Changes the row and nothing else, and returns false when there is nothing to save. It runs again on the fresh row if somebody has
    /// written to that meanwhile.
    /// </param>
    /// <param name="also">Adds rows to the same transaction, such as an image's.</param>
    /// <param name="images">Returns all images that it has from this save on; null: they are read where they are needed.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <exception cref="LeaseLostException">Another process works on it, or it is gone.</exception>
    public async Task<Generation> SaveAsync(
        Generation generation, Func<Generation, bool> transition, Func<GenApiDbContext, CancellationToken, Task>? also,
        Func<IReadOnlyList<StoredImage>>? images, CancellationToken cancellationToken)
    {
        var version = cache.Version;
        Generation saved;
        GenerationDetails? details;
        try
        {
            (saved, details) = await WriteAsync(isKnown: true);
        }
        catch (StaleRowException)
        {
            (saved, details) = await WriteAsync(isKnown: false);
        }
        if (details is not null && saved.DeleteRequestedAt is null)
            cache.Put(details, version);
        // A poll without changes notifies no one: ten thousand listeners would each read the row to find that out.
        if (saved.Revision != generation.Revision)
            Signal(saved);
        notifications.WakeSender(saved);
        return saved;

        Task<(Generation Saved, GenerationDetails? Ended)> WriteAsync(bool isKnown) => writer.WriteAsync(async (db, token) =>
        {
            // An instance that was frozen wakes up with work that others may have taken over. It writes nothing of it.
            if (!cluster.IsAliveIn(db))
                throw new LeaseLostException(generation.Id);
            var row = isKnown ? await WriteKnownAsync(db, generation, transition, token) : null;
            var before = GenerationSnapshot.Of(generation);
            if (row is null)
            {
                var fresh = await Generation.Rows.FirstAsync(db, ByNumber, token, generation.Number)
                    ?? throw new LeaseLostException(generation.Id);
                if (fresh.Status.IsTerminal())
                    return (fresh, (GenerationDetails?)null);
                if (!leases.HoldsStill(fresh, generation))
                    throw new LeaseLostException(generation.Id);
                before = GenerationSnapshot.Of(fresh);
                row = fresh.Copy();
                if (!transition(row))
                    return (fresh, null);
                row.Touch();
                if (!await Generation.Rows.UpdateAsync(db, fresh, row, token))
                    throw new InvalidOperationException("A row has changed inside of the writer's transaction.");
            }
            if (also is not null)
                await also(db, token);
            await notifications.NotifyAsync(db, row, before, token);
            if (!row.Status.IsTerminal())
                return (row, null);
            var ended = images is null
                ? await GenerationReader.WithImagesAsync(db, row, token)
                : new GenerationDetails(row, images());
            await GenerationLedger.BookAsync(db, row, ended.Images.Count(), token);
            return (row, ended);
        }, cancellationToken);
    }

    /// <summary>Applies a transition and saves it, together with what <paramref name="also"/> adds.</summary>
    public Task<Generation> SaveAsync(
        Generation generation, Func<Generation, bool> transition, Func<GenApiDbContext, CancellationToken, Task>? also,
        CancellationToken cancellationToken) =>
        SaveAsync(generation, transition, also, null, cancellationToken);

    /// <summary>Applies a transition that always changes the row, and saves it.</summary>
    public Task<Generation> SaveAsync(Generation generation, Action<Generation> transition, CancellationToken cancellationToken) =>
        SaveAsync(generation, row =>
        {
            transition(row);
            return true;
        }, null, cancellationToken);

    /// <summary>
    /// Writes to the row as this process knows it, without reading it first. Every write to an unfinished row makes its revision grow, so a
    /// change that this process does not know of is never overwritten.
    /// </summary>
    /// <returns>Null: by what is known there is nothing to save.</returns>
    /// <exception cref="StaleRowException">Somebody has written to it meanwhile. It shows at the end of the work at the latest.</exception>
    private async Task<Generation?> WriteKnownAsync(
        GenApiDbContext db, Generation known, Func<Generation, bool> transition, CancellationToken cancellationToken)
    {
        if (known.Status.IsTerminal() || !leases.Holds(known))
            return null;
        var row = known.Copy();
        if (!transition(row))
            return null;
        row.Touch();
        await Generation.Rows.UpdateLaterAsync(db, known, row, static () => new StaleRowException(), cancellationToken);
        return row;
    }

    /// <summary>
    /// Wakes the waiters, also when the image can't be stored: they may not want to wait until the disk has room.
    /// </summary>
    private void Signal(Generation saved)
    {
        if (saved.Status.IsTerminal() || saved.ErrorCode is not null)
            signals.Changed(saved.Id);
        else
            signals.Stepped(saved.Id);
    }

    /// <summary>
    /// Saves what must not be lost. While the disk is full or the database is locked it tries again, for as long as the process lives.
    /// </summary>
    public async Task<Generation> SaveWithRetriesAsync(Generation generation, Action<Generation> transition, CancellationToken stopping)
    {
        for (var pause = TimeSpan.FromMilliseconds(50); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await SaveAsync(generation, transition, CancellationToken.None);
            }
            catch (GenApiException fault) when (fault.IsTransient)
            {
                await Task.Delay(pause, time, stopping);
            }
        }
    }

    /// <summary>
    /// Claims a prediction for the run's generation, unless it belongs to another one. If two claim it at the same moment, only the first
    /// gets it.
    /// </summary>
    /// <returns>False when it belongs to another generation; then nothing has changed.</returns>
    public async Task<bool> ClaimAsync(GenerationRun run, string predictionId, Action<Generation> transition, CancellationToken stopping)
    {
        try
        {
            run.Generation = await SaveWithRetriesAsync(run.Generation, transition, stopping);
            return true;
        }
        catch (Exception failure) when (DatabaseFaults.IsUniqueViolation(failure))
        {
            Log.Owned(logger, run.Generation.PublicId, predictionId);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "Prediction {PredictionId} belongs to another generation that asked for the same; looking for the one of {GenerationId}")]
        public static partial void Owned(ILogger logger, string generationId, string predictionId);
    }
}

/// <summary>Somebody has written to a row since this process read it.</summary>
internal sealed class StaleRowException() : Exception("The row has changed.");

/// <summary>The row belongs to another process now, or was deleted, so this process stops working on it.</summary>
internal sealed class LeaseLostException(Guid id) : Exception($"The lease on {PublicId.Format(PublicId.Generation, id)} is gone.");
