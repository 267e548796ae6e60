using System.Collections.Concurrent;
using GenApi.Core.Accounts.EndUsers;
using GenApi.Core.Persistence.Database;

namespace GenApi.Core.Accounts.Usage;

/// <summary>
/// Counts answers without a run in memory and writes them to the ledger every <see cref="UsageFlush.Beat"/>, equal answers of one account
/// and end user in one line. It is on the path of every hit, so counting again allocates nothing and never waits. A crash loses what was
/// not written yet.
/// </summary>
public sealed class UsageCounts(DatabaseWriter writer, TimeProvider time)
{
    /// <summary>More lines in one transaction would make other writers wait for it.</summary>
    private const int LinesPerWork = 250;

    private readonly ConcurrentDictionary<Counted, Tally> _tallies = new();
    private readonly EndUserBound _named = new();
    private readonly Lock _order = new();
    private Task _flushing = Task.CompletedTask;

    /// <summary>Counts an answer, without its end user if the account has named too many (<see cref="EndUserBound"/>).</summary>
    /// <param name="account">The account that was answered.</param>
    /// <param name="endUser">The person for whom it asked; null: none was named.</param>
    /// <param name="generation">The generation it was answered with.</param>
    /// <param name="kind">Hit or joined.</param>
    /// <param name="answer">What else the ledger line needs.</param>
    public void Count(Guid account, EndUser? endUser, Guid generation, UsageKind kind, AnswerUsage answer)
    {
        var counted = new Counted(account, endUser?.Id ?? "", generation, kind);
        if (endUser is not null && !_tallies.ContainsKey(counted) && !_named.Admits(account, endUser.Id))
            counted = counted with { EndUser = "" };
        // A tally that is being removed is closed for good; the loop then makes the next.
        while (!_tallies.GetOrAdd(
            counted, static (_, made) => new Tally(made.answer, made.time.GetUtcNow()), (answer, time)).TryAdd())
        {
        }
    }

    /// <summary>Writes the counts so far. Counts that can't be written stay.</summary>
    /// <exception cref="Errors.GenApiException">The database can't be written.</exception>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_tallies.IsEmpty)
            return Task.CompletedTask;
        lock (_order)
            return _flushing = FlushAfterAsync(_flushing, cancellationToken);
    }

    /// <summary>Flushes one after the other.</summary>
    private async Task FlushAfterAsync(Task before, CancellationToken cancellationToken)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var part in _tallies.ToArray().Chunk(LinesPerWork))
            await WriteAsync(part, cancellationToken);
        _named.Reset();
    }

    private async Task WriteAsync(KeyValuePair<Counted, Tally>[] part, CancellationToken cancellationToken)
    {
        var drained = part.Select(each => (each.Key, each.Value, Count: each.Value.Drain())).ToList();
        try
        {
            await writer.WriteAsync(async (db, token) =>
            {
                db.AddRange(drained.Where(each => each.Count > 0).Select(each => Line(each.Key, each.Value, each.Count)));
                await db.SaveChangesAsync(token);
            }, cancellationToken);
        }
        catch
        {
            foreach (var (_, tally, count) in drained)
                tally.Restore(count);
            throw;
        }
        foreach (var (key, tally, _) in drained)
        {
            if (tally.TryClose())
                _tallies.TryRemove(KeyValuePair.Create(key, tally));
        }
    }

    private static UsageEntry Line(Counted key, Tally tally, int count) => new()
    {
        At = tally.Since,
        AcceptedAt = tally.Since,
        AccountId = key.Account,
        EndUser = key.EndUser,
        Model = tally.Answer.Model,
        Upstream = tally.Answer.Upstream,
        Kind = key.Kind,
        GenerationId = key.Generation,
        Status = key.Kind == UsageKind.Hit ? "hit" : "joined",
        Count = count,
        SavedMicros = tally.Answer.SavedMicros * count,
    };

    /// <summary>The key of one line: equal answers to one person.</summary>
    private readonly record struct Counted(Guid Account, string EndUser, Guid Generation, UsageKind Kind);

    /// <summary>
    /// A count that grows until it is closed, which happens only while it is zero, so none is lost between writing and removal.
    /// </summary>
    private sealed class Tally(AnswerUsage answer, DateTimeOffset since)
    {
        private const int Closed = int.MinValue;

        private int _count;

        public AnswerUsage Answer => answer;

        public DateTimeOffset Since => since;

        public bool TryAdd() => Interlocked.Increment(ref _count) > 0;

        public int Drain() => Math.Max(0, Interlocked.Exchange(ref _count, 0));

        public void Restore(int count) => Interlocked.Add(ref _count, count);

        public bool TryClose() => Interlocked.CompareExchange(ref _count, Closed, 0) == 0;
    }
}

/// <summary>The ledger's data about an answer without a run.</summary>
/// <param name="Model"><c>owner/name</c>.</param>
/// <param name="Upstream"><c>replicate</c> or <c>sandbox</c>.</param>
/// <param name="SavedMicros">The cost that one such answer saved.</param>
public readonly record struct AnswerUsage(string Model, string Upstream, long SavedMicros);
