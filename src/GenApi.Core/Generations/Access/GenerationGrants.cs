using System.Collections.Concurrent;
using System.Threading.Channels;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Access;

/// <summary>
/// Which accounts were given generations of others. A hit touches no database, so what it gives holds in memory at once and is a row some milliseconds
/// later (<see cref="GrantKeeper"/>); whatever is given inside a transaction is a row of that transaction.
/// </summary>
internal sealed class GenerationGrants(DatabaseWriter writer)
{
    /// <summary>Some 10 MB. When it is full all is forgotten and read again as it is asked for.</summary>
    private const int MostKnown = 100_000;

    private const int MostAtOnce = 500;

    /// <summary>Who surely sees what, its own included, so that pictures and answers are served without a look into the database.</summary>
    private readonly ConcurrentDictionary<(Guid Account, Guid Generation), bool> _known = new();

    /// <summary>Given and not on the disk yet.</summary>
    private readonly ConcurrentDictionary<(Guid Account, Guid Generation), Given> _unsaved = new();

    private readonly Channel<bool> _woken = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private long _takings;

    /// <summary>Take it before the database is asked or told, and hand it to <see cref="Know"/>.</summary>
    public long Moment => Volatile.Read(ref _takings);

    /// <summary>Whether the account surely sees it, as far as memory tells.</summary>
    public bool IsKnown(Guid account, Guid generation) => _known.ContainsKey((account, generation)) || _unsaved.ContainsKey((account, generation));

    /// <summary>Remembers what is so in the database, unless something was taken away since: it may have been this.</summary>
    public void Know(Guid account, Guid generation, long since)
    {
        if (since != Moment)
            return;
        if (_known.Count >= MostKnown)
            _known.Clear();
        _known[(account, generation)] = true;
    }

    /// <summary>The account was answered with it; on the path of a hit.</summary>
    public void Give(Generation generation, Guid account)
    {
        if (generation.IsOwnOf(account) || IsKnown(account, generation.Id))
            return;
        _unsaved[(account, generation.Id)] = new(generation.CreatedAt, generation.Number);
        Know(account, generation.Id, Moment);
        _woken.Writer.TryWrite(true);
    }

    /// <summary>The same in the writer's transaction. After the commit, say so with <see cref="Know"/>.</summary>
    public async Task GiveAsync(GenApiDbContext db, Generation generation, Guid account, CancellationToken cancellationToken)
    {
        var isSaved = generation.IsOwnOf(account) || (IsKnown(account, generation.Id) && !_unsaved.ContainsKey((account, generation.Id)));
        if (isSaved || await IsSavedAsync(db, account, generation, cancellationToken))
            return;
        db.Add(Row(account, generation.CreatedAt, generation.Number));
        await db.AddToSearchAsync(generation.Number, generation.Prompt, account, isNew: false, cancellationToken);
    }

    /// <summary>In the writer's transaction, where nothing can come between.</summary>
    public async Task<bool> HasAsync(GenApiDbContext db, Guid account, Generation generation, CancellationToken cancellationToken) =>
        generation.IsOwnOf(account) || _unsaved.ContainsKey((account, generation.Id))
        || await IsSavedAsync(db, account, generation, cancellationToken);

    /// <summary>Everybody who was given it.</summary>
    public async Task<IReadOnlyList<Guid>> HoldersAsync(GenApiDbContext db, Generation generation, CancellationToken cancellationToken)
    {
        var saved = await db.Set<GenerationGrant>().Where(grant => grant.Number == generation.Number).Select(grant => grant.AccountId).ToListAsync(cancellationToken);
        return [.. saved, .. _unsaved.Keys.Where(key => key.Generation == generation.Id).Select(key => key.Account)];
    }

    /// <summary>The account sees it no more, unless it is given it again. After the commit, say so with <see cref="Taken"/>.</summary>
    public async Task TakeAsync(GenApiDbContext db, Generation generation, Guid account, CancellationToken cancellationToken)
    {
        _unsaved.TryRemove((account, generation.Id), out _);
        await db.Set<GenerationGrant>().Where(grant => grant.AccountId == account && grant.Number == generation.Number).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Nobody who has read the row before it went remembers it from now on.</summary>
    public void Taken(Guid account, Guid generation)
    {
        Interlocked.Increment(ref _takings);
        _known.TryRemove((account, generation), out _);
    }

    /// <summary>The generation goes, in the same transaction.</summary>
    public static Task RemoveAsync(GenApiDbContext db, Guid generation, CancellationToken cancellationToken) => db.Set<GenerationGrant>()
        .Where(grant => db.Set<Generation>().Any(row => row.Id == generation && row.Number == grant.Number)).ExecuteDeleteAsync(cancellationToken);

    /// <summary>The same for many, by their <see cref="Generation.Number"/>.</summary>
    public static Task RemoveAsync(GenApiDbContext db, IReadOnlyCollection<long> numbers, CancellationToken cancellationToken) => db.Set<GenerationGrant>()
        .Where(grant => numbers.Contains(grant.Number)).ExecuteDeleteAsync(cancellationToken);

    /// <summary>Ends when there may be something to save.</summary>
    public ValueTask<bool> GivenAsync(CancellationToken cancellationToken) => _woken.Reader.ReadAsync(cancellationToken);

    /// <summary>Whether something that this account was given is not a row yet.</summary>
    public bool HasUnsaved(Guid account) => !_unsaved.IsEmpty && _unsaved.Keys.Any(key => key.Account == account);

    /// <summary>Makes rows of what was given, many in one transaction.</summary>
    /// <exception cref="Errors.GenApiException">The storage can't take it; it is still known.</exception>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        while (_unsaved.Take(MostAtOnce).ToArray() is { Length: > 0 } given)
        {
            await writer.WriteAsync(async (db, token) =>
            {
                // What was taken away meanwhile stays so: that happens in the same writer.
                var still = given.Where(each => _unsaved.ContainsKey(each.Key)).ToList();
                var numbers = still.Select(each => each.Value.Number).Distinct().ToList();
                var prompts = await db.Set<Generation>().Where(row => numbers.Contains(row.Number)).Select(row => new { row.Number, row.Prompt })
                    .ToDictionaryAsync(row => row.Number, row => row.Prompt, token);
                var saved = (await db.Set<GenerationGrant>().AsNoTracking().Where(grant => numbers.Contains(grant.Number))
                    .Select(grant => new { grant.AccountId, grant.Number }).ToListAsync(token)).ToHashSet();
                foreach (var (key, each) in still.Where(each => !saved.Contains(new { AccountId = each.Key.Account, each.Value.Number })))
                {
                    if (!prompts.TryGetValue(each.Number, out var prompt))
                        continue;
                    db.Add(Row(key.Account, each.CreatedAt, each.Number));
                    await db.AddToSearchAsync(each.Number, prompt, key.Account, isNew: false, token);
                }
                await db.SaveChangesAsync(token);
            }, cancellationToken);
            Array.ForEach(given, each => _unsaved.TryRemove(each));
        }
    }

    private static Task<bool> IsSavedAsync(GenApiDbContext db, Guid account, Generation generation, CancellationToken cancellationToken) => db.Set<GenerationGrant>()
        .AnyAsync(grant => grant.AccountId == account && grant.CreatedAt == generation.CreatedAt && grant.Number == generation.Number, cancellationToken);

    private static GenerationGrant Row(Guid account, DateTimeOffset createdAt, long number) => new() { AccountId = account, CreatedAt = createdAt, Number = number };

    /// <summary>One act of giving: what was taken away and given again meanwhile is another, and is not lost with the first.</summary>
    private sealed class Given(DateTimeOffset createdAt, long number)
    {
        public DateTimeOffset CreatedAt => createdAt;

        public long Number => number;
    }
}
