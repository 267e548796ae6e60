using GenApi.Core.Blobs;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Images.Library;

/// <summary>
/// Deletes bytes whose grace is over (<see cref="SharedBlobHolds"/>). The leader runs it. A deletion is recorded as begun before it is
/// made, and nobody stores the same bytes until it has ended.
/// </summary>
internal sealed partial class BlobRemovals(
    IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, IBlobStore blobs, IEnumerable<IBlobUser> users,
    SharedBlobHolds holds, ICluster cluster, TimeProvider time, ILogger<BlobRemovals> logger)
{
    private const int KeysPerStep = 50, MostLearned = 20_000;

    /// <summary>A deletion does not leave this process later after it was recorded as begun, by the monotonic clock.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A deletion that was begun and not ended is made again after this time: its instance died, or the store did not answer. By then a
    /// request of the first try can no longer be on its way.
    /// </summary>
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMinutes(5);

    private readonly IBlobUser[] _users = [.. users];

    /// <summary>Makes all deletions that are due; none where this process is alone with the store.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!cluster.IsShared)
            return;
        var removed = 0;
        while (true)
        {
            var began = time.GetTimestamp();
            var keys = await writer.WriteAsync(BeginAsync, cancellationToken);
            if (keys is null)
                break;
            var gone = await DeleteAsync(keys, began, cancellationToken);
            await writer.WriteAsync(
                (db, token) => db.Set<BlobRemoval>().Where(removal => gone.Contains(removal.Key)).ExecuteDeleteAsync(token),
                cancellationToken);
            holds.Ended(gone);
            removed += gone.Count;
            if (gone.Count < keys.Count)
                break;
        }
        if (removed > 0)
            Log.Removed(logger, removed);
        var planned = await contexts.ReadAsync(
            db => db.Set<BlobRemoval>().Select(removal => removal.Key).Take(MostLearned + 1).ToHashSetAsync(cancellationToken),
            cancellationToken);
        // After a large cleanup it was this process, as the leader, that planned them and knows their sizes.
        if (planned.Count <= MostLearned)
            await holds.LearnAsync(planned, cancellationToken);
    }

    /// <summary>Records the next deletions as begun, and drops those whose bytes are needed again.</summary>
    /// <returns>The keys to delete; null: nothing is due.</returns>
    private async Task<List<string>?> BeginAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        var (now, stuck) = (db.Now, db.Now - AgainAfter);
        var due = await db.Set<BlobRemoval>()
            .Where(removal => removal.DueAt <= now && (removal.BeganAt == null || removal.BeganAt <= stuck))
            .OrderBy(removal => removal.DueAt).Take(KeysPerStep).ToListAsync(cancellationToken);
        if (due.Count == 0)
            return null;
        var keys = due.Select(removal => removal.Key).ToArray();
        var needed = new HashSet<string>();
        foreach (var user in _users)
            needed.UnionWith(await user.UsedOfAsync(db, keys, cancellationToken));
        db.RemoveRange(due.Where(removal => needed.Contains(removal.Key)));
        foreach (var removal in due.Where(removal => !needed.Contains(removal.Key)))
            removal.BeganAt = now;
        await db.SaveChangesAsync(cancellationToken);
        return [.. keys.Where(key => !needed.Contains(key))];
    }

    /// <returns>The keys whose bytes are gone.</returns>
    private async Task<List<string>> DeleteAsync(List<string> keys, long began, CancellationToken cancellationToken)
    {
        var gone = new List<string>();
        foreach (var key in keys)
        {
            try
            {
                await blobs.DeleteAsync(
                    key, () => cluster.IsAlive && time.GetElapsedTime(began) < LongestDelay, cancellationToken);
                gone.Add(key);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // This instance was frozen, or the store is slow. The deletion is made again later.
                break;
            }
            catch (GenApiException fault)
            {
                Log.NotRemoved(logger, key, fault);
                break;
            }
        }
        return gone;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Deleted {Blobs} blobs that no row had needed for an hour")]
        public static partial void Removed(ILogger logger, int blobs);

        [LoggerMessage(2, LogLevel.Warning, "The blob {Key} could not be deleted; it is tried again")]
        public static partial void NotRemoved(ILogger logger, string key, Exception fault);
    }
}
