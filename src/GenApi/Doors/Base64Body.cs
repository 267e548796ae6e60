using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using GenApi.Core.Blobs;

namespace GenApi.Doors;

/// <summary>Writes bytes as base64 into the response while they are read, so that neither the bytes nor their text is in memory.</summary>
internal static class Base64Body
{
    /// <summary>A multiple of 3, so that each piece is encoded alone: 48 KiB become 64 KiB of text.</summary>
    private const int PieceLength = 48 << 10;

    // The pipe holds unsent bytes, so this limits the memory that a slow reader can use.
    private const int LongestUnflushed = 256 << 10;

    /// <summary>Returns the number of characters, padding included.</summary>
    public static long LengthOf(long bytes) => (bytes + 2) / 3 * 4;

    /// <summary>
    /// Writes the whole blob. If it turns out to be shorter than it was, the connection is aborted: a short body must never look complete.
    /// </summary>
    /// <returns>False if nobody reads the response any more.</returns>
    public static ValueTask<bool> WriteAsync(HttpContext context, BlobContent content) =>
        content.TryGetMemory(out var bytes)
            ? WriteMemoryAsync(context.Response.BodyWriter, bytes)
            : WritePiecesAsync(context, content);

    private static async ValueTask<bool> WriteMemoryAsync(PipeWriter writer, ReadOnlyMemory<byte> bytes)
    {
        var unflushed = 0;
        for (var at = 0; at < bytes.Length; at += PieceLength)
        {
            unflushed += Encode(writer, bytes.Span.Slice(at, Math.Min(PieceLength, bytes.Length - at)));
            if (unflushed < LongestUnflushed)
                continue;
            if ((await writer.FlushAsync()).IsCompleted)
                return false;
            unflushed = 0;
        }
        return true;
    }

    private static async ValueTask<bool> WritePiecesAsync(HttpContext context, BlobContent content)
    {
        var writer = context.Response.BodyWriter;
        var piece = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            var unflushed = 0;
            for (var at = 0L; at < content.Length;)
            {
                var count = await FillAsync(content, piece.AsMemory(0, PieceLength), at, context.RequestAborted);
                if (count < PieceLength && at + count < content.Length)
                {
                    context.Abort();
                    return false;
                }
                at += count;
                unflushed += Encode(writer, piece.AsSpan(0, count));
                if (unflushed < LongestUnflushed)
                    continue;
                if ((await writer.FlushAsync()).IsCompleted)
                    return false;
                unflushed = 0;
            }
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>Fills the buffer; returns fewer bytes only at the end of the blob.</summary>
    private static async ValueTask<int> FillAsync(BlobContent content, Memory<byte> buffer, long at, CancellationToken cancellationToken)
    {
        var count = 0;
        while (count < buffer.Length && await content.ReadAsync(buffer[count..], at + count, cancellationToken) is var read and > 0)
            count += read;
        return count;
    }

    private static int Encode(PipeWriter writer, ReadOnlySpan<byte> piece)
    {
        var length = (int)LengthOf(piece.Length);
        Base64.EncodeToUtf8(piece, writer.GetSpan(length), out _, out var written);
        writer.Advance(written);
        return written;
    }
}
