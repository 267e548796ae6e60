using GenApi.Core.Errors;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence.Database;

/// <summary>Opens the database for a process that does one thing and ends, whether or not a service uses it.</summary>
public sealed class DatabaseVisit
{
    private readonly IDatabaseStart _start;
    private readonly IDbContextFactory<GenApiDbContext> _contexts;

    internal DatabaseVisit(IDatabaseStart start, IDbContextFactory<GenApiDbContext> contexts) => (_start, _contexts) = (start, contexts);

    /// <summary>
    /// Locks an unused data directory and upgrades the schema, as a start would. If a service uses it, that service has done so. A server
    /// needs no lock: the schema is upgraded if it is not the one of this program.
    /// </summary>
    /// <param name="mayMake">Whether to make a store in a folder without one.</param>
    /// <param name="cancellationToken">Ends the work between two steps.</param>
    /// <returns>Whether this call made the store.</returns>
    /// <exception cref="SettingException">
    /// The database can't be used, there is none, or the service that uses it has another version.
    /// </exception>
    public async Task<bool> BeginAsync(bool mayMake, CancellationToken cancellationToken)
    {
        var isNew = !await _start.HasStoreAsync(cancellationToken);
        if (isNew && !mayMake)
            throw NoStore();
        if (_start.TryTake())
        {
            await _start.PrepareAsync(cancellationToken);
            return isNew;
        }
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        if ((await SchemaState.ReadAsync(db, cancellationToken)).Pending.Count > 0)
        {
            throw new SettingException(
                "Database", "the running service has an older version, so its tables differ from this one's. Restart it first.");
        }
        return false;
    }

    /// <summary>Checks that there is a database that this version can read. It makes and changes nothing.</summary>
    /// <exception cref="SettingException">There is none, or it can't be read.</exception>
    public async Task RequireReadableAsync(CancellationToken cancellationToken)
    {
        if (!await _start.HasStoreAsync(cancellationToken))
            throw NoStore();
        try
        {
            await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
            var schema = await SchemaState.ReadAsync(db, cancellationToken);
            schema.ThrowIfForeign();
            if (schema.Pending.Count > 0)
            {
                throw new SettingException(
                    "Database", "an older GenApi made the tables. Start the service once to upgrade them, then try again.");
            }
        }
        catch (Exception failure) when (DatabaseFaults.IsUnreadable(failure))
        {
            throw new SettingException("Database", "it is not a GenApi database, or it is damaged. fsck shows details.", failure);
        }
        catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is { } fault)
        {
            throw new SettingException("Database", fault.Message, failure);
        }
    }

    private SettingException NoStore() => new("DataDirectory", _start.Missing);
}
