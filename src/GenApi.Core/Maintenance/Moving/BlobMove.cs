using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Persistence;

namespace GenApi.Core.Maintenance.Moving;

/// <summary>
/// Moves the bytes that rows need from one store to another. Every blob is read back from the target and compared with its hash, also one
/// that an interrupted move left there. The source stays as it is.
/// </summary>
internal sealed class BlobMove(
    IBlobMedium source, IBlobMedium target, IReadOnlyList<IBlobUser> users, IProgress<WorkStep>? progress)
{
    private const int AtOnce = 8;

    private const int KeysPerStep = 500;

    private const int PieceLength = 256 << 10;

    private readonly HashSet<string> _seen = [];
    private readonly ConcurrentBag<string> _missing = [], _damaged = [];
    private long _count, _bytes;

    /// <summary>Moves all bytes that rows of a database need, and those without a row that a receipt names.</summary>
    /// <returns>The report, with its part about bytes alone.</returns>
    /// <exception cref="GenApiException">One of the stores can't be read or written.</exception>
    public async Task<MoveReport> RunAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        var all = 0L;
        foreach (var user in users)
            all += await user.CountAsync(db, cancellationToken);
        var done = 0L;
        foreach (var user in users)
        {
            for (var after = ""; await user.NextAsync(db, after, KeysPerStep, cancellationToken) is { Count: > 0 } rows;)
            {
                after = rows[^1].BlobKey;
                // What a row records as lost is not looked for again.
                var keys = rows.Where(row => !row.IsLost && BlobKey.IsValid(row.BlobKey)).Select(row => row.BlobKey);
                await AddAsync([.. keys.Distinct().Where(_seen.Add)], cancellationToken);
                progress?.Report(new("moving blobs", done += rows.Count, all));
            }
        }
        await MoveReceiptsAsync(cancellationToken);
        return new()
        {
            Blobs = _count,
            BlobBytes = _bytes,
            Missing = [.. _missing.Order(StringComparer.Ordinal)],
            Damaged = [.. _damaged.Order(StringComparer.Ordinal)],
        };
    }

    private Task AddAsync(string[] keys, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        keys, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (key, token) =>
        {
            if (await MoveAsync(key, token) is not { } length)
                return;
            Interlocked.Increment(ref _count);
            Interlocked.Add(ref _bytes, length);
        });

    /// <returns>The length; null: the source has no such bytes, which is in the report now.</returns>
    private async Task<long?> MoveAsync(string key, CancellationToken cancellationToken)
    {
        var length = (await source.FindAsync(key, cancellationToken))?.Length;
        if (await target.FindAsync(key, cancellationToken) is { } there && (length is null || there.Length == length)
            && await IsWholeAsync(key, cancellationToken))
            return there.Length;
        using var content = await source.OpenOnceAsync(key, cancellationToken);
        if (content is null)
        {
            _missing.Add(key);
            return null;
        }
        await using var staged = await target.StageAsync(null, cancellationToken);
        if (await CopyAsync(content, staged, cancellationToken) != key)
        {
            _damaged.Add(key);
            return null;
        }
        await staged.CommitAsync(key, cancellationToken);
        return await IsWholeAsync(key, cancellationToken)
            ? staged.Length
            : throw new GenApiException(
                ErrorKind.StorageUnavailable, $"The target returned other bytes for {key} than were stored. Run the move again.");
    }

    /// <summary>Reads all bytes of a blob in the target.</summary>
    private async Task<bool> IsWholeAsync(string key, CancellationToken cancellationToken) =>
        (await target.VerifyAsync(key, null, isDeep: true, cancellationToken)).Verdict == BlobVerdict.Whole;

    /// <summary>Copies all bytes and returns their key.</summary>
    private static async Task<string> CopyAsync(BlobContent content, StagedBlob staged, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            var piece = buffer.AsMemory(0, PieceLength);
            for (var at = 0L; await content.ReadAsync(piece, at, cancellationToken) is var count and > 0; at += count)
            {
                hash.AppendData(buffer, 0, count);
                await staged.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>
    /// Moves bytes that were stored just before a crash and whose row does not name them yet. They are paid for, and the upstream may have
    /// deleted them.
    /// </summary>
    private async Task MoveReceiptsAsync(CancellationToken cancellationToken)
    {
        foreach (var receipt in await source.ListReceiptsAsync(cancellationToken))
        {
            await using var bytes = await source.OpenReceiptAsync(receipt, cancellationToken);
            if (bytes is null)
                continue;
            await using var staged = await target.StageAsync(receipt, cancellationToken);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[PieceLength];
            while (await bytes.ReadAsync(buffer, cancellationToken) is var count and > 0)
            {
                hash.AppendData(buffer, 0, count);
                await staged.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
            await staged.CommitAsync(Convert.ToHexStringLower(hash.GetHashAndReset()), cancellationToken);
        }
    }
}
