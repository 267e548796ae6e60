using System.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Persistence.Database;

/// <summary>
/// Takes the data directory and brings the schema up to date before anything else starts. A file that can't be read as a
/// database is refused, never replaced; and where there was a database and is none, none is made: what is lost may still be found, and
/// predictions that only it knows of may be running. What a full disk keeps it from doing it does without.
/// </summary>
internal sealed partial class DatabaseMigrator(
    DataDirectory directory, IDbContextFactory<GenApiDbContext> contexts, DatabaseWatch watch, DiskReserve reserve,
    ILogger<DatabaseMigrator> logger, IProgress<WorkStep>? progress = null) : IPreparation, IDisposable
{
    /// <summary>
    /// After a crash the pages of a file of at most this many bytes are looked through; SQLite itself survives a crash, and a large one
    /// takes seconds.
    /// </summary>
    private const long QuicklyChecked = 64 << 20;

    private Action? _closeUnused;

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        directory.Acquire();
        try
        {
            try
            {
                await UpdateAsync(cancellationToken);
            }
            catch (Exception failure) when (DatabaseFaults.IsLackOfRoom(failure) && reserve.Release())
            {
                Log.ReserveGivenUp(logger);
                await UpdateAsync(cancellationToken);
            }
        }
        catch (Exception failure) when (Refusal(failure) is { } refusal)
        {
            throw refusal;
        }
        if (!reserve.IsWhole)
            Log.NoReserve(logger, DiskReserve.Bytes >> 20);
    }

    /// <summary>After everybody who uses the database: so a stopped service leaves one whole file.</summary>
    public void Dispose()
    {
        _closeUnused?.Invoke();
        if (watch.Close() is { } closed)
            directory.WriteDown(closed);
    }

    private async Task UpdateAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        _closeUnused = db.ClosingOfUnused();
        if (directory.HasBeenUsed)
            RequireFile(db);
        // Before anything of the file is changed.
        var mustBeChecked = db.FilePath is { } path && MustBeChecked(path, watch.Open(path));
        var schema = await SchemaState.ReadAsync(db, cancellationToken);
        schema.ThrowIfForeign();
        var size = db.FilePath is { } file && File.Exists(file) ? new FileInfo(file).Length : 0;
        if (mustBeChecked
            && await StepAsync("looking through the database", size, () => db.FirstDamageAsync(cancellationToken)) is { } damage)
            throw new SettingException("Database", $"the file is damaged ({damage}). It was left as it is: restore a backup; fsck tells more.");
        await db.BeforeMigrationAsync(cancellationToken);
        if (schema.Pending.Count > 0)
        {
            await StepAsync("bringing the tables up to date", size, async () =>
            {
                await db.Database.MigrateAsync(cancellationToken);
                return true;
            });
        }
        directory.MarkUsed();
        if (db.FilePath is not null)
            watch.Arm(db.Database.GetConnectionString()!, directory.WriteDown);
    }

    /// <summary>A step that takes as long as the file is large. A small one is over before anybody has read a line about it.</summary>
    private async Task<T> StepAsync<T>(string what, long size, Func<Task<T>> step)
    {
        if (size < QuicklyChecked)
            return await step();
        progress?.Report(new(what));
        var began = Stopwatch.GetTimestamp();
        var result = await step();
        Log.StepTook(logger, what, size >> 20, Stopwatch.GetElapsedTime(began).TotalSeconds);
        return result;
    }

    /// <summary>
    /// Whether its pages are to be looked through: all of them where the file is not as the last process left it, some tens of
    /// milliseconds' worth after a crash.
    /// </summary>
    /// <exception cref="SettingException">It would be mixed with the log of another one.</exception>
    private bool MustBeChecked(string path, int? epoch)
    {
        if (epoch is null)
            return false;
        var file = new FileInfo(path);
        if (directory.Record is not { } record)
            return file.Length <= QuicklyChecked;
        if (!record.Has(epoch.Value) && new FileInfo(watch.LogPath) is { Exists: true, Length: > 0 } log)
            throw new SettingException("Database", $"the file {file.Name} was replaced, and {log.Name} beside it belongs to the one before: "
                + "together they would make a damaged one. "
                + $"Move {log.Name} and {file.Name}-shm away, then start again.");
        if (record.IsClosed || !record.Has(epoch.Value))
            return !record.Has(epoch.Value) || (record.Length, record.ModifiedTicks) != (file.Length, file.LastWriteTimeUtc.Ticks);
        return file.Length <= QuicklyChecked;
    }

    private SettingException? Refusal(Exception failure) => failure switch
    {
        _ when DatabaseFaults.IsUnreadable(failure) => new("Database", "the file is not a GenApi database, or it is damaged. It was left as it is.", failure),
        _ when DatabaseFaults.ToGenApi(failure) is { } fault => new("Database", fault.Message, failure),
        IOException => new("DataDirectory", $"'{directory.Name}' can't be written ({failure.Message}).", failure),
        _ => null,
    };

    private void RequireFile(GenApiDbContext db)
    {
        if (db.FilePath is not { } path || new FileInfo(path) is { Exists: true, Length: > 0 })
            return;
        throw new SettingException("DataDirectory", $"the database {Path.GetFileName(path)} is {(File.Exists(path) ? "empty" : "missing")}, "
            + $"though '{directory.Name}' has been in use. Put it back from a backup; or move what is left away and run the verb start-anew.");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The disk is full: the reserve in the data folder was given up to start")]
        public static partial void ReserveGivenUp(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "There is no room for the reserve of {MiB} MiB: nothing new is accepted (507) until twice as much is free")]
        public static partial void NoReserve(ILogger logger, int miB);

        [LoggerMessage(3, LogLevel.Information, "Before the service could listen: {Step}, {MiB} MiB, in {Seconds:0.0} s")]
        public static partial void StepTook(ILogger logger, string step, long miB, double seconds);
    }
}
