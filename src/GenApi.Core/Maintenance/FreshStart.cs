using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance;

/// <summary>
/// Lets a data directory whose database is gone for good be used again. Pictures that a new database would not know must be moved away
/// first: the sweep of what nobody needs would take them.
/// </summary>
public sealed class FreshStart
{
    private const string Key = "DataDirectory";
    private readonly DataDirectory _directory;
    private readonly IDbContextFactory<GenApiDbContext> _contexts;

    internal FreshStart(DataDirectory directory, IDbContextFactory<GenApiDbContext> contexts) => (_directory, _contexts) = (directory, contexts);

    /// <exception cref="SettingException">There is something to lose, or a service is running.</exception>
    public void Allow()
    {
        if (!Directory.Exists(_directory.Root))
            throw new SettingException(Key, $"there is no folder '{_directory.Root}': nothing stands in the way of a start.");
        _directory.Acquire();
        using var db = _contexts.CreateDbContext();
        if (db.FilePath is { } path && new FileInfo(path) is { Exists: true, Length: > 0 })
            throw new SettingException(Key, $"the database {Path.GetFileName(path)} is there. Move it away first, if a new one is meant to take its place.");
        if (_directory.HasPictures)
            throw new SettingException(Key,
                $"pictures are in '{_directory.Root}' that a new database would not know. Move the folder blobs away first.");
        _directory.MarkUnused();
    }
}
