using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence.Sqlite;

public sealed partial class SqliteGenApiDbContext
{
    /// <inheritdoc/>
    internal override async Task<IReadOnlySet<long>> ClaimGenerationsAsync(
        IReadOnlyCollection<long> numbers, Lease lease, CancellationToken cancellationToken) =>
        await Database.SqlQueryRaw<long>(
            """
            UPDATE "Generations" SET "Lease_Owner" = {0}, "Lease_Until" = {1}, "Lease_Epoch" = "Lease_Epoch" + 1
            WHERE "Number" IN (SELECT value FROM json_each({2})) AND "CompletedAt" IS NULL AND "Lease_Owner" IS NULL
            RETURNING "Number" AS "Value"
            """,
            lease.Owner!, lease.Until!.Value.UtcTicks, JsonSerializer.Serialize(numbers)).ToHashSetAsync(cancellationToken);
}
