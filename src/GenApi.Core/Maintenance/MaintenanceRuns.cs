using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance;

/// <summary>
/// Remembers when the store was last backed up and checked, and what came of it, in a file of the data directory for each. Not in the
/// database: a backup would hold
/// an older answer than the truth, and a restore would bring that back as the newest.
/// </summary>
internal sealed class MaintenanceRuns(DataDirectory directory, TimeProvider time)
{
    public const string BackupFile = "genapi.last-backup", CheckFile = "genapi.last-fsck";

    public DateTimeOffset Now => time.GetUtcNow();

    /// <returns>What is written down; empty where nothing is, or nothing that can be read.</returns>
    public MaintenanceHistory Read(string file)
    {
        try
        {
            var path = directory.PathOf(file);
            return File.Exists(path) && Parse(File.ReadAllBytes(path)) is { } history ? history : new();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new();
        }
    }

    /// <summary>Does the work, and writes down how it ended.</summary>
    /// <param name="file">Of the verb.</param>
    /// <param name="folder">Where the backup goes, in full; null for a check.</param>
    /// <param name="work">To be done.</param>
    /// <param name="told">What is to be written down of its result; the time it took and the folder are added.</param>
    /// <returns>The result, and why it could not be written down: a full disk must not turn a good check into a bad one. Null: it
    /// was.</returns>
    public async Task<(T Result, string? NotWritten)> RecordAsync<T>(
        string file, string? folder, Func<Task<T>> work, Func<T, MaintenanceRun> told)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            var result = await work();
            return (result, TryWrite(file, told(result) with { Folder = folder, Seconds = Seconds() }));
        }
        catch (Exception failure) when (failure is GenApiException or SettingException or OperationCanceledException)
        {
            var summary = failure is OperationCanceledException ? "stopped by the operator" : failure.Message;
            var run = new MaintenanceRun { At = Now, Outcome = MaintenanceOutcome.Failed, Summary = summary, Folder = folder, Seconds = Seconds() };
            _ = TryWrite(file, run);
            throw;
        }

        double Seconds() => Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 3);
    }

    /// <summary>The last line that there is; 0: none.</summary>
    public static async Task<long> LedgerLineAsync(GenApiDbContext db, CancellationToken cancellationToken) =>
        await db.Set<UsageEntry>().MaxAsync(entry => (long?)entry.Number, cancellationToken) ?? 0;

    /// <summary>A number and its noun, for summaries.</summary>
    public static string Of(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    /// <returns>Null: it is none.</returns>
    private static MaintenanceHistory? Parse(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, MaintenanceJsonContext.Default.MaintenanceHistory);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Under another name first, so that a kill leaves the old one whole.</summary>
    private string? TryWrite(string file, MaintenanceRun run)
    {
        var path = directory.PathOf(file);
        try
        {
            using (var stream = new FileStream(path + ".tmp", FileMode.Create, FileAccess.Write))
            {
                stream.Write(JsonSerializer.SerializeToUtf8Bytes(Read(file).With(run), MaintenanceJsonContext.Default.MaintenanceHistory));
                stream.Flush(flushToDisk: true);
            }
            File.Move(path + ".tmp", path, overwrite: true);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return failure.Message;
        }
    }
}
