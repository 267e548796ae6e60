using GenApi.Core.Errors;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence.Database;

/// <summary>Reads from the database.</summary>
internal static class DatabaseReads
{
    /// <summary>
    /// Reads through a separate context. Where a server ended the connection meanwhile, it reads once more: a pool notices a broken
    /// connection only when it is used.
    /// </summary>
    /// <exception cref="GenApiException">
    /// StorageUnavailable: the database can't be read. InvalidRequest: it was asked for a text that no row can have.
    /// </exception>
    public static async Task<T> ReadAsync<T>(
        this IDbContextFactory<GenApiDbContext> contexts, Func<GenApiDbContext, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            try
            {
                return await OnceAsync(contexts, read, cancellationToken);
            }
            catch (Exception failure) when (DatabaseFaults.IsConnectionLoss(failure))
            {
                return await OnceAsync(contexts, read, cancellationToken);
            }
        }
        catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is { } fault)
        {
            throw fault;
        }
        catch (Exception failure) when (PostgresFaults.IsNoText(failure))
        {
            throw new GenApiException(
                ErrorKind.InvalidRequest, "The request names something with the character U+0000, which is not text. Leave it out.",
                failure);
        }
    }

    private static async Task<T> OnceAsync<T>(
        IDbContextFactory<GenApiDbContext> contexts, Func<GenApiDbContext, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await read(db);
    }
}
