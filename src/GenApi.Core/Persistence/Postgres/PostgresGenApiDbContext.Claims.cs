using GenApi.Core.Persistence.Rows;

namespace GenApi.Core.Persistence.Postgres;

public sealed partial class PostgresGenApiDbContext
{
    /// <inheritdoc/>
    /// <remarks>
    /// The materialized list is what makes the claim safe: as <c>IN (SELECT … LIMIT)</c> the planner may run it again for each row and
    /// claim the whole queue. NO KEY lets the children of a row be inserted meanwhile.
    /// </remarks>
    internal override async Task<IReadOnlySet<long>> ClaimGenerationsAsync(
        IReadOnlyCollection<long> numbers, Lease lease, CancellationToken cancellationToken) =>
        (await this.QueryAsync(
            """
            WITH next AS MATERIALIZED (
                SELECT "Number" FROM "Generations"
                WHERE "Number" = ANY(@p2) AND "CompletedAt" IS NULL AND "Lease_Owner" IS NULL
                ORDER BY "Number" FOR NO KEY UPDATE SKIP LOCKED)
            UPDATE "Generations" AS claimed
            SET "Lease_Owner" = @p0, "Lease_Until" = @p1, "Lease_Epoch" = claimed."Lease_Epoch" + 1
            FROM next WHERE claimed."Number" = next."Number"
            RETURNING claimed."Number"
            """,
            static row => row.Long(), cancellationToken, lease.Owner, lease.Until!.Value,
            new RowValue(null, numbers.ToArray()))).ToHashSet();
}
