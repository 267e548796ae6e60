using System.Buffers;
using System.Text;
using System.Text.Json;
using GenApi.Core.Diagnostics;
using GenApi.Core.Replicate.Reading;

namespace GenApi.Core.Replicate.Outputs;

/// <summary>
/// The parts of a prediction's output: the addresses of its files, and its values. A file is a data URI or an address at a delivery host.
/// Any other text is a value, such as the address of an input that a model returns.
/// </summary>
internal sealed record OutputContent
{
    /// <summary>Limits for <see cref="Values"/>, in bytes and levels. A larger or deeper output becomes a separate file.</summary>
    public const int MostBytes = 64 << 10, Deepest = 32;

    /// <summary>More files than any model makes in one run; further addresses are values.</summary>
    private const int MostFiles = 10_000;

    public static OutputContent None { get; } = new();

    /// <summary>One file whose bytes are here already, and whose address nobody knows any more.</summary>
    public static OutputContent Fetched { get; } = new() { Files = [""] };

    /// <summary>The addresses of the files, in the order of the output.</summary>
    public IReadOnlyList<string> Files { get; private init; } = [];

    /// <summary>
    /// The output as JSON with null in the place of each file; null where the output is only a file or a list of files.
    /// </summary>
    public string? Values { get; private init; }

    /// <summary>
    /// The positions of the files among the scalars of <see cref="Values"/>, from 0 in the order of the text; one for each file there.
    /// </summary>
    public IReadOnlyList<int> Places { get; private init; } = [];

    /// <summary>Hosts of addresses that count as values.</summary>
    public IReadOnlyCollection<string> ForeignHosts { get; private init; } = [];

    /// <summary>True if the output is one file by itself, and not a list with one.</summary>
    public bool IsOneFile { get; private init; }

    public bool IsEmpty => Files.Count == 0 && Values is null;

    /// <summary>Reads any output of a model; it never throws.</summary>
    /// <param name="output">The output from the upstream.</param>
    /// <param name="hosts">The hosts of output files.</param>
    /// <param name="input">The input of the run, as JSON: an address from it that comes back is not an output file.</param>
    public static OutputContent Read(JsonElement? output, DeliveryHosts hosts, string input)
    {
        if (output is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } element)
            return None;
        var walk = new Walk(hosts, input);
        var values = walk.Write(element);
        var content = new OutputContent { Files = walk.Files, ForeignHosts = walk.ForeignHosts };
        // Nothing, a file, or a list of files only.
        if (!walk.HasValues
            && (walk.Files.Count == 0
                || (walk.Files.Count == walk.Scalars && walk.Deepest <= 1 && element.ValueKind != JsonValueKind.Object)))
            return content with { IsOneFile = walk.Files.Count == 1 && element.ValueKind == JsonValueKind.String };
        if (values.Length <= MostBytes && walk.Deepest <= Deepest)
            return content with { Values = Encoding.UTF8.GetString(values), Places = walk.Places };
        return content with { Files = [.. walk.Files, $"data:application/json;base64,{Convert.ToBase64String(values)}"] };
    }

    private sealed class Walk(DeliveryHosts hosts, string input)
    {
        public List<string> Files { get; } = [];

        public List<int> Places { get; } = [];

        public HashSet<string> ForeignHosts { get; } = [];

        public int Scalars { get; private set; }

        /// <summary>True if there is anything but files, nulls and empty texts.</summary>
        public bool HasValues { get; private set; }

        public int Deepest { get; private set; }

        public ReadOnlySpan<byte> Write(JsonElement element)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
                Write(json, element, 0);
            return buffer.WrittenSpan;
        }

        // The reader limits the depth: it refuses JSON nested more than 64 deep.
        private void Write(Utf8JsonWriter json, JsonElement element, int depth)
        {
            Deepest = Math.Max(Deepest, depth);
            switch (element.ValueKind)
            {
                case JsonValueKind.Array:
                    json.WriteStartArray();
                    foreach (var item in element.EnumerateArray())
                        Write(json, item, depth + 1);
                    json.WriteEndArray();
                    break;
                case JsonValueKind.Object:
                    json.WriteStartObject();
                    foreach (var member in element.EnumerateObject())
                    {
                        json.WritePropertyName(SecretText.Scrub(LenientJson.NameOf(member)));
                        Write(json, member.Value, depth + 1);
                    }
                    json.WriteEndObject();
                    break;
                default:
                    WriteScalar(json, element);
                    Scalars++;
                    break;
            }
        }

        private void WriteScalar(Utf8JsonWriter json, JsonElement element)
        {
            if (element.ValueKind != JsonValueKind.String)
            {
                HasValues |= element.ValueKind != JsonValueKind.Null;
                json.WriteRawValue(element.GetRawText(), skipInputValidation: true);
                return;
            }
            if (PredictionOutput.MayBeAddress(element) && element.GetString() is { } address && IsFile(address))
            {
                Files.Add(address);
                Places.Add(Scalars);
                json.WriteNullValue();
                return;
            }
            var text = LenientJson.TextOf(element);
            HasValues |= text.Length > 0;
            json.WriteStringValue(SecretText.Scrub(text));
        }

        private bool IsFile(string text)
        {
            if (!PredictionOutput.IsAddress(text) || Files.Count == MostFiles)
                return false;
            if (DataUri.Is(text))
                return true;
            if (input.Contains(text, StringComparison.Ordinal))
                return false;
            var address = new Uri(text);
            if (!hosts.Allows(address))
                ForeignHosts.Add(address.Authority);
            return hosts.Allows(address);
        }
    }
}
