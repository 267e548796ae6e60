using System.Buffers;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GenApi.Core.Replicate.Reading;
using Refit;

namespace GenApi.Core.Replicate.Api;

/// <summary>
/// Reads the upstream's answers: always as UTF-8, whatever the content type says, tidied by <see cref="AnswerTidier"/> and held in small
/// pieces until they are read. Refit's own reader holds an answer in one pooled array of up to twice its size.
/// </summary>
internal sealed class AnswerReader(LargeAnswers large) : IHttpContentSerializer
{
    private const int WindowBytes = 64 * 1024;
    private const int LeastRead = 4096;

    private static readonly SystemTextJsonContentSerializer Requests = new(ReplicateJsonContext.Default.Options);

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    public HttpContent ToHttpContent<T>(T item) => Requests.ToHttpContent(item);

    public string? GetFieldNameForProperty(PropertyInfo propertyInfo) => Requests.GetFieldNameForProperty(propertyInfo);

    /// <summary>Reads a body.</summary>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    /// <exception cref="AnswerTooLargeException">The body is larger than its kind may be.</exception>
    public async Task<T?> FromHttpContentAsync<T>(HttpContent content, CancellationToken cancellationToken = default)
    {
        await using var body = content is StreamedAnswer streamed ? streamed.Body : await content.ReadAsStreamAsync(cancellationToken);
        using var answer = new SegmentedBuffer();
        var window = ArrayPool<byte>.Shared.Rent(WindowBytes);
        IDisposable? permit = null;
        try
        {
            var tidier = new AnswerTidier(answer);
            var (length, isFirst) = (0, true);
            while (true)
            {
                var read = await body.ReadAtLeastAsync(window.AsMemory(length), LeastRead, throwOnEndOfStream: false, cancellationToken);
                length += read;
                var from = isFirst && window.AsSpan(0, length).StartsWith(Mark) ? Mark.Length : 0;
                isFirst = false;
                from += tidier.Write(window.AsSpan(from, length - from), isLast: read == 0);
                if (read == 0)
                    break;
                window.AsSpan(from, length - from).CopyTo(window);
                length -= from;
                if (answer.Length > LargeAnswers.Large)
                    permit ??= await large.EnterAsync(cancellationToken);
            }
            return Read(answer.ToSequence(), (JsonTypeInfo<T>)ReplicateJsonContext.Default.GetTypeInfo(typeof(T))!);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
            permit?.Dispose();
        }
    }

    /// <summary>Reads bytes that have arrived already, such as a webhook's.</summary>
    /// <exception cref="JsonException">The bytes are not JSON.</exception>
    public static T? Read<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> type)
    {
        using var answer = new SegmentedBuffer();
        new AnswerTidier(answer).Write(bytes.StartsWith(Mark) ? bytes[Mark.Length..] : bytes, isLast: true);
        return Read(answer.ToSequence(), type);
    }

    private static T? Read<T>(ReadOnlySequence<byte> answer, JsonTypeInfo<T> type)
    {
        var reader = new Utf8JsonReader(answer);
        var value = JsonSerializer.Deserialize(ref reader, type);
        return reader.Read() ? throw new JsonException("Something follows the answer.") : value;
    }
}
