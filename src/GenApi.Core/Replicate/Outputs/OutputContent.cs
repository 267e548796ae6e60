using System.Buffers;
using System.Text;
using System.Text.Json;
using GenApi.Core.Diagnostics;
using GenApi.Core.Replicate.Reading;

namespace GenApi.Core.Replicate.Outputs;

/// <summary>
/// The output of a prediction, taken apart: the files in it, by their addresses, and the rest. A file is a data URI or an address at a delivery host; any other text, such as
/// an input's address that a model gives back, is a value.
/// </summary>
internal sealed record OutputContent
{
    /// <summary>For <see cref="Values"/>, in bytes. What is larger, or nested deeper, becomes a file of its own.</summary>
    public const int MostBytes = 64 << 10, Deepest = 32;

    /// <summary>More than any model makes in one run; further addresses are values.</summary>
    private const int MostFiles = 10_000;

    public static OutputContent None { get; } = new();

    /// <summary>Addresses, in the order of the output.</summary>
    public IReadOnlyList<string> Files { get; private init; } = [];

    /// <summary>
    /// The output as JSON, with null in the place of each file, where there is more in it than a file or a list of files; null: there is not.
    /// </summary>
    public string? Values { get; private init; }

    /// <summary>Which scalars of <see cref="Values"/> the files stand for, counted from 0 in the order of the text; one for each of <see cref="Files"/> that stands there.</summary>
    public IReadOnlyList<int> Places { get; private init; } = [];

    /// <summary>Hosts of addresses that are taken for values.</summary>
    public IReadOnlyCollection<string> ForeignHosts { get; private init; } = [];

    public bool IsEmpty => Files.Count == 0 && Values is null;

    /// <summary>Whatever a model says can be read: nothing here throws.</summary>
    /// <param name="output">As the upstream gave it.</param>
    /// <param name="hosts">Where files are.</param>
    /// <param name="input">What the run was asked for, as JSON: an address in it that comes back is no output.</param>
    public static OutputContent Read(JsonElement? output, DeliveryHosts hosts, string input)
    {
        if (output is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } element)
            return None;
        var walk = new Walk(hosts, input);
        var values = walk.Write(element);
        var content = new OutputContent { Files = walk.Files, ForeignHosts = walk.ForeignHosts };
        // Nothing, or a file, or a list of nothing but files.
        if (!walk.HasValues && (walk.Files.Count == 0 || (walk.Files.Count == walk.Scalars && walk.Deepest <= 1 && element.ValueKind != JsonValueKind.Object)))
            return content;
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

        /// <summary>Something that is no file, no null and no empty text.</summary>
        public bool HasValues { get; private set; }

        public int Deepest { get; private set; }

        public ReadOnlySpan<byte> Write(JsonElement element)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
                Write(json, element, 0);
            return buffer.WrittenSpan;
        }

        // The depth is bounded by the reader, which refuses JSON nested more than 64 deep.
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
