using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Cluster;

/// <summary>
/// Keeps an instance alone that must be alone: with its images on the disk of one machine, others would not find them. It holds a
/// separate term for as long as it lives, so that every other instance, whatever its settings, is refused.
/// </summary>
internal sealed class SoleInstance(InstanceName name, IEnumerable<ISoleReason> reasons)
{
    /// <summary>The name of the row.</summary>
    private const string Row = "sole";

    private readonly string? _why = reasons.Select(reason => reason.WhyAlone).FirstOrDefault(why => why is not null);

    /// <summary>Renews or takes the term, where this instance needs it. It runs in the heartbeat's transaction.</summary>
    /// <returns>Null: this instance may live.</returns>
    public async Task<SettingException?> TryAsync(
        GenApiDbContext db, DateTimeOffset now, DateTimeOffset until, IReadOnlyList<ClusterMember> live,
        CancellationToken cancellationToken)
    {
        var row = await db.Set<LeaderTerm>().FirstOrDefaultAsync(each => each.Name == Row, cancellationToken);
        if (row is not null && row.Holder != name.Id && row.Until > now)
        {
            return new SettingException(
                "Database:ConnectionString",
                $"The instance {row.Holder} uses this database and must be alone, because it keeps its images on its own disk or runs the "
                    + "embedded sandbox. Stop it, or give all instances Blobs:Provider=s3 and a real upstream.");
        }
        if (_why is null)
            return null;
        if (live.Count > 0)
        {
            return new SettingException(
                "Database:ConnectionString",
                $"{_why}, so this instance must be alone, and {live[0].Id} on {live[0].Host} uses the same database. Stop it, or give all "
                    + "instances Blobs:Provider=s3 and a real upstream.");
        }
        if (row is null)
            db.Add(row = new LeaderTerm { Name = Row, Holder = name.Id, Term = 1, Until = until });
        else
            (row.Term, row.Holder, row.Until) = (row.Term + (row.Holder == name.Id ? 0 : 1), name.Id, until);
        return null;
    }

    /// <summary>Gives the term up, in the transaction in which this instance leaves.</summary>
    public Task LeaveAsync(GenApiDbContext db, CancellationToken cancellationToken) => db.Set<LeaderTerm>()
        .Where(row => row.Name == Row && row.Holder == name.Id).ExecuteDeleteAsync(cancellationToken);
}
