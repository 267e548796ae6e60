using GenApi.Core.Blobs;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Maintenance.Checks;

/// <summary>
/// Rereads all bytes that rows need, a part in each round, and compares them with their hash. It quarantines damaged bytes, records missing
/// ones, and withdraws the answers of both. Its position is in a separate file, so a restart goes on there.
/// </summary>
internal sealed partial class BlobScan(
    IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, IBlobStore store, IBlobMaintenance blobs,
    IEnumerable<IBlobUser> users, MissingImages lost, DataDirectory directory, TimeProvider time, ILogger<BlobScan> logger)
{
    /// <summary>Bytes of one round: a megabyte a second at one round a minute, some 80 GB a day.</summary>
    private const long MostInOneRound = 64 << 20;

    private const int KeysPerStep = 50;

    private readonly IBlobUser[] _users = [.. users];
    private (string Kind, string After)? _position;
    private long _read;

    /// <summary>Reads the next blobs.</summary>
    /// <returns>The number of blobs.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var (kind, after) = _position ??= ReadPosition();
        var at = Math.Max(0, Array.FindIndex(_users, user => user.Kind == kind));
        var (count, bytes) = (0, 0L);
        while (bytes < MostInOneRound)
        {
            if (store.Fault is { } fault)
                throw fault;
            var (user, from) = (_users[at], after);
            var rows = await contexts.ReadAsync(db => user.NextAsync(db, from, KeysPerStep, cancellationToken), cancellationToken);
            foreach (var each in rows.Where(row => BlobKey.IsValid(row.BlobKey)).GroupBy(row => row.BlobKey))
            {
                bytes += await VerifyAsync(user, each.Key, [.. each], cancellationToken);
                (count, _read, after) = (count + 1, _read + 1, each.Key);
                if (bytes >= MostInOneRound)
                    break;
            }
            if (rows.Count > 0 && bytes >= MostInOneRound)
                break;
            if (rows.Count > 0)
            {
                after = rows[^1].BlobKey;
                continue;
            }
            (at, after) = (at + 1, "");
            if (at < _users.Length)
                continue;
            // All are read; the next round starts over.
            if (_read > 0)
                Log.AllRead(logger, _read);
            (at, _read) = (0, 0);
            break;
        }
        _position = (_users[at].Kind, after);
        WritePosition(_users[at].Kind, after);
        return count;
    }

    /// <returns>The number of bytes read.</returns>
    private async Task<long> VerifyAsync(IBlobUser user, string key, BlobReference[] rows, CancellationToken cancellationToken)
    {
        var said = rows.FirstOrDefault(row => row.Length is not null)?.Length;
        var (verdict, length) = await blobs.VerifyAsync(key, said, isDeep: false, cancellationToken);
        if (verdict != BlobVerdict.Whole)
        {
            // A loss that is recorded already is not reported again.
            if (rows.All(row => row.IsLost))
                return length;
            var isDamaged = verdict == BlobVerdict.Damaged;
            if (user.IsDerived)
                await ForgetAsync(user, key, rows, cancellationToken);
            else
                Log.Found(logger, key, isDamaged ? "damaged and now in quarantine" : "missing", user.Kind);
            // Images with the same bytes have lost them too.
            await lost.NoteAsync(key, said, isDamaged, cancellationToken);
            return length;
        }
        foreach (var row in rows.Where(row => row.IsLost))
            await writer.WriteAsync((db, token) => user.MarkLostAsync(db, row.Id, null, token), cancellationToken);
        return length;
    }

    /// <summary>Removes the rows of lost bytes that the service makes again when they are asked for.</summary>
    private async Task ForgetAsync(IBlobUser user, string key, BlobReference[] rows, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var row in rows)
            await writer.WriteAsync((db, token) => user.MarkLostAsync(db, row.Id, now, token), cancellationToken);
        Log.Forgotten(logger, key, user.Kind);
    }

    private string PositionPath => directory.PathOf("genapi.scan");

    private (string Kind, string After) ReadPosition()
    {
        try
        {
            return File.ReadAllText(PositionPath).Split(' ') is [var kind, var after] && BlobKey.IsValid(after) ? (kind, after) : ("", "");
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return ("", "");
        }
    }

    /// <summary>Writes the position. Where that fails, the next process starts over, which only costs reads.</summary>
    private void WritePosition(string kind, string after)
    {
        try
        {
            File.WriteAllText(PositionPath, $"{kind} {after}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.NotWritten(logger, failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The bytes {Sha256}, which a row of kind {Kind} needs, are {How}")]
        public static partial void Found(ILogger logger, string sha256, string how, string kind);

        [LoggerMessage(2, LogLevel.Information, "All bytes that rows need have been read ({Count} blobs)")]
        public static partial void AllRead(ILogger logger, long count);

        [LoggerMessage(
            4, LogLevel.Information,
            "The bytes {Sha256} of a {Kind} are damaged or missing: its row is removed, and it is made again when it is asked for")]
        public static partial void Forgotten(ILogger logger, string sha256, string kind);

        [LoggerMessage(3, LogLevel.Warning, "The position of the scan could not be written; the next start scans from the beginning")]
        public static partial void NotWritten(ILogger logger, Exception failure);
    }
}
