using GenApi.Core.Cluster;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Following;

/// <summary>
/// The log of all instances that share a database: the rows of <see cref="StoreChange"/>, those of this instance included. It reaches back
/// some ten minutes.
/// </summary>
internal sealed class SharedFeedLog(IDbContextFactory<GenApiDbContext> contexts) : IFeedLog
{
    /// <summary>Rows of one reading. A listener that has missed more than <see cref="GenerationChanges.Most"/> begins again.</summary>
    private const int RowsAtOnce = 1_000;

    /// <summary>The same at every instance.</summary>
    public string Name => "5ea7ed10";

    public ValueTask<long> LastAsync(CancellationToken cancellationToken) =>
        new(contexts.ReadAsync(db => LastAsync(db, cancellationToken), cancellationToken));

    public ValueTask<FeedChanges?> AfterAsync(long number, CancellationToken cancellationToken) =>
        new(contexts.ReadAsync(db => AfterAsync(db, number, cancellationToken), cancellationToken));

    private static async Task<long> LastAsync(GenApiDbContext db, CancellationToken cancellationToken) =>
        await db.Set<StoreChange>().MaxAsync(change => (long?)change.Seq, cancellationToken) ?? 0;

    private static async Task<FeedChanges?> AfterAsync(GenApiDbContext db, long number, CancellationToken cancellationToken)
    {
        var rows = await db.Set<StoreChange>().AsNoTracking().Where(change => change.Seq > number).OrderBy(change => change.Seq)
            .Take(RowsAtOnce).ToListAsync(cancellationToken);
        // Read afterwards: a row at or before the number proves that nothing behind it was pruned before the first reading.
        var isComplete = await db.Set<StoreChange>().AnyAsync(change => change.Seq <= number, cancellationToken)
            || (number == 0 && (rows.Count == 0 || rows[0].Seq == 1));
        if (!isComplete || (rows.Count == 0 && number > await LastAsync(db, cancellationToken)))
            return null;
        if (rows.Count == 0)
            return new FeedChanges([], number);
        var newest = new OrderedDictionary<(Guid Subject, Guid Account, bool IsRemoved), GenerationChange>();
        foreach (var change in rows.Select(Change).OfType<GenerationChange>())
        {
            var key = (change.Subject, change.Account, change.Kind == ChangeKind.Removed);
            newest.Remove(key);
            newest.Add(key, change);
        }
        return new([.. newest.Values], rows[^1].Seq);
    }

    private static GenerationChange? Change(StoreChange row) => row.Kind switch
    {
        StoreChangeKind.Generation => new(ChangeKind.Changed, row.Subject) { Number = row.Seq },
        StoreChangeKind.GenerationRemoved => new(ChangeKind.Removed, row.Subject)
        {
            Number = row.Seq,
            Accounts = row.Account is { } owner ? [owner] : [],
        },
        StoreChangeKind.Grant => Of(row, ChangeKind.Granted),
        StoreChangeKind.GrantRemoved => Of(row, ChangeKind.Left),
        StoreChangeKind.Tags => Of(row, ChangeKind.Tagged) with { IsImage = true },
        // Without a number it is a change that does not show in lists.
        StoreChangeKind.Output or StoreChangeKind.OutputRemoved when row is { Number: { } isImage, Account: { } generation } =>
            new(row.Kind == StoreChangeKind.Output ? ChangeKind.OutputRestored : ChangeKind.OutputRemoved, row.Subject)
            {
                Number = row.Seq,
                Generation = generation,
                IsImage = isImage == 1,
            },
        _ => null,
    };

    private static GenerationChange Of(StoreChange row, ChangeKind kind) =>
        new(kind, row.Subject) { Number = row.Seq, Account = row.Account ?? default };
}
