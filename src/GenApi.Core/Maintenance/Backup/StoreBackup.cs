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
/// Makes a folder that is a data directory: database and bytes of one moment, taken beside a running service that is not slowed or stopped for
/// it. The bytes come first, then the database, then what came in between; so a picture that is deleted meanwhile is in the backup
/// already, whichever side of the moment its deletion falls on.
/// </summary>
public sealed class StoreBackup
{
    private const string Key = "backup";

    /// <summary>Each round sees only what was made and deleted again since the one before.</summary>
    private const int MostRounds = 5;

    private const int AtOnce = 4;

    private const int KeysPerStep = 1000;

    private readonly DataDirectory _directory;
    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly IBlobStore _blobs;
    private readonly IBlobUser[] _users;
    private readonly BackupSettings _settings;
    private readonly MaintenanceRuns _runs;

    internal StoreBackup(
        DataDirectory directory, IDbContextFactory<GenApiDbContext> contexts, IBlobStore blobs, IEnumerable<IBlobUser> users,
        BackupSettings settings, MaintenanceRuns runs) =>
        (_directory, _contexts, _blobs, _users, _settings, _runs) = (directory, contexts, blobs, [.. users], settings, runs);

    /// <param name="folder">Where it is to be; not there yet, or empty.</param>
    /// <param name="since">An earlier backup whose bytes are shared where they are the same; null: none.</param>
    /// <param name="progress">How far it is.</param>
    /// <exception cref="SettingException">There is nothing to back up, or the folder can't be used.</exception>
    /// <exception cref="GenApiException">The store can't be read; nothing is left in the folder.</exception>
    public async Task<BackupReport> RunAsync(string folder, string? since, IProgress<WorkStep>? progress,
        CancellationToken cancellationToken)
    {
        RequireSource();
        if (since is not null && !File.Exists(Path.Combine(since, BackupFolder.ManifestName)))
            throw new SettingException("--since", $"'{since}' is no backup: it has no {BackupFolder.ManifestName}.");
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

    private async Task<Taken> MakeAsync(string folder, string? since, IProgress<WorkStep>? progress, CancellationToken cancellationToken)
    {
        using var target = BackupFolder.Begin(_settings.Files, folder, _directory.Root);
        try
        {
            var kept = new BackupBlobs(_blobs, _settings.Files, target, since);
            var made = await TakeAsync(target, kept, progress, cancellationToken);
            await File.WriteAllBytesAsync(target.Manifest, JsonSerializer.SerializeToUtf8Bytes(made.Report, BackupJsonContext.Default.BackupReport), cancellationToken);
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
            throw new SettingException("Database:Provider", "the rows are in a database server. Back them up with its own tools, then the blobs.");
        if (!File.Exists(path))
            throw new SettingException("DataDirectory", $"there is no database in '{_directory.Root}'.");
    }

    private async Task<Taken> TakeAsync(BackupFolder target, BackupBlobs kept, IProgress<WorkStep>? progress,
        CancellationToken cancellationToken)
    {
        progress?.Report(new("listing the blobs"));
        await KeepAsync(kept, await _blobs.ListAsync(cancellationToken).Select(blob => blob.Key).ToListAsync(cancellationToken), progress, cancellationToken);
        for (var round = 1; ; round++)
        {
            progress?.Report(new("copying the database"));
            await using var copy = await DatabaseCopy.TakeAsync(_contexts, target.Database, _settings.Time, cancellationToken);
            var needed = await NeededAsync(copy, cancellationToken);
            var missing = await KeepAsync(kept, [.. needed.Except(kept.All.Keys)], progress, cancellationToken);
            // Made and deleted again within this round: the next copy of the database does not name it any more.
            if (missing.Count > 0 && round < MostRounds && (await OrphanBlobs.NeededAsync(_contexts, _users, [.. missing], cancellationToken)).Count < missing.Count)
                continue;
            foreach (var key in kept.All.Keys.Except(needed).ToList())
                kept.Drop(key);
            progress?.Report(new("checking the copy of the database"));
            return await SettleAsync(target, copy, kept, missing, cancellationToken);
        }
    }

    private async Task<Taken> SettleAsync(
        BackupFolder target, DatabaseCopy copy, BackupBlobs kept, IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        await copy.RequireWholeAsync(cancellationToken);
        var generations = await copy.Rows.Set<Generation>().LongCountAsync(cancellationToken);
        var unfinished = await copy.DoubtWhatWaitsAsync(_settings.LongestRun, cancellationToken);
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
            Blobs = kept.All.Count,
            BlobBytes = kept.All.Values.Sum(each => each.Length),
            Shared = kept.All.Values.Count(each => each.IsShared),
            Missing = missing,
            Damaged = [.. kept.All.Where(each => !each.Value.IsSound).Select(each => each.Key).Order(StringComparer.Ordinal)],
        }, ledgerLine);
    }

    /// <returns>Those that the store does not have.</returns>
    private static async Task<IReadOnlyList<string>> KeepAsync(
        BackupBlobs kept, List<string> keys, IProgress<WorkStep>? progress, CancellationToken cancellationToken)
    {
        var done = 0L;
        var missing = new System.Collections.Concurrent.ConcurrentBag<string>();
        var at = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(keys, at, async (key, token) =>
        {
            if (!await kept.KeepAsync(key, token))
                missing.Add(key);
            progress?.Report(new("keeping blobs", Interlocked.Increment(ref done), keys.Count));
        });
        return [.. missing.Order(StringComparer.Ordinal)];
    }

    private async Task<HashSet<string>> NeededAsync(DatabaseCopy copy, CancellationToken cancellationToken)
    {
        var needed = new HashSet<string>();
        foreach (var user in _users)
        {
            for (var after = ""; await user.NextAsync(copy.Rows, after, KeysPerStep, cancellationToken) is { Count: > 0 } rows; after = rows[^1].BlobKey)
                needed.UnionWith(rows.Where(row => !row.IsLost).Select(row => row.BlobKey));
        }
        return needed;
    }

    /// <param name="Report">What is in it.</param>
    /// <param name="LedgerLine">The last one of its database.</param>
    private sealed record Taken(BackupReport Report, long LedgerLine);
}

/// <summary>What a backup needs besides the store.</summary>
internal sealed class BackupSettings(DurableFiles files, IOptions<GenerationOptions> generations, TimeProvider time)
{
    public DurableFiles Files => files;

    public TimeSpan LongestRun { get; } = TimeSpan.FromSeconds(generations.Value.MaxRunSeconds);

    public TimeProvider Time => time;
}
