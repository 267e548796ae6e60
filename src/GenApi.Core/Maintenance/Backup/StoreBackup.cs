using System.Text.Json;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Maintenance.Backup;

/// <summary>
/// Makes a folder that works as a data directory: database and bytes of one moment. A running service is neither stopped nor slowed down.
/// The bytes come first, then the database, then the bytes that came in between. So an image that is deleted meanwhile is in the backup
/// already, on whichever side of that moment its deletion falls. Variants of images are left out: they can be made again.
/// </summary>
public sealed class StoreBackup
{
    private const string Key = "backup";

    /// <summary>Each round only has to catch what was made and deleted since the previous one.</summary>
    private const int MostRounds = 5;

    private const int AtOnce = 4;

    private const int KeysPerStep = 1000;

    private readonly DataDirectory _directory;
    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly IBlobStore _blobs;
    private readonly IBlobMaintenance _maintenance;

    /// <summary>Those whose bytes can't be made again.</summary>
    private readonly IBlobUser[] _users;
    private readonly DurableFiles _files;
    private readonly MaintenanceRuns _runs;
    private readonly TimeSpan _longestRun;
    private readonly TimeProvider _time;

    public StoreBackup(
        DataDirectory directory, IDbContextFactory<GenApiDbContext> contexts, IBlobStore blobs, IBlobMaintenance maintenance,
        IEnumerable<IBlobUser> users, DurableFiles files, MaintenanceRuns runs, IOptions<GenerationOptions> generations, TimeProvider time)
    {
        (_directory, _contexts, _blobs, _users) = (directory, contexts, blobs, [.. users.Where(user => !user.IsDerived)]);
        (_maintenance, _files, _runs, _time) = (maintenance, files, runs, time);
        _longestRun = TimeSpan.FromSeconds(generations.Value.MaxRunSeconds);
    }

    /// <summary>Makes a backup.</summary>
    /// <param name="folder">The target: it must not exist yet, or be empty.</param>
    /// <param name="since">An earlier backup whose unchanged bytes are shared; null: none.</param>
    /// <param name="progress">Receives the progress.</param>
    /// <param name="cancellationToken">Ends the backup.</param>
    /// <exception cref="SettingException">There is nothing to back up, or the folder can't be used.</exception>
    /// <exception cref="GenApiException">The store can't be read; nothing is left in the folder.</exception>
    public async Task<BackupReport> RunAsync(string folder, string? since, IProgress<WorkStep>? progress,
        CancellationToken cancellationToken)
    {
        RequireSource();
        if (since is not null && !File.Exists(Path.Combine(since, BackupFolder.ManifestName)))
            throw new SettingException("--since", $"'{since}' is not a backup: it has no {BackupFolder.ManifestName}.");
        var target = BackupFolder.FullName(folder);
        var work = () => MakeAsync(folder, since, progress, cancellationToken);
        var (made, notWritten) = await _runs.RecordAsync(MaintenanceRuns.BackupFile, target, work, made => new MaintenanceRun
        {
            At = made.Report.MadeAt,
            Outcome = made.Report.IsSound ? MaintenanceOutcome.Sound : MaintenanceOutcome.Problems,
            Summary = made.Report.IsSound
                ? $"{MaintenanceRuns.Of(made.Report.Generations, "generation")}, {MaintenanceRuns.Of(made.Report.Blobs, "blob")}"
                : $"{MaintenanceRuns.Of(made.Report.Missing.Count, "blob")} missing, {made.Report.Damaged.Count} damaged",
            LedgerLine = made.LedgerLine,
        });
        return made.Report with { NotWritten = notWritten };
    }

    private async Task<BackupResult> MakeAsync(
        string folder, string? since, IProgress<WorkStep>? progress, CancellationToken cancellationToken)
    {
        using var target = BackupFolder.Begin(_files, folder, _directory.Root);
        try
        {
            var stored = new BackupBlobs(_blobs, _maintenance, _files, target, since);
            var made = await CopyAsync(target, stored, progress, cancellationToken);
            var manifest = JsonSerializer.SerializeToUtf8Bytes(made.Report, BackupJsonContext.Default.BackupReport);
            await File.WriteAllBytesAsync(target.Manifest, manifest, cancellationToken);
            await DatabaseCopy.SealAsync(target.Manifest, cancellationToken);
            target.Finish();
            return made;
        }
        catch (Exception failure)
        {
            target.Abandon();
            if (failure is IOException or UnauthorizedAccessException)
                throw new SettingException(Key, $"'{folder}' can't be written ({failure.Message}).", failure);
            throw;
        }
    }

    private void RequireSource()
    {
        using var db = _contexts.CreateDbContext();
        if (db.FilePath is not { } path)
        {
            throw new SettingException(
                "backup", "the rows are in PostgreSQL, which this verb does not copy. Use pg_dump or continuous archiving, then copy the "
                    + "bytes; docs/operate/scale.md shows how.");
        }
        if (!File.Exists(path))
            throw new SettingException("DataDirectory", $"there is no database in '{_directory.Root}'.");
    }

    private async Task<BackupResult> CopyAsync(
        BackupFolder target, BackupBlobs stored, IProgress<WorkStep>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new("listing the blobs"));
        await AddAsync(stored, await ListAsync(cancellationToken), progress, cancellationToken);
        for (var round = 1; ; round++)
        {
            progress?.Report(new("copying the database"));
            await using var copy = await DatabaseCopy.TakeAsync(_contexts, target.Database, _time, cancellationToken);
            var needed = await NeededAsync(copy, cancellationToken);
            var missing = await AddAsync(stored, [.. needed.Except(stored.All.Keys)], progress, cancellationToken);
            // Made and deleted again within this round: the next copy of the database no longer names it.
            if (missing.Count > 0 && round < MostRounds
                && (await OrphanBlobs.NeededAsync(_contexts, _users, [.. missing], cancellationToken)).Count < missing.Count)
                continue;
            foreach (var key in stored.All.Keys.Except(needed).ToList())
                stored.Drop(key);
            progress?.Report(new("checking the copy of the database"));
            return await FinishAsync(target, copy, stored, missing, cancellationToken);
        }
    }

    /// <summary>Lists the blobs that rows need now, without derived ones.</summary>
    private async Task<List<string>> ListAsync(CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await foreach (var step in _maintenance.ListAsync(cancellationToken).Chunk(KeysPerStep).WithCancellation(cancellationToken))
            keys.AddRange(await OrphanBlobs.NeededAsync(_contexts, _users, [.. step.Select(blob => blob.Key)], cancellationToken));
        return keys;
    }

    private async Task<BackupResult> FinishAsync(
        BackupFolder target, DatabaseCopy copy, BackupBlobs stored, IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        await copy.RequireWholeAsync(cancellationToken);
        await copy.DropVariantsAsync(cancellationToken);
        var generations = await copy.Rows.Set<Generation>().LongCountAsync(cancellationToken);
        var unfinished = await copy.MarkUnconfirmedAsync(_longestRun, cancellationToken);
        var takenAt = copy.TakenAt;
        var ledgerLine = await MaintenanceRuns.LedgerLineAsync(copy.Rows, cancellationToken);
        await copy.DisposeAsync();
        var (hash, length) = await DatabaseCopy.SealAsync(target.Database, cancellationToken);
        return new(new BackupReport
        {
            MadeAt = takenAt,
            Generations = generations,
            Unfinished = unfinished,
            DatabaseSha256 = hash,
            DatabaseBytes = length,
            Blobs = stored.All.Count,
            BlobBytes = stored.All.Values.Sum(each => each.Length),
            Shared = stored.All.Values.Count(each => each.IsShared),
            Missing = missing,
            Damaged = [.. stored.All.Where(each => !each.Value.IsSound).Select(each => each.Key).Order(StringComparer.Ordinal)],
        }, ledgerLine);
    }

    /// <returns>The keys that the store does not have.</returns>
    private static async Task<IReadOnlyList<string>> AddAsync(
        BackupBlobs stored, List<string> keys, IProgress<WorkStep>? progress, CancellationToken cancellationToken)
    {
        var done = 0L;
        var missing = new System.Collections.Concurrent.ConcurrentBag<string>();
        var at = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(keys, at, async (key, token) =>
        {
            if (!await stored.AddAsync(key, token))
                missing.Add(key);
            progress?.Report(new("copying blobs", Interlocked.Increment(ref done), keys.Count));
        });
        return [.. missing.Order(StringComparer.Ordinal)];
    }

    private async Task<HashSet<string>> NeededAsync(DatabaseCopy copy, CancellationToken cancellationToken)
    {
        var needed = new HashSet<string>();
        foreach (var user in _users)
        {
            var after = "";
            while (await user.NextAsync(copy.Rows, after, KeysPerStep, cancellationToken) is { Count: > 0 } rows)
            {
                needed.UnionWith(rows.Where(row => !row.IsLost).Select(row => row.BlobKey));
                after = rows[^1].BlobKey;
            }
        }
        return needed;
    }

    /// <param name="Report">The contents of the backup.</param>
    /// <param name="LedgerLine">The last ledger line of its database.</param>
    private sealed record BackupResult(BackupReport Report, long LedgerLine);
}
