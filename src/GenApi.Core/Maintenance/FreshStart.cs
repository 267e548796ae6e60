using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance;

/// <summary>
/// Allows a start with a new database where the old one is lost for good. Images that the new database would not know must be moved away
/// first: the sweep of unused blobs would delete them.
/// </summary>
public sealed class FreshStart
{
    private const string Key = "DataDirectory";
    private readonly DataDirectory _directory;
    private readonly IDbContextFactory<GenApiDbContext> _contexts;

    public FreshStart(DataDirectory directory, IDbContextFactory<GenApiDbContext> contexts) =>
        (_directory, _contexts) = (directory, contexts);

    /// <summary>Marks the data directory as unused.</summary>
    /// <exception cref="SettingException">There is something to lose, or a service is running.</exception>
    public void Allow()
    {
        using var db = _contexts.CreateDbContext();
        if (db.IsServer)
        {
            throw new SettingException(
                "Database", "this verb is for a lost SQLite file. On PostgreSQL a start makes its tables in an empty database.");
        }
        if (!Directory.Exists(_directory.Root))
            throw new SettingException(Key, $"there is no folder '{_directory.Root}', so a start makes a new one anyway.");
        _directory.Acquire();
        if (db.FilePath is { } path && new FileInfo(path) is { Exists: true, Length: > 0 })
        {
            throw new SettingException(
                Key, $"the database {Path.GetFileName(path)} exists. Move it away first if you want to start with a new one.");
        }
        if (_directory.HasBlobs)
        {
            throw new SettingException(
                Key, $"'{_directory.Root}' has images that a new database would not know. Move the folder blobs away first.");
        }
        _directory.MarkUnused();
    }
}
