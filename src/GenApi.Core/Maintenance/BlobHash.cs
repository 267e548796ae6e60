using System.Buffers;
using System.Security.Cryptography;
using GenApi.Core.Blobs;

namespace GenApi.Core.Maintenance;

internal static class BlobHash
{
    private const int PieceLength = 256 << 10;

    /// <summary>Reads all bytes, gives each piece to <paramref name="also"/>, and tells their SHA-256 as a blob key is written.</summary>
    public static async Task<string> OfAsync(BlobContent content, CancellationToken cancellationToken, Func<ReadOnlyMemory<byte>, ValueTask>? also = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            for (var at = 0L; await content.ReadAsync(buffer.AsMemory(0, PieceLength), at, cancellationToken) is var count and > 0; at += count)
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
