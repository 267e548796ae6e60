using GenApi.Core.Errors;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Execution;

/// <summary>
/// Saves one transition of one generation: on the row as it is now, under this process's lease, with everything that belongs to it in the
/// same transaction; then tells who waits.
/// </summary>
internal sealed partial class GenerationStateWriter(
    DatabaseWriter writer, GenerationCache cache, GenerationSignals signals, GenerationNotifications news, ILogger<GenerationStateWriter> logger)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private static readonly Func<GenApiDbContext, long, Task<Generation?>> ByNumber = EF.CompileAsyncQuery((GenApiDbContext db, long number) =>
        db.Set<Generation>().FirstOrDefault(generation => generation.Number == number));

    public TimeProvider Time => news.Time;

    public GenerationNotifications News => news;

    /// <summary>The name under which this process holds leases.</summary>
    public string Owner { get; } = $"{Environment.MachineName}-{Environment.ProcessId}-{news.Time.GetUtcNow().UtcTicks:x}";

    /// <summary>
    /// Applies a transition and saves it. A row that has reached a terminal status meanwhile (somebody canceled it) is left alone and returned as it is.
    /// </summary>
    /// <param name="generation">As the worker knows it.</param>
    /// <param name="transition">
    /// Runs on the row, returns false when there is nothing to save, and changes nothing else: it runs again on the fresh row where somebody has written into that meanwhile.
    /// </param>
    /// <param name="also">Rows that belong to the same moment, such as an image's.</param>
    /// <param name="images">All that it has from this save on; null: they are read where they are needed.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <exception cref="LeaseLostException">Another process works on it, or it is gone.</exception>
    public async Task<Generation> SaveAsync(
        Generation generation, Func<Generation, bool> transition, Action<GenApiDbContext>? also, IReadOnlyList<StoredImage>? images, CancellationToken cancellationToken)
    {
        var version = cache.Version;
        var (saved, details) = await writer.WriteAsync(async (db, token) =>
        {
            var (row, before) = (await WriteKnownAsync(db, generation, transition, token), GenerationMoment.Of(generation));
            if (row is null)
            {
                row = await ByNumber(db, generation.Number) ?? throw new LeaseLostException(generation.Id);
                if (row.Status.IsTerminal())
                    return (row, (GenerationDetails?)null);
                if (!row.Lease.IsHeldBy(Owner))
                    throw new LeaseLostException(generation.Id);
                before = GenerationMoment.Of(row);
                if (!await WriteAsync(db, row, transition, token))
                    return (row, null);
            }
            if (also is not null)
            {
                also(db);
                await db.SaveChangesAsync(token);
            }
            await news.TellAsync(db, row, before, token);
            if (!row.Status.IsTerminal())
                return (row, null);
            var ended = images is null ? await GenerationReader.WithImagesAsync(db, row, token) : new GenerationDetails(row, images);
            await GenerationLedger.BookAsync(db, row, ended.Images.Count(), token);
            return (row, ended);
        }, cancellationToken);

        if (details is not null && saved.DeleteRequestedAt is null)
            cache.Put(details, version);
        // A look that showed nothing new wakes nobody: ten thousand listeners would each read the row to find that out.
        if (saved.Revision != generation.Revision)
            Signal(saved);
        news.Told(saved);
        return saved;
    }

    /// <inheritdoc cref="SaveAsync(Generation, Func{Generation, bool}, Action{GenApiDbContext}?, IReadOnlyList{StoredImage}?, CancellationToken)"/>
    public Task<Generation> SaveAsync(Generation generation, Func<Generation, bool> transition, Action<GenApiDbContext>? also, CancellationToken cancellationToken) =>
        SaveAsync(generation, transition, also, null, cancellationToken);

    /// <inheritdoc cref="SaveAsync(Generation, Func{Generation, bool}, Action{GenApiDbContext}?, IReadOnlyList{StoredImage}?, CancellationToken)"/>
    public Task<Generation> SaveAsync(Generation generation, Action<Generation> transition, CancellationToken cancellationToken) =>
        SaveAsync(generation, row =>
        {
            transition(row);
            return true;
        }, null, cancellationToken);

    /// <summary>
    /// On the row as this process knows it, which spares reading it. Whoever writes into an unfinished row makes its revision grow, so what this one does not know of is
    /// never written over.
    /// </summary>
    /// <returns>Null: somebody has, or there is nothing to save by what is known.</returns>
    private async Task<Generation?> WriteKnownAsync(GenApiDbContext db, Generation known, Func<Generation, bool> transition, CancellationToken cancellationToken)
    {
        if (known.Status.IsTerminal() || !known.Lease.IsHeldBy(Owner))
            return null;
        var row = known.Copy();
        db.Attach(row);
        try
        {
            if (await WriteAsync(db, row, transition, cancellationToken))
                return row;
        }
        catch (DbUpdateConcurrencyException)
        {
            // Nothing was written; it is read anew.
        }
        db.ChangeTracker.Clear();
        return null;
    }

    private static async Task<bool> WriteAsync(GenApiDbContext db, Generation row, Func<Generation, bool> transition, CancellationToken cancellationToken)
    {
        if (!transition(row))
            return false;
        row.Touch();
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    /// <summary>Of what keeps a picture from being stored those are told too who wait for one: they may be unwilling to wait for a disk with room.</summary>
    private void Signal(Generation saved)
    {
        if (saved.Status.IsTerminal() || saved.ErrorCode is not null)
            signals.Changed(saved.Id);
        else
            signals.Stepped(saved.Id);
    }

    /// <summary>
    /// Saves what must not be forgotten: while the disk is full or the database locked it is tried again, for as long as the process lives.
    /// </summary>
    public async Task<Generation> SaveSurelyAsync(Generation generation, Action<Generation> transition, CancellationToken stopping)
    {
        for (var pause = TimeSpan.FromMilliseconds(50); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await SaveAsync(generation, transition, CancellationToken.None);
            }
            catch (GenApiException fault) when (fault.IsTransient)
            {
                await Task.Delay(pause, Time, stopping);
            }
        }
    }

    /// <summary>
    /// Saves surely that a prediction belongs to the run's generation, unless it belongs to another one: what two have claimed at the same
    /// moment, only the first gets.
    /// </summary>
    /// <returns>False when it is another's; nothing has changed then.</returns>
    public async Task<bool> ClaimAsync(GenerationRun run, string predictionId, Action<Generation> transition, CancellationToken stopping)
    {
        try
        {
            run.Generation = await SaveSurelyAsync(run.Generation, transition, stopping);
            return true;
        }
        catch (DbUpdateException failure) when (DatabaseFaults.IsUniqueViolation(failure))
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

/// <summary>The row belongs to another process now, or was deleted: whoever works on it stops.</summary>
internal sealed class LeaseLostException(Guid id) : Exception($"The lease on {PublicId.Format(PublicId.Generation, id)} is gone.");
