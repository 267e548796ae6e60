using GenApi.Core.Blobs;

namespace GenApi.Images;

/// <summary>
/// Puts bytes of a blob into the response's pipe. Several times faster here than a stream copy or SendFile (which Kestrel
/// reads through a stream too).
/// </summary>
internal static class ImageBody
{
    private const int PieceLength = 64 << 10;

    // The pipe holds what was not sent yet, so this bounds the memory that a slow reader can take.
    private const int LongestUnflushed = 256 << 10;

    /// <summary>
    /// Ends early, and breaks the connection, when the blob turns out shorter than it was: never a short body that looks whole.
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
        // Once started, the pipe gives out its own memory; before, it would give a copy.
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
