using GenApi.Core.Blobs;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance;

/// <summary>
/// Blobs that no row of any feature needs, and whose removal is not planned. A crash between bytes and row leaves them, or a power cut that
/// undid a deletion.
/// </summary>
/// <param name="Orphans">The blobs, in no order.</param>
/// <param name="All">The number of all blobs.</param>
internal sealed record OrphanBlobs(IReadOnlyList<BlobInfo> Orphans, int All)
{
    private const int KeysPerStep = 500;

    /// <summary>The most orphans that crashes explain; they leave a handful.</summary>
    private const int Plausible = 100;

    /// <summary>More orphans than crashes explain, and more than half of all blobs: the database is probably the wrong one.</summary>
    public bool IsSuspicious => Orphans.Count > Plausible && Orphans.Count > All / 2;

    /// <summary>Finds all orphans. Each step is a separate read, so that nothing holds a snapshot for long.</summary>
    public static async Task<OrphanBlobs> FindAsync(
        IDbContextFactory<GenApiDbContext> contexts, IBlobMaintenance blobs, IEnumerable<IBlobUser> users,
        CancellationToken cancellationToken)
    {
        var orphans = new List<BlobInfo>();
        var all = 0;
        await foreach (var step in blobs.ListAsync(cancellationToken).Chunk(KeysPerStep).WithCancellation(cancellationToken))
        {
            all += step.Length;
            string[] keys = [.. step.Select(blob => blob.Key)];
            // Read first: a row that needs the bytes again ends their plan, and then it is seen itself.
            var planned = await contexts.ReadAsync(
                db => db.Set<BlobRemoval>().Where(removal => keys.Contains(removal.Key)).Select(removal => removal.Key)
                    .ToListAsync(cancellationToken),
                cancellationToken);
            var known = await NeededAsync(contexts, users, keys, cancellationToken);
            known.UnionWith(planned);
            orphans.AddRange(step.Where(blob => !known.Contains(blob.Key)));
        }
        return new(orphans, all);
    }

    /// <summary>Returns the keys that a row needs.</summary>
    public static Task<HashSet<string>> NeededAsync(
        IDbContextFactory<GenApiDbContext> contexts, IEnumerable<IBlobUser> users, string[] keys, CancellationToken cancellationToken) =>
        contexts.ReadAsync(
            async db =>
            {
                var needed = new HashSet<string>();
                foreach (var user in users)
                    needed.UnionWith(await user.UsedOfAsync(db, keys, cancellationToken));
                return needed;
            },
            cancellationToken);
}
