using System.Collections.Concurrent;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Images.Library;

/// <summary>
/// The holds of several instances that share a store. Unused bytes are deleted only after <see cref="Grace"/>, by the clock of the
/// database. An instance that stores the same bytes postpones that before it looks whether they are there, and its row must be committed
/// before the grace is over. So no deletion can begin between the two, even if the instance is frozen meanwhile.
/// </summary>
internal sealed class SharedBlobHolds(
    IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, IBlobStore blobs, SteadyClock clock) : IBlobHolds
{
    /// <summary>The time from the last row's end to the deletion: far longer than the longest upload and its row take.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    /// <summary>The time in which a row must follow its bytes. The rest of the grace is for clocks that differ.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(45);

    /// <summary>Every new image asks this, past EF.</summary>
    private const string Planned = """SELECT 1 FROM "BlobRemovals" WHERE "Key" = @p0""";

    /// <summary>Questions to the store in one round.</summary>
    private const int MostAsked = 200;

    private readonly ConcurrentDictionary<string, long> _pending = new();

    public long PendingBytes => _pending.Values.Sum();

    public async Task<BlobHold> HoldAsync(string key, CancellationToken cancellationToken)
    {
        var until = clock.Now + LongestHold;
        var isPlanned = await contexts.ReadAsync(
            db => db.AnyAsync(Planned, cancellationToken, key), cancellationToken);
        if (isPlanned && !await writer.WriteAsync((db, token) => PostponeAsync(db, key, token), cancellationToken))
            throw Again("The bytes of an earlier image are just being deleted, and these are the same. Try again in some seconds.");
        return new Until(until);
    }

    public async Task<bool> DeleteUnlessAsync(
        string key, Func<GenApiDbContext, CancellationToken, Task<bool>> isUsed, CancellationToken cancellationToken)
    {
        if (await contexts.ReadAsync(db => isUsed(db, cancellationToken), cancellationToken)
            || await blobs.FindAsync(key, cancellationToken) is not { } found)
            return false;
        var isPlanned = await writer.WriteAsync(
            async (db, token) =>
            {
                if (await isUsed(db, token))
                    return false;
                if (!await db.Set<BlobRemoval>().AnyAsync(removal => removal.Key == key, token))
                {
                    db.Add(new BlobRemoval { Key = key, DueAt = db.Now + Grace });
                    await db.SaveChangesAsync(token);
                }
                return true;
            },
            cancellationToken);
        if (isPlanned)
            _pending[key] = found.Length;
        return isPlanned;
    }

    /// <summary>Forgets the sizes of bytes that are gone.</summary>
    public void Ended(IEnumerable<string> keys)
    {
        foreach (var key in keys)
            _pending.TryRemove(key, out _);
    }

    /// <summary>Learns the sizes of planned deletions, and forgets those that are done or given up.</summary>
    /// <param name="planned">The keys of all planned deletions.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task LearnAsync(IReadOnlySet<string> planned, CancellationToken cancellationToken)
    {
        foreach (var gone in _pending.Keys.Where(key => !planned.Contains(key)))
            _pending.TryRemove(gone, out _);
        foreach (var key in planned.Where(key => !_pending.ContainsKey(key)).Take(MostAsked))
            _pending[key] = await blobs.FindAsync(key, cancellationToken) is { } found ? found.Length : 0;
    }

    /// <returns>False if the deletion has begun.</returns>
    private static async Task<bool> PostponeAsync(GenApiDbContext db, string key, CancellationToken cancellationToken)
    {
        var due = db.Now + Grace;
        return await db.Set<BlobRemoval>().Where(removal => removal.Key == key && removal.BeganAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(removal => removal.DueAt, due), cancellationToken) > 0
            // It may have ended since it was seen; the store knows that the bytes are gone.
            || !await db.Set<BlobRemoval>().AnyAsync(removal => removal.Key == key, cancellationToken);
    }

    private static GenApiException Again(string sentence) =>
        new(ErrorKind.StorageUnavailable, sentence) { IsTransient = true, RetryAfter = TimeSpan.FromSeconds(5) };

    private sealed class Until(DateTimeOffset end) : BlobHold
    {
        public override void Require(GenApiDbContext db)
        {
            if (db.Now >= end)
                throw Again("Storing the bytes took too long, so they may have been deleted meanwhile. Send them again.");
        }

        public override void Release()
        {
            // It ends by itself.
        }
    }
}
