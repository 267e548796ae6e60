using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations;

/// <summary>
/// Saves one transition of one generation: on the row as it is now, under this process's lease, with everything that belongs to it in the
/// same transaction; then tells who waits.
/// </summary>
internal sealed class GenerationSaves(DatabaseWriter writer, GenerationCache cache, GenerationSignals signals, GenerationNews news)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private static readonly Func<GenApiDbContext, long, Task<Generation?>> ByNumber = EF.CompileAsyncQuery((GenApiDbContext db, long number) =>
        db.Set<Generation>().FirstOrDefault(generation => generation.Number == number));

    public TimeProvider Time => news.Time;

    public GenerationNews News => news;

    /// <summary>The name under which this process holds leases.</summary>
    public string Owner { get; } = $"{Environment.MachineName}-{Environment.ProcessId}-{news.Time.GetUtcNow().UtcTicks:x}";

    /// <summary>
    /// Applies a transition and saves it. A row that has reached a terminal status meanwhile (somebody canceled it) is left alone and returned as it is.
    /// </summary>
    /// <param name="generation">As the worker knows it.</param>
    /// <param name="transition">Runs on the fresh row; returns false when there is nothing to save.</param>
    /// <param name="also">Rows that belong to the same moment, such as an image's.</param>
    /// <exception cref="LeaseLostException">Another process works on it, or it is gone.</exception>
    public async Task<Generation> SaveAsync(
        Generation generation, Func<Generation, bool> transition, Action<GenApiDbContext>? also, CancellationToken cancellationToken)
    {
        var moment = cache.Moment;
        var (saved, details) = await writer.WriteAsync(async (db, token) =>
        {
            var row = await ByNumber(db, generation.Number) ?? throw new LeaseLostException(generation.Id);
            if (row.Status.IsTerminal())
                return (row, (GenerationDetails?)null);
            if (!row.Lease.IsHeldBy(Owner))
                throw new LeaseLostException(generation.Id);
            var before = GenerationMoment.Of(row);
            if (!transition(row))
                return (row, null);
            row.Touch();
            also?.Invoke(db);
            await db.SaveChangesAsync(token);
            await news.TellAsync(db, row, before, token);
            if (!row.Status.IsTerminal())
                return (row, null);
            var ended = await GenerationReader.WithImagesAsync(db, row, token);
            await GenerationLedger.BookAsync(db, row, ended.Images.Count, token);
            return (row, ended);
        }, cancellationToken);

        if (details is not null && saved.DeleteRequestedAt is null)
            cache.Keep(details, moment);
        // A look that showed nothing new wakes nobody: ten thousand listeners would each read the row to find that out.
        if (saved.Revision != generation.Revision)
            Signal(saved);
        news.Told(saved);
        return saved;
    }

    /// <inheritdoc cref="SaveAsync(Generation, Func{Generation, bool}, Action{GenApiDbContext}?, CancellationToken)"/>
    public Task<Generation> SaveAsync(Generation generation, Action<Generation> transition, CancellationToken cancellationToken) =>
        SaveAsync(generation, row =>
        {
            transition(row);
            return true;
        }, null, cancellationToken);

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
}

/// <summary>The row belongs to another process now, or was deleted: whoever works on it stops.</summary>
internal sealed class LeaseLostException(Guid id) : Exception($"The lease on generation {id} is gone.");
