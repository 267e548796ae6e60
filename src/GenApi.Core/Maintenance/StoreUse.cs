using GenApi.Core.Cluster;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance;

/// <summary>Finds out whether a running service uses a database on a server. A file is locked by its data directory instead.</summary>
internal static class StoreUse
{
    /// <summary>Returns the instance that uses the database, for messages; null: there is none, or it is a file.</summary>
    /// <remarks>An instance that was killed counts for as long as its lease lasts.</remarks>
    public static async Task<string?> InstanceAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        if (await db.ClockAsync(cancellationToken) is not { } now)
            return null;
        var alive = await db.Set<ClusterMember>().AsNoTracking().Where(member => member.AliveUntil > now)
            .OrderBy(member => member.Id).FirstOrDefaultAsync(cancellationToken);
        return alive is null ? null : $"{alive.Id} on {alive.Host}";
    }
}
