using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Unicode;
using GenApi.Core.Errors;
using Microsoft.AspNetCore.Connections;
using Microsoft.Net.Http.Headers;

namespace GenApi.Hosting;

/// <summary>Reads a request body that must be one JSON text (RFC 8259): UTF-8 without a byte order mark, no comments, no trailing commas, nothing after it.</summary>
internal static class JsonBody
{
    /// <summary>12 MiB: an input image as a data URI fits. Kestrel refuses more while it is being sent.</summary>
    public const int MostBytes = 12 << 20;

    private const int MostDepth = 32;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MostDepth };

    /// <exception cref="GenApiException">UnsupportedMediaType or MalformedJson.</exception>
    /// <exception cref="BadHttpRequestException">The body is too large, or broke off.</exception>
    public static async ValueTask<JsonElement> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        RequireJson(request);
        return Parse(await BytesAsync(request, cancellationToken));
    }

    /// <summary>The body as it came, whatever it is; a copy of its own, because elements point into it for as long as somebody uses them.</summary>
    /// <exception cref="BadHttpRequestException">The body is too large, or broke off.</exception>
    public static async ValueTask<byte[]> BytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var reader = request.BodyReader;
        while (true)
        {
            var result = await NextAsync(reader, cancellationToken);
            if (!result.IsCompleted)
            {
                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                continue;
            }
            var bytes = result.Buffer.ToArray();
            reader.AdvanceTo(result.Buffer.End);
            return bytes;
        }
    }

    /// <summary>A length of a chunk that no number holds comes as a plain I/O error out of Kestrel, and not as the bad request that it is.</summary>
    private static async ValueTask<ReadResult> NextAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (IOException broken) when (broken is not (BadHttpRequestException or ConnectionResetException))
        {
            throw new BadHttpRequestException("The body is cut into pieces in a way that can't be read.", broken);
        }
    }

    public static JsonElement Parse(ReadOnlyMemory<byte> text)
    {
        if (text.IsEmpty)
            throw Malformed("The body is empty; it must be a JSON object.");
        if (text.Span.StartsWith("\uFEFF"u8))
            throw Malformed("The body begins with a byte order mark; JSON has none.");
        if (!Utf8.IsValid(text.Span))
            throw Malformed("The body is not UTF-8.");
        try
        {
            // Not disposed: its elements go on to whoever handles the request.
            return JsonDocument.Parse(text, Strict).RootElement;
        }
        catch (JsonException failure)
        {
            throw Malformed($"The body is not JSON: line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1} (nested at most {MostDepth} deep).", failure);
        }
    }

    private static void RequireJson(HttpRequest request)
    {
        var type = request.ContentType;
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw new GenApiException(ErrorKind.UnsupportedMediaType, $"The body is encoded as '{encoding}'; send it as it is.");
        // What nearly everybody sends, without the parser.
        if (type is "application/json" or "application/json; charset=utf-8")
            return;
        if (!MediaTypeHeaderValue.TryParse(type, out var parsed) || !(parsed.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || IsJsonSuffix(parsed)))
            throw new GenApiException(ErrorKind.UnsupportedMediaType, $"The body is {(type is null ? "of no stated type" : $"'{type}'")}; send Content-Type: application/json.");
        if (parsed.Charset.HasValue && !HeaderUtilities.RemoveQuotes(parsed.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw new GenApiException(ErrorKind.UnsupportedMediaType, $"The body is in '{parsed.Charset}'; JSON is UTF-8.");
    }

    private static bool IsJsonSuffix(MediaTypeHeaderValue type) =>
        type.Type.Equals("application", StringComparison.OrdinalIgnoreCase) && type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);

    private static GenApiException Malformed(string sentence, Exception? inner = null) => new(ErrorKind.MalformedJson, sentence, inner);
}
