using GenApi.Core.Blobs;

namespace GenApi.Images;

/// <summary>
/// Writes bytes of a blob into the response's pipe. This is several times faster than a stream copy or SendFile, for which Kestrel reads a
/// stream too.
/// </summary>
internal static class ImageBody
{
    private const int PieceLength = 64 << 10;

    // The pipe holds unsent bytes, so this limits the memory that a slow reader can use.
    private const int LongestUnflushed = 256 << 10;

    /// <summary>
    /// Writes a range. If the blob turns out to be shorter than it was, the connection is aborted: a short body must never look complete.
    /// </summary>
    public static Task WriteAsync(HttpContext context, BlobContent content, ByteRange range) =>
        content.TryGetMemory(out var bytes)
            ? WriteMemoryAsync(context.Response, bytes.Slice((int)range.Start, (int)range.Length))
            : WritePiecesAsync(context, content, range);

    private static async Task WriteMemoryAsync(HttpResponse response, ReadOnlyMemory<byte> bytes)
    {
        await response.StartAsync();
        var writer = response.BodyWriter;
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(bytes.Length, LongestUnflushed)];
            piece.Span.CopyTo(writer.GetSpan(piece.Length));
            writer.Advance(piece.Length);
            if ((await writer.FlushAsync()).IsCompleted)
                return;
            bytes = bytes[piece.Length..];
        }
    }

    private static async Task WritePiecesAsync(HttpContext context, BlobContent content, ByteRange range)
    {
        // After the start, the pipe hands out its own memory; before, it would hand out a copy.
        await context.Response.StartAsync();
        var writer = context.Response.BodyWriter;
        var unflushed = 0;
        for (var (at, end) = (range.Start, range.Start + range.Length); at < end;)
        {
            var length = (int)Math.Min(PieceLength, end - at);
            var read = await content.ReadAsync(writer.GetMemory(length)[..length], at, context.RequestAborted);
            if (read == 0)
            {
                context.Abort();
                return;
            }
            writer.Advance(read);
            at += read;
            unflushed += read;
            if (unflushed < LongestUnflushed && at < end)
                continue;
            if ((await writer.FlushAsync()).IsCompleted)
                return;
            unflushed = 0;
        }
    }
}
