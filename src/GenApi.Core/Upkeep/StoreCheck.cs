using System.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Upkeep;

/// <summary>
/// Holds the rows against the bytes, and both against themselves. Alone with a data directory it can judge all of it and repair; beside a
/// running service it only reads, and leaves aside what may be in the middle of being written.
/// </summary>
public sealed class StoreCheck
{
    private readonly DataDirectory _directory;
    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly RowCheck _rows;
    private readonly BlobCheck _blobs;

    internal StoreCheck(DataDirectory directory, IDbContextFactory<GenApiDbContext> contexts, RowCheck rows, BlobCheck blobs) =>
        (_directory, _contexts, _rows, _blobs) = (directory, contexts, rows, blobs);

    /// <param name="repair">Mend what can be mended without losing anything.</param>
    /// <param name="progress">Blobs read so far, and of how many.</param>
    /// <exception cref="SettingException">It could not be checked: there is nothing there, or a repair was asked for beside a running service.</exception>
    public async Task<CheckReport> RunAsync(bool repair, IProgress<(long Done, long All)>? progress, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        RequireData();
        var isRunning = !_directory.TryAcquire();
        if (isRunning && repair)
            throw new SettingException("DataDirectory", $"'{_directory.Name}' is in use by a running GenApi. Stop it before a repair.");

        var report = new CheckReport(_directory.Name, isRunning);
        if (await CheckDatabaseAsync(report, repair, cancellationToken))
        {
            await _rows.RunAsync(report, repair, cancellationToken);
            await _blobs.RunAsync(report, repair, progress, cancellationToken);
            if (repair)
                await CompactAsync(cancellationToken);
        }
        report.Took = Stopwatch.GetElapsedTime(began);
        return report;
    }

    private void RequireData()
    {
        using var db = _contexts.CreateDbContext();
        if (!Directory.Exists(_directory.Root))
            throw new SettingException("DataDirectory", $"there is no folder '{_directory.Name}'.");
        if (db.FilePath is { } path && !File.Exists(path))
            throw new SettingException("DataDirectory", $"there is no database in '{_directory.Name}'.");
    }

    /// <returns>Whether its rows can be looked through.</returns>
    private async Task<bool> CheckDatabaseAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
            var schema = await SchemaState.ReadAsync(db, cancellationToken);
            schema.ThrowIfForeign();
            if (schema.Pending.Count > 0)
                throw new SettingException("Database", "the file was written by an older GenApi. Start the service once, which brings it up to date, then check.");
            var damages = await db.DamagesAsync(mayWrite: !report.IsRunning, cancellationToken);
            if (damages.Count > 0 && repair)
            {
                await db.RebuildIndexesAsync(cancellationToken);
                var left = await db.DamagesAsync(mayWrite: true, cancellationToken);
                foreach (var mended in damages.Except(left))
                    report.Problem("database_damaged", "", mended, "built anew from the rows");
                damages = left;
            }
            foreach (var damage in damages)
                report.Problem("database_damaged", "", damage);
            return true;
        }
        catch (Exception failure) when (DatabaseFaults.IsUnreadable(failure))
        {
            report.Problem("database_damaged", "", "The file can't be read as a database; rows and blobs could not be compared. Restore a backup.");
            return false;
        }
        catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is { } fault)
        {
            throw new SettingException("Database", fault.Message, failure);
        }
    }

    private async Task CompactAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await db.CompactAsync(cancellationToken);
    }
}
