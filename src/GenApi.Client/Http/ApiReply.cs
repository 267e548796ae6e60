using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GenApi.Client;

/// <summary>An answer below 300 whose body has not been read. Its holder must dispose of it.</summary>
internal sealed class ApiReply(HttpResponseMessage response, Stream body) : IDisposable
{
    private const int LongestExtension = 12;

    public int Status => (int)response.StatusCode;

    public HttpContentHeaders Headers => response.Content.Headers;

    /// <summary>
    /// The file extension for these bytes, such as <c>.png</c>: from the service's file name, else from the content type.
    /// </summary>
    public string Extension
    {
        get
        {
            var disposition = Headers.ContentDisposition;
            var named = Path.GetExtension((disposition?.FileNameStar ?? disposition?.FileName)?.Trim('"'))?.TrimStart('.');
            if (IsExtension(named))
                return $".{named}";
            var type = Headers.ContentType?.MediaType?.Split('/')[^1];
            return type == "jpeg" ? ".jpg" : IsExtension(type) ? $".{type}" : ".bin";
        }
    }

    /// <summary>The body. A read fails with <see cref="GenApiConnectionException"/> only if the body stalls or breaks off.</summary>
    public Stream Body { get; } = body;

    /// <exception cref="GenApiConnectionException">The body breaks off, or is not JSON.</exception>
    public async Task<T> ReadAsync<T>(JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var mediaType = Headers.ContentType?.MediaType;
        if (mediaType is not "application/json")
        {
            throw new GenApiConnectionException(
                $"{response.RequestMessage?.RequestUri} answered with {mediaType ?? "no content type"} instead of JSON. Is a GenApi there?",
                null,
                isTransient: false);
        }
        try
        {
            return await JsonSerializer.DeserializeAsync(Body, type, cancellationToken).ConfigureAwait(false)
                ?? throw new JsonException("It is null.");
        }
        catch (JsonException failure)
        {
            throw new GenApiConnectionException($"The answer breaks off, or is no JSON of GenApi: {failure.Message}", failure);
        }
    }

    public void Dispose()
    {
        Body.Dispose();
        response.Dispose();
    }

    /// <summary>Keeps an extension only if it is harmless: outside input becomes the end of a file's name.</summary>
    private static bool IsExtension([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= LongestExtension } && text.All(char.IsAsciiLetterOrDigit);
}
