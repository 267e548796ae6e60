using System.Text.Json;
using System.Text.Unicode;
using GenApi.Core.Errors;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace GenApi.Hosting.Requests;

/// <summary>
/// Reads a request body that must be one JSON text (RFC 8259): UTF-8, no comments, no trailing commas, nothing after it, within
/// <see cref="BodyBounds"/>. A byte order mark in front is skipped, because editors save files with one.
/// </summary>
internal static class JsonBody
{
    /// <summary>12 MiB: an input image as a data URI fits. Kestrel refuses more while the caller is still sending.</summary>
    public const int MostBytes = 12 << 20;

    /// <summary>64 KiB, for routes whose bodies are a few short members.</summary>
    public const int FewBytes = 64 << 10;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = BodyBounds.MostDepth };

    /// <param name="request">The request with the body.</param>
    /// <param name="most">The most bytes that the body may have.</param>
    /// <param name="cancellationToken">Canceled when the caller has left.</param>
    /// <exception cref="GenApiException">UnsupportedMediaType or MalformedJson; InvalidRequest if the body exceeds a bound.</exception>
    /// <exception cref="BadHttpRequestException">The body is too large or incomplete.</exception>
    public static ValueTask<JsonElement> ReadAsync(HttpRequest request, int most, CancellationToken cancellationToken) =>
        ReadAsync(request, most, hasBareFiles: false, cancellationToken);

    /// <inheritdoc cref="ReadAsync(HttpRequest, int, CancellationToken)"/>
    /// <param name="request">The request with the body.</param>
    /// <param name="most">The most bytes that the body may have.</param>
    /// <param name="hasBareFiles">Whether files may stand in it as base64 without <c>data:</c> in front.</param>
    /// <param name="cancellationToken">Canceled when the caller has left.</param>
    public static async ValueTask<JsonElement> ReadAsync(
        HttpRequest request, int most, bool hasBareFiles, CancellationToken cancellationToken)
    {
        RequireJson(request);
        var bytes = await BytesAsync(request, most, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return Parse(bytes, hasBareFiles);
    }

    /// <summary>Reads the body as it is, of any type.</summary>
    /// <param name="request">The request with the body.</param>
    /// <param name="most">The most bytes that the body may have.</param>
    /// <param name="cancellationToken">Canceled when the caller has left.</param>
    /// <exception cref="BadHttpRequestException">The body is too large or incomplete.</exception>
    public static ValueTask<ReadOnlyMemory<byte>> BytesAsync(HttpRequest request, int most, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = most;
        return BodyBytes.ReadAsync(request, most, cancellationToken);
    }

    public static JsonElement Parse(ReadOnlyMemory<byte> text, bool hasBareFiles = false)
    {
        if (text.Span.StartsWith("\uFEFF"u8))
            text = text["\uFEFF"u8.Length..];
        if (text.IsEmpty)
            throw Malformed("The body is empty; it must be a JSON object.");
        if (!Utf8.IsValid(text.Span))
            throw Malformed("The body is not UTF-8.");
        try
        {
            BodyBounds.Check(text.Span, hasBareFiles);
            // Not disposed: the handler of the request uses its elements.
            return JsonDocument.Parse(text, Strict).RootElement;
        }
        catch (JsonException failure)
        {
            var at = $"line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1}";
            throw Malformed($"The body is not JSON: {at} (nested at most {BodyBounds.MostDepth} deep).", failure);
        }
    }

    private static void RequireJson(HttpRequest request)
    {
        var type = request.ContentType;
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding
            && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw Unsupported($"The body is encoded as '{MemberErrors.Shorten(encoding.ToString())}'; send it without an encoding.");
        // Nearly every caller sends one of these, which need no parser.
        if (type is "application/json" or "application/json; charset=utf-8")
            return;
        if (!MediaTypeHeaderValue.TryParse(type, out var parsed) || !IsJson(parsed))
        {
            var stated = type is null ? "of no stated type" : $"'{MemberErrors.Shorten(type)}'";
            throw Unsupported($"The body is {stated}; send Content-Type: application/json.");
        }
        // UTF8 is not a registered name, but it can only mean UTF-8.
        var charset = HeaderUtilities.RemoveQuotes(parsed.Charset).ToString();
        if (charset.Length == 0 || charset.ToLowerInvariant() is "utf-8" or "utf8")
            return;
        var given = MemberErrors.Shorten(charset);
        throw Unsupported($"The body is in '{given}', but JSON is UTF-8. Send UTF-8, with charset=utf-8 or without a charset.");
    }

    private static bool IsJson(MediaTypeHeaderValue type) => type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        || (type.Type.Equals("application", StringComparison.OrdinalIgnoreCase)
            && type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase));

    private static GenApiException Unsupported(string sentence) => new(ErrorKind.UnsupportedMediaType, sentence);

    private static GenApiException Malformed(string sentence, Exception? inner = null) => new(ErrorKind.MalformedJson, sentence, inner);
}
