using System.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Files;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance.Checks;

/// <summary>
/// Compares rows and bytes with each other and with themselves. Alone with a data directory it can judge everything and repair. Beside a
/// running service it only reads, and skips what may be in the middle of a write.
/// </summary>
public sealed class StoreCheck
{
    private const string DatabaseDamaged = "database_damaged";

    private readonly DataDirectory _directory;
    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly RowCheck _rows;
    private readonly BlobCheck _blobs;
    private readonly MaintenanceRuns _runs;

    public StoreCheck(
        DataDirectory directory, IDbContextFactory<GenApiDbContext> contexts, RowCheck rows, BlobCheck blobs, MaintenanceRuns runs) =>
        (_directory, _contexts, _rows, _blobs, _runs) = (directory, contexts, rows, blobs, runs);

    /// <summary>Checks the store.</summary>
    /// <param name="repair">Whether to repair what can be repaired without losing anything.</param>
    /// <param name="isDeep">Whether to read all bytes, also of a store that compares them itself and charges for sending them.</param>
    /// <param name="progress">Receives the progress.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <exception cref="SettingException">There is no store, or a repair was requested beside a running service.</exception>
    public async Task<CheckReport> RunAsync(
        bool repair, bool isDeep, IProgress<WorkStep>? progress, CancellationToken cancellationToken)
    {
        var isRunning = await IsRunningAsync(repair, cancellationToken);
        var work = () => CheckAsync(isRunning, repair, isDeep, progress, cancellationToken);
        var (report, notWritten) = await _runs.RecordAsync(MaintenanceRuns.CheckFile, null, work, Describe);
        report.NotWritten = notWritten;
        return report;
    }

    private async Task<CheckReport> CheckAsync(
        bool isRunning, bool repair, bool isDeep, IProgress<WorkStep>? progress, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var report = new CheckReport(_directory.Root, isRunning) { IsDeep = isDeep };
        progress?.Report(new("checking the database"));
        if (await CheckDatabaseAsync(report, repair, cancellationToken))
        {
            try
            {
                await CheckContentAsync(report, repair, progress, cancellationToken);
            }
            catch (GenApiException failure) when (failure.InnerException is { } cause && DatabaseFaults.IsUnreadable(cause))
            {
                report.Problem(DatabaseDamaged, "",
                    "Some rows can't be read, so not all rows and blobs were compared. Restore a backup.");
            }
        }
        report.Took = Stopwatch.GetElapsedTime(began);
        return report;
    }

    private async Task CheckContentAsync(
        CheckReport report, bool repair, IProgress<WorkStep>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new("checking the rows"));
        await _rows.RunAsync(report, repair, cancellationToken);
        await _blobs.RunAsync(report, repair, progress, cancellationToken);
        if (repair)
        {
            progress?.Report(new("returning unused space to the disk"));
            await CompactAsync(cancellationToken);
        }
        if (!report.Problems.ContainsKey(DatabaseDamaged))
            report.LedgerLine = await _contexts.ReadAsync(
                db => MaintenanceRuns.LedgerLineAsync(db, cancellationToken), cancellationToken);
    }

    private MaintenanceRun Describe(CheckReport report) => new()
    {
        At = _runs.Now,
        Outcome = report.IsSound ? MaintenanceOutcome.Sound : MaintenanceOutcome.Problems,
        Summary = report switch
        {
            { ProblemCount: 0 } =>
                $"{MaintenanceRuns.Of(report.Generations, "generation")}, {MaintenanceRuns.Of(report.BlobsRead, "blob")} read",
            { IsSound: true } => $"{MaintenanceRuns.Of(report.ProblemCount, "problem")}, all repaired",
            _ => $"{MaintenanceRuns.Of(report.ProblemCount, "problem")}, {report.Repaired} repaired",
        },
        LedgerLine = report.LedgerLine,
    };

    /// <summary>Takes the store for this check alone, unless a service uses it.</summary>
    private async Task<bool> IsRunningAsync(bool repair, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        if (db.IsServer)
        {
            var instance = await InstanceAsync(db, cancellationToken);
            return instance is null || !repair
                ? instance is not null
                : throw new SettingException("Database", $"the instance {instance} uses the database. Stop all instances before a repair.");
        }
        if (!Directory.Exists(_directory.Root))
            throw new SettingException("DataDirectory", $"there is no folder '{_directory.Root}'.");
        if (db.FilePath is { } path && !File.Exists(path))
            throw new SettingException("DataDirectory", $"there is no database in '{_directory.Root}'.");
        var isRunning = !_directory.TryAcquire();
        return isRunning && repair
            ? throw new SettingException("DataDirectory", $"a running GenApi uses '{_directory.Root}'. Stop it before a repair.")
            : isRunning;
    }

    private static async Task<string?> InstanceAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        try
        {
            // Without our tables there is no instance; the check of the schema says what is wrong.
            return (await SchemaState.ReadAsync(db, cancellationToken)).Pending.Count > 0
                ? null
                : await StoreUse.InstanceAsync(db, cancellationToken);
        }
        catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is { } fault)
        {
            throw new SettingException("Database", fault.Message, failure);
        }
    }

    /// <returns>Whether its rows can be read.</returns>
    private async Task<bool> CheckDatabaseAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
            var schema = await SchemaState.ReadAsync(db, cancellationToken);
            schema.ThrowIfForeign();
            if (schema.Pending.Count > 0)
            {
                throw new SettingException(
                    "Database", "an older GenApi made the tables. Start the service once to upgrade them, then check again.");
            }
            var damages = await db.DamagesAsync(mayWrite: !report.IsRunning, cancellationToken);
            if (damages.Count > 0 && repair)
            {
                await db.RebuildIndexesAsync(cancellationToken);
                var left = await db.DamagesAsync(mayWrite: true, cancellationToken);
                foreach (var mended in damages.Except(left))
                    report.Problem(DatabaseDamaged, "", mended, "rebuilt from the rows");
                damages = left;
            }
            foreach (var damage in damages)
                report.Problem(DatabaseDamaged, "", damage);
            report.Note("not_seen", db.IsServer ? 1 : 0,
                "PostgreSQL's own pages and indexes were not checked. Its tools pg_amcheck and data checksums do that.");
            return true;
        }
        catch (Exception failure) when (DatabaseFaults.IsUnreadable(failure))
        {
            report.Problem(DatabaseDamaged, "",
                "It can't be read as a database, so rows and blobs were not compared. Restore a backup.");
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
