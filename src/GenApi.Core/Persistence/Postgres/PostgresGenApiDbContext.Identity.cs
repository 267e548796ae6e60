using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GenApi.Core.Persistence.Postgres;

public sealed partial class PostgresGenApiDbContext
{
    private const string BeforeQuestion = "identity";

    internal override async Task<DateTimeOffset?> ClockAsync(CancellationToken cancellationToken) => PostgresSchema.ToTime(
        await Database.SqlQueryRaw<long>($"{PostgresSchema.Clock} AS \"Value\"").SingleAsync(cancellationToken));

    internal override async Task<bool> WasRestoredAsync(CancellationToken cancellationToken)
    {
        var server = await ServerAsync(cancellationToken);
        var same = await Database.SqlQueryRaw<bool>(PostgresIdentity.IsSame, server).ToListAsync(cancellationToken);
        if (same is [true])
            return false;
        await Database.ExecuteSqlRawAsync(PostgresIdentity.Write, [server], cancellationToken);
        return true;
    }

    /// <summary>Names the server; empty where it does not tell its users, as some hosted ones do.</summary>
    private async Task<string> ServerAsync(CancellationToken cancellationToken)
    {
        // A refused statement would spoil the transaction of the writer.
        var transaction = Database.CurrentTransaction!;
        await transaction.CreateSavepointAsync(BeforeQuestion, cancellationToken);
        try
        {
            var server = await Database.SqlQueryRaw<string>(PostgresIdentity.Server).SingleAsync(cancellationToken);
            await transaction.ReleaseSavepointAsync(BeforeQuestion, cancellationToken);
            return server;
        }
        catch (PostgresException)
        {
            await transaction.RollbackToSavepointAsync(BeforeQuestion, cancellationToken);
            return "";
        }
    }
}
