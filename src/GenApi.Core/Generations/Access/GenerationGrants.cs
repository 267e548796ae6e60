using System.Collections.Concurrent;
using GenApi.Core.Background;
using GenApi.Core.Caching;
using GenApi.Core.Cluster;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Access;

/// <summary>
/// Knows which accounts see generations of others. A hit touches no database: its grant holds in memory at once and becomes a row some
/// milliseconds later (<see cref="GrantKeeper"/>). A grant made inside a transaction is a row of that transaction.
/// </summary>
internal sealed class GenerationGrants(
    DatabaseWriter writer, GenerationChanges changes, ICluster cluster, TimeProvider time) : IChangeListener
{
    /// <summary>Some 11 MB.</summary>
    private const int MostKnown = 65_536;

    private const int MostAtOnce = 500;

    /// <summary>
    /// The accounts known to see each generation, its owner included, so that serving images and answers needs no database.
    /// </summary>
    private readonly VersionedCache<(Guid Account, Guid Generation), bool> _known = new(
        MostKnown, age: CacheAge.Where(cluster.IsShared, time));

    /// <summary>Granted and not on the disk yet.</summary>
    private readonly ConcurrentDictionary<(Guid Account, Guid Generation), UnsavedGrant> _unsaved = new();

    private readonly WakeSignal _granted = new();

    /// <inheritdoc cref="VersionedCache{TKey, TValue}.Version"/>
    public long Version => _known.Version;

    /// <summary>Returns whether memory says that the account sees it. False proves nothing.</summary>
    public bool IsKnown(Guid account, Guid generation) =>
        _known.TryGet((account, generation), out _) || _unsaved.ContainsKey((account, generation));

    /// <summary>
    /// Remembers that the database shows the generation to the account, unless any grant was revoked since <paramref name="version"/>.
    /// </summary>
    public void Remember(Guid account, Guid generation, long version) => _known.Put((account, generation), true, version);

    /// <summary>Grants what a hit has answered the account with.</summary>
    public void Grant(Generation generation, Guid account)
    {
        if (generation.IsOwnOf(account) || IsKnown(account, generation.Id))
            return;
        _unsaved[(account, generation.Id)] = new(generation.CreatedAt, generation.Number);
        Remember(account, generation.Id, Version);
        _granted.Wake();
        changes.Granted(generation.Id, account);
    }

    /// <summary>
    /// Grants it in the writer's transaction. Call <see cref="Remember"/> after the commit, and report the change if it returned true.
    /// </summary>
    public async Task<bool> GrantAsync(GenApiDbContext db, Generation generation, Guid account, CancellationToken cancellationToken)
    {
        // Where instances share the database, another one may have revoked what memory still knows.
        var isSaved = generation.IsOwnOf(account)
            || (!cluster.IsShared && IsKnown(account, generation.Id) && !_unsaved.ContainsKey((account, generation.Id)));
        if (isSaved || await IsSavedAsync(db, account, generation, cancellationToken))
            return false;
        db.Add(Row(account, generation.CreatedAt, generation.Number));
        await db.AddToSearchAsync(generation.Number, generation.Prompt, account, isNew: false, cancellationToken);
        return true;
    }

    /// <summary>Returns whether the account sees it. It runs in the writer's transaction, where nothing can change in between.</summary>
    public async Task<bool> HasAsync(GenApiDbContext db, Guid account, Generation generation, CancellationToken cancellationToken) =>
        generation.IsOwnOf(account) || _unsaved.ContainsKey((account, generation.Id))
        || await IsSavedAsync(db, account, generation, cancellationToken);

    /// <summary>Lists the accounts that it was granted to.</summary>
    public async Task<IReadOnlyList<Guid>> HoldersAsync(GenApiDbContext db, Generation generation, CancellationToken cancellationToken)
    {
        var saved = await db.Set<GenerationGrant>().Where(grant => grant.Number == generation.Number)
            .Select(grant => grant.AccountId).ToListAsync(cancellationToken);
        return [.. saved, .. _unsaved.Keys.Where(key => key.Generation == generation.Id).Select(key => key.Account)];
    }

    /// <summary>Returns the accounts that see a generation: those it was granted to, and its owner.</summary>
    public static HashSet<Guid> AccountsOf(Generation generation, IEnumerable<Guid> holders)
    {
        var accounts = holders.ToHashSet();
        if (generation.OwnerLeftAt is null)
            accounts.Add(generation.OwnerId);
        return accounts;
    }

    /// <summary>Returns the accounts that each generation was granted to, by its id, outside of the writer.</summary>
    public async Task<ILookup<Guid, Guid>> HoldersAsync(
        GenApiDbContext db, IReadOnlyCollection<Generation> generations, CancellationToken cancellationToken)
    {
        var ids = generations.ToDictionary(generation => generation.Number, generation => generation.Id);
        // Read first: a grant that is saved meanwhile is found among the rows.
        var unsaved = _unsaved.IsEmpty ? [] : _unsaved.Keys.Where(key => ids.ContainsValue(key.Generation)).ToList();
        var numbers = ids.Keys.ToList();
        var saved = await db.Set<GenerationGrant>().AsNoTracking().Where(grant => numbers.Contains(grant.Number))
            .Select(grant => new { grant.Number, grant.AccountId }).ToListAsync(cancellationToken);
        return saved.Select(grant => (Generation: ids[grant.Number], Account: grant.AccountId))
            .Concat(unsaved.Select(key => (key.Generation, key.Account)))
            .ToLookup(each => each.Generation, each => each.Account);
    }

    /// <summary>
    /// Revokes the account's grant. Call <see cref="Forget"/> after the commit. A later answer grants it again.
    /// </summary>
    public async Task RevokeAsync(GenApiDbContext db, Generation generation, Guid account, CancellationToken cancellationToken)
    {
        _unsaved.TryRemove((account, generation.Id), out _);
        await db.Set<GenerationGrant>().Where(grant => grant.AccountId == account && grant.Number == generation.Number)
            .ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Forgets a revoked grant. A reader that saw its row before can't remember it any more.</summary>
    public void Forget(Guid account, Guid generation) => _known.Remove((account, generation));

    /// <summary>Forgets what another instance has revoked.</summary>
    void IChangeListener.Changed(IReadOnlyList<StoreChange> changes)
    {
        var revoked = changes.Where(static change => change is { Kind: StoreChangeKind.GrantRemoved, Account: not null })
            .Select(static change => (change.Account!.Value, change.Subject)).ToList();
        if (revoked.Count > 0)
            _known.Remove(revoked);
    }

    void IChangeListener.Lost() => _known.Clear();

    /// <summary>Deletes all grants of a generation that is deleted in the same transaction.</summary>
    public static Task RemoveAsync(GenApiDbContext db, Guid generation, CancellationToken cancellationToken) => db.Set<GenerationGrant>()
        .Where(grant => db.Set<Generation>().Any(row => row.Id == generation && row.Number == grant.Number))
        .ExecuteDeleteAsync(cancellationToken);

    /// <summary>Deletes all grants of many generations, by their <see cref="Generation.Number"/>.</summary>
    public static Task RemoveAsync(GenApiDbContext db, IReadOnlyCollection<long> numbers, CancellationToken cancellationToken) =>
        db.Set<GenerationGrant>().Where(grant => numbers.Contains(grant.Number)).ExecuteDeleteAsync(cancellationToken);

    /// <summary>Ends when there may be something to save.</summary>
    public Task GrantedAsync(CancellationToken cancellationToken) => _granted.WaitAsync(cancellationToken);

    /// <summary>Returns whether one of this account's grants is not saved as a row yet.</summary>
    public bool HasUnsaved(Guid account) => !_unsaved.IsEmpty && _unsaved.Keys.Any(key => key.Account == account);

    /// <summary>Writes the grants of hits, many in one transaction.</summary>
    /// <exception cref="Errors.GenApiException">The storage failed; the grants stay in memory.</exception>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        while (_unsaved.Take(MostAtOnce).ToArray() is { Length: > 0 } grants)
        {
            await writer.WriteAsync(async (db, token) =>
            {
                // A grant that was revoked meanwhile stays revoked: that happens in the same writer.
                var still = grants.Where(each => _unsaved.ContainsKey(each.Key)).ToList();
                var numbers = still.Select(each => each.Value.Number).Distinct().ToList();
                var prompts = await db.Set<Generation>().Where(row => numbers.Contains(row.Number)).Select(
                    row => new { row.Number, row.Prompt })
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
            Array.ForEach(grants, each => _unsaved.TryRemove(each));
        }
    }

    private static Task<bool> IsSavedAsync(
        GenApiDbContext db, Guid account, Generation generation, CancellationToken cancellationToken) =>
        db.Set<GenerationGrant>().AnyAsync(
            grant => grant.AccountId == account && grant.CreatedAt == generation.CreatedAt
                && grant.Number == generation.Number, cancellationToken);

    private static GenerationGrant Row(Guid account, DateTimeOffset createdAt, long number) =>
        new() { AccountId = account, CreatedAt = createdAt, Number = number };

    /// <summary>
    /// One act of granting, compared by reference: a grant that was revoked and made again meanwhile is another, and is not lost with the
    /// first.
    /// </summary>
    private sealed class UnsavedGrant(DateTimeOffset createdAt, long number)
    {
        public DateTimeOffset CreatedAt => createdAt;

        public long Number => number;
    }
}
