using GenApi.Core.Errors;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace GenApi.Core.Persistence;

/// <summary>
/// Takes the data directory and brings the schema up to date before anything else starts. A file that can't be read as a
/// database is refused, never replaced; and where there was a database and is none, none is made: what is lost may still be found, and
/// predictions that only it knows of may be running.
/// </summary>
internal sealed class DatabaseMigrator(DataDirectory directory, IDbContextFactory<GenApiDbContext> contexts) : IHostedService, IDisposable
{
    private Action? _closeUnused;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        directory.Acquire();
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            _closeUnused = db.ClosingOfUnused();
            if (directory.HasBeenUsed)
                RequireFile(db);
            // Before anything of the file is changed.
            var schema = await SchemaState.ReadAsync(db, cancellationToken);
            schema.ThrowIfForeign();
            await db.BeforeMigrationAsync(cancellationToken);
            if (schema.Pending.Count > 0)
                await db.Database.MigrateAsync(cancellationToken);
            directory.MarkUsed();
        }
        catch (Exception failure) when (DatabaseFaults.IsUnreadable(failure))
        {
            throw new SettingException("Database", "the file is not a GenApi database, or it is damaged. It was left as it is.", failure);
        }
        catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is { } fault)
        {
            throw new SettingException("Database", fault.Message, failure);
        }
        catch (IOException failure)
        {
            throw new SettingException("DataDirectory", $"'{directory.Name}' can't be written ({failure.Message}).", failure);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After everybody who uses the database: so a stopped service leaves one whole file.</summary>
    public void Dispose() => _closeUnused?.Invoke();

    private void RequireFile(GenApiDbContext db)
    {
        if (db.FilePath is not { } path || new FileInfo(path) is { Exists: true, Length: > 0 })
            return;
        throw new SettingException("DataDirectory", $"the database {Path.GetFileName(path)} is {(File.Exists(path) ? "empty" : "missing")}, "
            + $"though '{directory.Name}' has been in use. Put it back from a backup; or move what is left away and run the verb start-anew.");
    }
}
