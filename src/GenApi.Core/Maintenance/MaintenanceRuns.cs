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
/// Records the last backup and the last check, each in its own file of the data directory. The database would be the wrong place: a backup
/// can't contain its own record, and a restore would bring back an older one.
/// </summary>
public sealed class MaintenanceRuns(DataDirectory directory, TimeProvider time)
{
    public const string BackupFile = "genapi.last-backup", CheckFile = "genapi.last-fsck";

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Reads the record of a verb.</summary>
    /// <returns>Empty where there is none, or it can't be read.</returns>
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

    /// <summary>Does the work and records how it ended.</summary>
    /// <param name="file">The file of the verb.</param>
    /// <param name="folder">The full path of the backup; null for a check.</param>
    /// <param name="work">The work.</param>
    /// <param name="describe">Makes the record from the result; the duration and the folder are added.</param>
    /// <returns>
    /// The result, and why it could not be recorded; null: it was. A full disk must not turn a good check into a bad one.
    /// </returns>
    public async Task<(T Result, string? NotWritten)> RecordAsync<T>(
        string file, string? folder, Func<Task<T>> work, Func<T, MaintenanceRun> describe)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            var result = await work();
            return (result, TryWrite(file, describe(result) with { Folder = folder, Seconds = Seconds() }));
        }
        catch (Exception failure) when (failure is GenApiException or SettingException or OperationCanceledException)
        {
            var summary = failure is OperationCanceledException ? "stopped by the operator" : failure.Message;
            _ = TryWrite(file, new MaintenanceRun
            {
                At = Now,
                Outcome = MaintenanceOutcome.Failed,
                Summary = summary,
                Folder = folder,
                Seconds = Seconds(),
            });
            throw;
        }

        double Seconds() => Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 3);
    }

    /// <summary>Returns the last line of the usage ledger; 0: there is none.</summary>
    public static async Task<long> LedgerLineAsync(GenApiDbContext db, CancellationToken cancellationToken) =>
        await db.Set<UsageEntry>().MaxAsync(entry => (long?)entry.Number, cancellationToken) ?? 0;

    /// <summary>Writes a number and its noun, for summaries.</summary>
    public static string Of(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    /// <returns>Null where the bytes are not a record.</returns>
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

    /// <summary>Writes under another name first, so that a kill leaves the old record whole.</summary>
    private string? TryWrite(string file, MaintenanceRun run)
    {
        var path = directory.PathOf(file);
        try
        {
            // Next to a database on a server, a verb may be the first that uses the folder.
            Directory.CreateDirectory(directory.Root);
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
