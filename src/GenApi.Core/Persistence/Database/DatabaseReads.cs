using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence.Database;

/// <summary>Reads from the database.</summary>
internal static class DatabaseReads
{
    /// <summary>Reads through a separate context.</summary>
    /// <exception cref="Errors.GenApiException">StorageUnavailable: the database can't be read.</exception>
    public static async Task<T> ReadAsync<T>(
        this IDbContextFactory<GenApiDbContext> contexts, Func<GenApiDbContext, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            return await read(db);
        }
        catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is { } fault)
        {
            throw fault;
        }
    }
}
