using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Core.Persistence.Database;

/// <summary>For a process that does one thing to the database and ends, whether or not a service is using it.</summary>
public sealed class DatabaseVisit
{
    private readonly DataDirectory _directory;
    private readonly DatabaseLocation _location;
    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly IServiceProvider _services;

    internal DatabaseVisit(DataDirectory directory, DatabaseLocation location, IDbContextFactory<GenApiDbContext> contexts,
        IServiceProvider services) =>
        (_directory, _location, _contexts, _services) = (directory, location, contexts, services);

    /// <summary>
    /// Where nobody uses the data directory, takes it and brings the schema up to date, as a start would; else leaves that to the service that uses it.
    /// </summary>
    /// <param name="mayMake">Whether a folder without a store gets one.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    /// <returns>Whether the store was made now.</returns>
    /// <exception cref="SettingException">The database can't be used, there is none, or the service that uses it is of another
    /// version.</exception>
    public async Task<bool> BeginAsync(bool mayMake, CancellationToken cancellationToken)
    {
        var isNew = !_location.HasDatabase;
        if (isNew && !mayMake)
            throw Nothing();
        if (_directory.TryAcquire())
        {
            await _services.GetRequiredService<DatabaseMigrator>().PrepareAsync(cancellationToken);
            return isNew;
        }
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        if ((await SchemaState.ReadAsync(db, cancellationToken)).Pending.Count > 0)
            throw new SettingException("Database", "the service that uses it is of an older version, so its tables are not those of this one. Restart it first.");
        return false;
    }

    /// <summary>Makes sure that there is a database which this version can read. Nothing is made or changed.</summary>
    /// <exception cref="SettingException">There is none, or it can't be read.</exception>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (!_location.HasDatabase)
            throw Nothing();
        try
        {
            await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
            var schema = await SchemaState.ReadAsync(db, cancellationToken);
            schema.ThrowIfForeign();
            if (schema.Pending.Count > 0)
                throw new SettingException("Database",
                    "the file was written by an older GenApi. Start the service once, which brings it up to date; then look again.");
        }
        catch (Exception failure) when (DatabaseFaults.IsUnreadable(failure))
        {
            throw new SettingException("Database", "the file is not a GenApi database, or it is damaged. fsck says more.", failure);
        }
        catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is { } fault)
        {
            throw new SettingException("Database", fault.Message, failure);
        }
    }

    private SettingException Nothing() => new(
        "DataDirectory", $"there is no store in '{_directory.Root}'. The first start of the service makes one, and so does keys create; "
            + "--DataDirectory names another folder.");
}
