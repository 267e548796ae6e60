using System.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Persistence.Database;

/// <summary>
/// Prepares SQLite: locks the data directory and upgrades the schema before anything else starts. It refuses a file that is not a database
/// and never replaces it. Where a database is missing it makes no new one: the lost one may still be found, and predictions that only it
/// knows may be running. It does without anything that a full disk prevents.
/// </summary>
internal sealed partial class SqliteMigrator(
    DataDirectory directory, DatabaseLocation location, IDbContextFactory<GenApiDbContext> contexts, DatabaseWatch watch,
    DiskReserve reserve, ILogger<SqliteMigrator> logger, IProgress<WorkStep>? progress = null) : IDatabaseStart, IDisposable
{
    /// <summary>
    /// After a crash, the pages of a file up to this many bytes are checked. SQLite itself survives a crash, and a large file takes
    /// seconds.
    /// </summary>
    private const long QuicklyChecked = 64 << 20;

    private Action? _closePool;

    public string Missing => $"there is no store in '{directory.Root}'. The first start of the service or keys create makes one; "
        + "--DataDirectory names another folder.";

    public bool TryTake() => directory.TryAcquire();

    public Task<bool> HasStoreAsync(CancellationToken cancellationToken) => Task.FromResult(location.HasDatabase);

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
                Log.ReserveReleased(logger);
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

    /// <summary>Closes the database after all its users, so that a stopped service leaves one whole file.</summary>
    public void Dispose()
    {
        _closePool?.Invoke();
        if (watch.Close() is { } closed)
            directory.Record(closed);
    }

    private async Task UpdateAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        _closePool = db.PoolCloser();
        if (directory.HasBeenUsed)
            RequireFile(db);
        // Before the file is changed in any way.
        var mustBeChecked = db.FilePath is { } path && MustBeChecked(path, watch.Open(path));
        var schema = await SchemaState.ReadAsync(db, cancellationToken);
        schema.ThrowIfForeign();
        var size = db.FilePath is { } file && File.Exists(file) ? new FileInfo(file).Length : 0;
        if (mustBeChecked
            && await StepAsync("checking the database", size, () => db.FirstDamageAsync(cancellationToken)) is { } damage)
        {
            throw new SettingException(
                "Database", $"the file is damaged ({damage}). It was left unchanged: restore a backup. fsck shows details.");
        }
        await db.BeforeMigrationAsync(cancellationToken);
        if (schema.IsNew)
            await db.MakeTablesAsync(cancellationToken);
        else if (schema.Pending.Count > 0)
        {
            await StepAsync("upgrading the tables", size, async () =>
            {
                await db.Database.MigrateAsync(cancellationToken);
                return true;
            });
        }
        directory.MarkUsed();
        if (db.FilePath is not null)
            watch.Arm(db.Database.GetConnectionString()!, directory.Record);
    }

    /// <summary>Runs a step whose duration grows with the file. A short one is not reported.</summary>
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
    /// Returns whether to check the pages of the file: always if the file is not as the last process left it, and after a crash if that
    /// takes only some tens of milliseconds.
    /// </summary>
    /// <exception cref="SettingException">SQLite would mix the file with the log of another database.</exception>
    private bool MustBeChecked(string path, int? epoch)
    {
        if (epoch is null)
            return false;
        var file = new FileInfo(path);
        if (directory.LastRecord is not { } record)
            return file.Length <= QuicklyChecked;
        if (!record.Has(epoch.Value) && new FileInfo(watch.LogPath) is { Exists: true, Length: > 0 } log)
        {
            throw new SettingException(
                "Database",
                $"the file {file.Name} was replaced, but {log.Name} next to it belongs to the previous one: "
                + $"together they would give a damaged database. Move {log.Name} and {file.Name}-shm away, then start again.");
        }
        if (record.IsClosed || !record.Has(epoch.Value))
            return !record.Has(epoch.Value) || (record.Length, record.ModifiedTicks) != (file.Length, file.LastWriteTimeUtc.Ticks);
        return file.Length <= QuicklyChecked;
    }

    private SettingException? Refusal(Exception failure) => failure switch
    {
        _ when DatabaseFaults.IsUnreadable(failure) =>
            new("Database", "the file is not a GenApi database, or it is damaged. It was left unchanged.", failure),
        _ when DatabaseFaults.ToGenApi(failure) is { } fault => new("Database", fault.Message, failure),
        IOException => new("DataDirectory", $"'{directory.Name}' can't be written ({failure.Message}).", failure),
        _ => null,
    };

    private void RequireFile(GenApiDbContext db)
    {
        if (db.FilePath is not { } path || new FileInfo(path) is { Exists: true, Length: > 0 })
            return;
        throw new SettingException(
            "DataDirectory",
            $"the database {Path.GetFileName(path)} is {(File.Exists(path) ? "empty" : "missing")}, although '{directory.Name}' was used. "
            + "Restore it from a backup, or move the remaining files away and run the verb start-anew.");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The disk is full: the reserve in the data folder was released for this start")]
        public static partial void ReserveReleased(ILogger logger);

        [LoggerMessage(
            2, LogLevel.Warning, "The disk has no room for the reserve of {MiB} MiB: new requests get 507 until twice as much is free")]
        public static partial void NoReserve(ILogger logger, int miB);

        [LoggerMessage(3, LogLevel.Information, "Before the service could listen: {Step}, {MiB} MiB, in {Seconds:0.0} s")]
        public static partial void StepTook(ILogger logger, string step, long miB, double seconds);
    }
}
