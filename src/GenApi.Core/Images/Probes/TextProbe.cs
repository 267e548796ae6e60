using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Recognises files without a magic: JSON, texts, and unknown bytes. They are accepted only if no image was expected, because an error page
/// in place of an image is such a file too.
/// </summary>
internal static class TextProbe
{
    private const int PieceLength = 64 << 10;
    private const int DeepestJson = 1000;

    private static readonly FileFacts Bytes = new(FileKind.Data, "application/octet-stream", ".bin");

    private static readonly (string Extension, FileFacts Facts)[] Texts =
    [
        ("csv", new(FileKind.Text, "text/csv", ".csv")),
        ("tsv", new(FileKind.Text, "text/tab-separated-values", ".tsv")),
        ("md", new(FileKind.Text, "text/markdown", ".md")),
        ("vtt", new(FileKind.Text, "text/vtt", ".vtt")),
        ("srt", new(FileKind.Text, "text/plain", ".srt")),
        ("obj", new(FileKind.Model, "model/obj", ".obj")),
        ("mtl", new(FileKind.Model, "model/mtl", ".mtl")),
        ("stl", new(FileKind.Model, "model/stl", ".stl")),
        ("dxf", new(FileKind.Model, "image/vnd.dxf", ".dxf")),
        ("gltf", new(FileKind.Model, "model/gltf+json", ".gltf")),
        ("xml", new(FileKind.Document, "application/xml", ".xml")),
        ("jsonl", new(FileKind.Data, "application/x-ndjson", ".jsonl")),
        ("ndjson", new(FileKind.Data, "application/x-ndjson", ".ndjson")),
    ];

    /// <exception cref="Errors.GenApiException">Another kind of file was expected; transient.</exception>
    public static FileFacts Read(ImageBytes.Reader read, ImageBytes bytes, FilePromise promise)
    {
        var isHtml = IsHtml(bytes);
        if (isHtml && promise.IsHtml)
            return new(FileKind.Document, "text/html", ".html");
        if (isHtml && !promise.IsAccepted)
            throw ImageFaults.Page();
        if (promise.PromisesImage)
            throw ImageFaults.NotAnImage();
        var isText = IsUtf8(read, bytes.Length);
        if (isText && (promise.Extension is "json" || IsType(promise, "application/json")))
            return IsJson(read) ? new(FileKind.Data, "application/json", ".json") : throw ImageFaults.CutShort();
        foreach (var (extension, facts) in Texts)
        {
            // A drawing or a 3D model may also be binary.
            if (promise.Extension == extension && (isText || facts.Kind == FileKind.Model))
                return facts;
        }
        if (isText && (promise.Extension is "txt" or "log" || IsType(promise, "text/")))
            return new(FileKind.Text, "text/plain", promise.Extension is { } own ? $".{own}" : ".txt");
        return promise.Extension is { } other ? Bytes with { Extension = $".{other}" } : Bytes;
    }

    private static bool IsType(FilePromise promise, string beginning) =>
        promise.ContentType?.StartsWith(beginning, StringComparison.OrdinalIgnoreCase) == true;

    private static bool IsHtml(ImageBytes bytes)
    {
        var head = bytes.From(0, 1);
        head = head[..Math.Min(head.Length, 512)];
        if (head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            head = head[3..];
        var text = Encoding.Latin1.GetString(head.TrimStart(" \t\r\n"u8));
        return Begins("<!doctype html") || Begins("<html") || Begins("<head")
            || (Begins("<!--") && text.Contains("<html", StringComparison.OrdinalIgnoreCase));

        bool Begins(string tag) => text.StartsWith(tag, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Returns whether all bytes are UTF-8 without a zero byte.</summary>
    private static bool IsUtf8(ImageBytes.Reader read, long length)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            for (long at = 0; at < length;)
            {
                var count = read(buffer.AsSpan(0, PieceLength), at);
                var piece = buffer.AsSpan(0, count);
                // A letter may span two pieces.
                var whole = at + count < length ? WholeLetters(piece) : count;
                if (count == 0 || whole == 0 || piece[..whole].Contains((byte)0) || !Utf8.IsValid(piece[..whole]))
                    return false;
                at += whole;
            }
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int WholeLetters(ReadOnlySpan<byte> piece)
    {
        var end = piece.Length;
        while (end > 0 && piece.Length - end < 3 && (piece[end - 1] & 0xC0) == 0x80)
            end--;
        return end > 0 && piece[end - 1] >= 0xC0 ? end - 1 : piece.Length;
    }

    private static bool IsJson(ImageBytes.Reader read)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            var state = new JsonReaderState(new JsonReaderOptions { MaxDepth = DeepestJson });
            var (filled, at) = (0, 0L);
            while (true)
            {
                if (filled == buffer.Length)
                    buffer = Grown(buffer);
                var got = read(buffer.AsSpan(filled), at);
                (filled, at) = (filled + got, at + got);
                var isStart = at == got && buffer.AsSpan(0, filled).StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]);
                var skipped = isStart ? 3 : 0;
                var reader = new Utf8JsonReader(buffer.AsSpan(skipped, filled - skipped), isFinalBlock: got == 0, state);
                while (reader.Read())
                {
                }
                if (got == 0)
                    return true;
                state = reader.CurrentState;
                var consumed = skipped + (int)reader.BytesConsumed;
                buffer.AsSpan(consumed, filled - consumed).CopyTo(buffer);
                filled -= consumed;
            }
        }
        catch (JsonException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Doubles the buffer: one string in the file may be longer than the piece.</summary>
    private static byte[] Grown(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
