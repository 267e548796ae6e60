using System.Net.Http.Headers;
using GenApi.Core.Replicate.Reading;

namespace GenApi.Core.Replicate.Api;

/// <summary>
/// Limits the size of an answer. A success is streamed and fails past its limit. Only the beginning of a refusal is read: a megabyte of a
/// CDN's HTML is of no use.
/// </summary>
internal sealed class AnswerLimitHandler : DelegatingHandler
{
    /// <summary>For predictions and pages of them, which may contain files as data URIs, at 4/3 of their size.</summary>
    public const long LargestPrediction = 64L << 20;

    /// <summary>For models and versions with their schemas; a search returns fifty, a collection more.</summary>
    public const long LargestModel = 16L << 20;

    /// <summary>For the account, a file, a secret.</summary>
    public const long LargestOther = 1L << 20;
    public const int LargestRefusal = 64 << 10;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            HttpContent bounded = response.IsSuccessStatusCode
                ? new StreamedAnswer(new LimitedStream(body, LimitOf(request.RequestUri!)))
                : await BeginningAsync(body, cancellationToken);
            // Without its charset: JSON is UTF-8, and an unknown charset would end the read.
            if (response.Content.Headers.ContentType?.MediaType is { } type)
                bounded.Headers.ContentType = new MediaTypeHeaderValue(type);
            response.Content = bounded;
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static long LimitOf(Uri address)
    {
        var segments = address.Segments.Select(segment => segment.TrimEnd('/')).ToList();
        return segments.Contains("predictions") ? LargestPrediction
            : segments.Contains("models") || segments.Contains("search") || segments.Contains("collections") ? LargestModel
            : LargestOther;
    }

    private static async Task<HttpContent> BeginningAsync(Stream body, CancellationToken cancellationToken)
    {
        await using (body)
        {
            var buffer = new byte[LargestRefusal];
            var length = 0;
            try
            {
                while (length < buffer.Length && await body.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
                    length += read;
            }
            catch (Exception e) when (e is IOException or InvalidDataException)
            {
                // The status has arrived and decides. A body that breaks off after a 402 must not make it look as if the creation may have
                // happened.
            }

            return new ByteArrayContent(buffer, 0, length);
        }
    }
}

/// <summary>The answer was larger than any that makes sense.</summary>
internal sealed class AnswerTooLargeException(long limit) : IOException($"The answer is larger than {limit} bytes.");

internal sealed class LimitedStream(Stream inner, long limit) : ReadOnlyStream
{
    private long _read;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        _read += read;
        return _read <= limit ? read : throw new AnswerTooLargeException(limit);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
