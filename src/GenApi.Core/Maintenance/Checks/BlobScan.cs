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
/// Reads all bytes that rows need again and again, some of them in each round, and holds them against their hash. Damaged bytes are put
/// aside and missing ones written
/// down, and their images answer nothing any more. Where it has come to stands in a file of its own, so that a restart goes on there.
/// </summary>
internal sealed partial class BlobScan(
    IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, IBlobStore blobs, IEnumerable<IBlobUser> users, MissingImages lost, DataDirectory directory,
    ILogger<BlobScan> logger)
{
    /// <summary>In bytes: a megabyte a second at one round a minute, some 80 GB a day.</summary>
    private const long MostInOneRound = 64 << 20;

    private const int KeysPerStep = 50;

    private readonly IBlobUser[] _users = [.. users];
    private (string Kind, string After)? _place;
    private long _read;

    /// <summary>Reads the next blobs.</summary>
    /// <returns>How many.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var (kind, after) = _place ??= ReadPlace();
        var at = Math.Max(0, Array.FindIndex(_users, user => user.Kind == kind));
        var (count, bytes) = (0, 0L);
        while (bytes < MostInOneRound)
        {
            if (blobs.Fault is { } fault)
                throw fault;
            var (user, from) = (_users[at], after);
            var rows = await contexts.ReadAsync(db => user.NextAsync(db, from, KeysPerStep, cancellationToken), cancellationToken);
            foreach (var each in rows.Where(row => BlobKey.IsValid(row.BlobKey)).GroupBy(row => row.BlobKey))
            {
                bytes += await LookAsync(user, each.Key, [.. each], cancellationToken);
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
            // All have been read; the next round begins at the beginning.
            if (_read > 0)
                Log.AllRead(logger, _read);
            (at, _read) = (0, 0);
            break;
        }
        _place = (_users[at].Kind, after);
        WritePlace(_users[at].Kind, after);
        return count;
    }

    /// <returns>How many bytes were read.</returns>
    private async Task<long> LookAsync(IBlobUser user, string key, BlobReference[] rows, CancellationToken cancellationToken)
    {
        var (verdict, length) = await blobs.VerifyAsync(key, cancellationToken);
        if (verdict != BlobVerdict.Whole)
        {
            // What is known to be missing is no news.
            if (rows.Any(row => !row.IsLost))
            {
                Log.Found(logger, key, verdict == BlobVerdict.Damaged ? "damaged, and were put aside" : "missing", user.Kind);
                await lost.NoteAsync(key, verdict == BlobVerdict.Damaged, cancellationToken);
            }
            return length;
        }
        foreach (var row in rows.Where(row => row.IsLost))
            await writer.WriteAsync((db, token) => user.MarkLostAsync(db, row.Id, null, token), cancellationToken);
        return length;
    }

    private string PathOfPlace => directory.PathOf("genapi.scan");

    private (string Kind, string After) ReadPlace()
    {
        try
        {
            return File.ReadAllText(PathOfPlace).Split(' ') is [var kind, var after] && BlobKey.IsValid(after) ? (kind, after) : ("", "");
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return ("", "");
        }
    }

    /// <summary>Where it can't be written the next start begins at the beginning, which costs reading and nothing else.</summary>
    private void WritePlace(string kind, string after)
    {
        try
        {
            File.WriteAllText(PathOfPlace, $"{kind} {after}");
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

        [LoggerMessage(3, LogLevel.Warning, "How far the bytes have been read could not be written down")]
        public static partial void NotWritten(ILogger logger, Exception failure);
    }
}
