using System.Buffers;
using System.IO.Hashing;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Service;
using GenApi.Core.Images;
using GenApi.Core.Models.Schemas;

namespace GenApi.Gallery.Selection;

/// <summary>
/// Writes <c>settings.json</c> of an archive: what each image was made with. It is written twice, first only to be measured. So it never is
/// in memory as a whole, whatever the inputs hold.
/// </summary>
/// <param name="selection">Reads the settings.</param>
/// <param name="outputs">The images and files, with their names in the archive.</param>
internal sealed class ArchiveSettings(OutputSelection selection, IReadOnlyList<(StoredImage Output, string Name)> outputs)
{
    /// <summary>Settings read in one step. One can have some megabytes, if its input has files in it.</summary>
    private const int PerStep = 10;

    private const int Flushed = 128 << 10;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private (long Length, uint Crc32) _measured;

    /// <summary>Measures the file.</summary>
    public async Task<(long Length, uint Crc32)> MeasureAsync(CancellationToken cancellationToken)
    {
        var (length, crc) = (0L, new Crc32());
        await foreach (var piece in PiecesAsync(cancellationToken))
        {
            length += piece.Length;
            crc.Append(piece.Span);
        }
        return _measured = (length, crc.GetCurrentHashAsUInt32());
    }

    /// <summary>Writes the file as it was measured.</summary>
    /// <exception cref="GenApiException">NotFound: a generation was deleted meanwhile.</exception>
    public async Task WriteAsync(PipeWriter to, CancellationToken cancellationToken)
    {
        var (length, crc) = (0L, new Crc32());
        await foreach (var piece in PiecesAsync(cancellationToken))
        {
            length += piece.Length;
            crc.Append(piece.Span);
            for (var rest = piece; length <= _measured.Length && !rest.IsEmpty; rest = rest[Math.Min(rest.Length, Flushed)..])
            {
                to.Write(rest.Span[..Math.Min(rest.Length, Flushed)]);
                await to.FlushAsync(cancellationToken);
            }
        }
        if (_measured != (length, crc.GetCurrentHashAsUInt32()))
            throw new GenApiException(ErrorKind.NotFound, "A generation of the archive was deleted meanwhile.");
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write("{\"images\":["u8);
        var isFirst = true;
        foreach (var step in outputs.Chunk(PerStep))
        {
            var settings = await selection.SettingsOfAsync(
                [.. step.Select(each => each.Output.GenerationId).Distinct()], cancellationToken);
            foreach (var (output, name) in step)
            {
                buffer.Write(isFirst ? "\n"u8 : ",\n"u8);
                isFirst = false;
                Write(buffer, output, name, settings.GetValueOrDefault(output.GenerationId));
                yield return buffer.WrittenMemory;
                buffer.ResetWrittenCount();
            }
        }
        buffer.Write("\n]}\n"u8);
        yield return buffer.WrittenMemory;
    }

    private static void Write(ArrayBufferWriter<byte> to, StoredImage output, string name, OutputSettings? settings)
    {
        using var json = new Utf8JsonWriter(to, Readable);
        json.WriteStartObject();
        json.WriteString("id", output.PublicId);
        json.WriteString("generation_id", Core.Persistence.PublicId.Format(Core.Persistence.PublicId.Generation, output.GenerationId));
        json.WriteString("file", name);
        json.WriteString("content_type", output.ContentType);
        json.WriteString("prompt", settings?.Prompt);
        json.WriteString("negative_prompt", settings is null ? null : NegativePromptOf(settings.Input));
        json.WriteString("model", settings?.Model);
        json.WriteString("version", settings?.Version);
        WriteNumber("seed", settings?.Seed);
        WriteNumber("width", output.Width);
        WriteNumber("height", output.Height);
        json.WriteNumber("bytes", output.Bytes);
        json.WriteString("sha256", output.Sha256);
        json.WriteString("created_at", output.CreatedAt.UtcDateTime);
        json.WritePropertyName("input");
        json.WriteRawValue(settings?.Input ?? "null");
        json.WriteEndObject();

        void WriteNumber(string member, long? value)
        {
            if (value is { } known)
                json.WriteNumber(member, known);
            else
                json.WriteNull(member);
        }
    }

    private static string? NegativePromptOf(string input)
    {
        using var document = JsonDocument.Parse(input);
        return document.RootElement.TryGetProperty(CommonNames.NegativePrompt, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;
    }
}
