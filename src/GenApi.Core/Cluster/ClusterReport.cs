using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Cluster;

/// <summary>Lists the instances on the store, for operators. A verb may ask too: it is no instance itself.</summary>
/// <param name="contexts">Reads the rows.</param>
public sealed class ClusterReport(IDbContextFactory<GenApiDbContext> contexts)
{
    /// <summary>Lists all instances that have not said goodbye, the oldest first; empty on SQLite.</summary>
    /// <exception cref="Errors.GenApiException">StorageUnavailable.</exception>
    public Task<IReadOnlyList<InstanceState>> ListAsync(CancellationToken cancellationToken) =>
        contexts.ReadAsync<IReadOnlyList<InstanceState>>(async db =>
        {
            var leader = await db.Set<LeaderTerm>().Where(row => row.Name == SharedLeadership.Row).Select(row => row.Holder)
                .FirstOrDefaultAsync(cancellationToken);
            var members = await db.Set<ClusterMember>().AsNoTracking().OrderBy(member => member.StartedAt).ThenBy(member => member.Id)
                .ToListAsync(cancellationToken);
            return members.ConvertAll(member =>
                new InstanceState(member.Id, member.Host, member.Version, member.StartedAt, member.AliveUntil, member.Id == leader));
        }, cancellationToken);
}

/// <summary>An instance.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Host">Its machine or container.</param>
/// <param name="Version">The version of its program.</param>
/// <param name="StartedAt">When it joined, by the database's clock.</param>
/// <param name="AliveUntil">When its lease ends unless it renews it, by the same clock.</param>
/// <param name="IsLeader">True if it holds the current term.</param>
public sealed record InstanceState(
    string Id, string Host, string Version, DateTimeOffset StartedAt, DateTimeOffset AliveUntil, bool IsLeader);
