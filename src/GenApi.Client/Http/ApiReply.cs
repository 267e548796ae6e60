using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GenApi.Client;

/// <summary>An answer below 300 whose body is still to be read. Whoever holds it disposes of it.</summary>
internal sealed class ApiReply(HttpResponseMessage response, Stream body) : IDisposable
{
    private const int LongestExtension = 12;

    public int Status => (int)response.StatusCode;

    public HttpContentHeaders Headers => response.Content.Headers;

    /// <summary>Of a file with these bytes, such as <c>.png</c>: by the name that the service gives it, else by the content type.</summary>
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

    /// <summary>
    /// A read of it fails with <see cref="GenApiConnectionException"/> when the body stalls or breaks off, and only then.
    /// </summary>
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

    /// <summary>What comes from outside may become the end of a file's name, and nothing else.</summary>
    private static bool IsExtension([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= LongestExtension } && text.All(char.IsAsciiLetterOrDigit);
}
