using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Core.Persistence.Database;

/// <summary>Opens the database for a process that does one thing and ends, whether or not a service uses it.</summary>
public sealed class DatabaseVisit
{
    private readonly DataDirectory _directory;
    private readonly DatabaseLocation _location;
    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly IServiceProvider _services;

    public DatabaseVisit(
        DataDirectory directory, DatabaseLocation location, IDbContextFactory<GenApiDbContext> contexts, IServiceProvider services) =>
        (_directory, _location, _contexts, _services) = (directory, location, contexts, services);

    /// <summary>
    /// Locks an unused data directory and upgrades the schema, as a start would. If a service uses it, that service has done so.
    /// </summary>
    /// <param name="mayMake">Whether to make a store in a folder without one.</param>
    /// <param name="cancellationToken">Ends the work between two steps.</param>
    /// <returns>Whether this call made the store.</returns>
    /// <exception cref="SettingException">
    /// The database can't be used, there is none, or the service that uses it has another version.
    /// </exception>
    public async Task<bool> BeginAsync(bool mayMake, CancellationToken cancellationToken)
    {
        var isNew = !_location.HasDatabase;
        if (isNew && !mayMake)
            throw NoStore();
        if (_directory.TryAcquire())
        {
            await _services.GetRequiredService<DatabaseMigrator>().PrepareAsync(cancellationToken);
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
        if (!_location.HasDatabase)
            throw NoStore();
        try
        {
            await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
            var schema = await SchemaState.ReadAsync(db, cancellationToken);
            schema.ThrowIfForeign();
            if (schema.Pending.Count > 0)
            {
                throw new SettingException(
                    "Database", "an older GenApi wrote the file. Start the service once to upgrade it, then try again.");
            }
        }
        catch (Exception failure) when (DatabaseFaults.IsUnreadable(failure))
        {
            throw new SettingException("Database", "the file is not a GenApi database, or it is damaged. fsck shows details.", failure);
        }
        catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is { } fault)
        {
            throw new SettingException("Database", fault.Message, failure);
        }
    }

    private SettingException NoStore() => new(
        "DataDirectory", $"there is no store in '{_directory.Root}'. The first start of the service or keys create makes one; "
            + "--DataDirectory names another folder.");
}
