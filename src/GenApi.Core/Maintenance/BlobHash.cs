using System.Buffers;
using System.Security.Cryptography;
using GenApi.Core.Blobs;

namespace GenApi.Core.Maintenance;

/// <summary>Hashes a blob.</summary>
internal static class BlobHash
{
    private const int PieceLength = 256 << 10;

    /// <summary>Reads all bytes, passes each piece to <paramref name="also"/>, and returns the SHA-256 in the form of a blob key.</summary>
    public static async Task<string> OfAsync(
        BlobContent content, CancellationToken cancellationToken, Func<ReadOnlyMemory<byte>, ValueTask>? also = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            var piece = buffer.AsMemory(0, PieceLength);
            for (var at = 0L; await content.ReadAsync(piece, at, cancellationToken) is var count and > 0; at += count)
            {
                hash.AppendData(buffer, 0, count);
                if (also is not null)
                    await also(buffer.AsMemory(0, count));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
