using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using GenApi.Core.Blobs;

namespace GenApi.Doors;

/// <summary>
/// Builds a JSON answer with images inside as base64. Only the JSON around them is in memory: the images are encoded while they are read
/// (<see cref="Base64Body"/>), and the length of the answer is known before it begins.
/// </summary>
internal sealed class DoorBody : IDisposable
{
    /// <summary>Answers are JSON documents, never parts of a page, so letters of other scripts stay unescaped.</summary>
    internal static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly ArrayBufferWriter<byte> _text = new(1024);
    private readonly List<(int At, BlobContent Content)> _images = [];

    public DoorBody() => Json = new Utf8JsonWriter(_text, Options);

    /// <summary>Writes the JSON around the images.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>The length of the answer in bytes.</summary>
    public long Length
    {
        get
        {
            Json.Flush();
            return _text.WrittenCount + _images.Sum(image => Base64Body.LengthOf(image.Content.Length));
        }
    }

    /// <summary>Writes a string with the base64 of an image, as a value of an array or behind a property's name.</summary>
    /// <param name="content">The image. The answer disposes it.</param>
    public void WriteImage(BlobContent content)
    {
        Json.WriteRawValue("\"\""u8, skipInputValidation: true);
        Json.Flush();
        // Between the quotes.
        _images.Add((_text.WrittenCount - 1, content));
    }

    /// <summary>Writes a string with a data URI, as a value of an array or behind a property's name.</summary>
    /// <param name="contentType">The type of the bytes.</param>
    /// <param name="content">The bytes. The answer disposes them.</param>
    public void WriteDataUri(string contentType, BlobContent content)
    {
        Json.WriteRawValue($"\"data:{contentType};base64,\"", skipInputValidation: true);
        Json.Flush();
        _images.Add((_text.WrittenCount - 1, content));
    }

    /// <summary>Returns a body without images.</summary>
    public byte[] Text()
    {
        Json.Flush();
        return _text.WrittenSpan.ToArray();
    }

    /// <summary>Answers with the whole body and its length.</summary>
    public Task WriteAsync(HttpContext context, int status = StatusCodes.Status200OK)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = Length;
        return WriteToAsync(context).AsTask();
    }

    /// <summary>Writes the JSON into a response whose headers are set, such as an event stream.</summary>
    /// <returns>False if nobody reads the response any more.</returns>
    public async ValueTask<bool> WriteToAsync(HttpContext context)
    {
        await Json.FlushAsync();
        // After the start, the pipe hands out its own memory; before, it would hand out a copy.
        await context.Response.StartAsync();
        var writer = context.Response.BodyWriter;
        var at = 0;
        foreach (var (end, content) in _images)
        {
            writer.Write(_text.WrittenSpan[at..end]);
            at = end;
            if (!await Base64Body.WriteAsync(context, content))
                return false;
        }
        writer.Write(_text.WrittenSpan[at..]);
        return !(await writer.FlushAsync()).IsCompleted;
    }

    public void Dispose()
    {
        Json.Dispose();
        foreach (var (_, content) in _images)
            content.Dispose();
    }
}
