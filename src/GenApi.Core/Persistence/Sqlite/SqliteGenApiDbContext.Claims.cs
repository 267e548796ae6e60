using GenApi.Core.Persistence.Rows;

namespace GenApi.Core.Persistence.Sqlite;

public sealed partial class SqliteGenApiDbContext
{
    /// <inheritdoc/>
    internal override async Task<IReadOnlySet<long>> ClaimGenerationsAsync(
        IReadOnlyCollection<long> numbers, Lease lease, CancellationToken cancellationToken) =>
        (await this.QueryAsync(
            """
            UPDATE "Generations" SET "Lease_Owner" = @p0, "Lease_Until" = @p1, "Lease_Epoch" = "Lease_Epoch" + 1
            WHERE "Number" IN (SELECT value FROM json_each(@p2)) AND "CompletedAt" IS NULL AND "Lease_Owner" IS NULL
            RETURNING "Number"
            """,
            static row => row.Long(), cancellationToken, lease.Owner, lease.Until!.Value,
            $"[{string.Join(',', numbers)}]")).ToHashSet();
}
