using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>An input that its model's schema accepts, by the model's own names. Immutable.</summary>
public sealed class NormalisedInput
{
    private readonly InputSchema _schema;
    private readonly KeyValuePair<string, JsonElement>[] _toSend;

    internal NormalisedInput(InputSchema schema, KeyValuePair<string, JsonElement>[] toSend, IReadOnlyList<InputFile>? files = null)
    {
        _schema = schema;
        _toSend = toSend;
        Files = files ?? [];
        Seed = Find("seed") is { ValueKind: JsonValueKind.Number } seed && InputCheck.TryInteger(seed, out var value) ? value : null;
        Prompt = Find("prompt") is { ValueKind: JsonValueKind.String } prompt ? prompt.GetString() : null;
    }

    /// <summary>
    /// The values for the upstream: what the caller gave and nothing else, in the schema's order. No value is null. <see cref="Files"/> are
    /// represented by their texts.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, JsonElement>> ToSend => _toSend;

    /// <summary>The files among the values with bytes at hand.</summary>
    public IReadOnlyList<InputFile> Files { get; }

    /// <summary>
    /// The values that the answer depends on: <see cref="ToSend"/> plus the schema's default for each absent input, so that a default
    /// written out is the same request. A file counts by its bytes, however it was given. A seed has no default here: without one, GenApi
    /// chooses it.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, JsonElement>> ForKey
    {
        get
        {
            var toSend = Files.Count == 0 ? _toSend : InputFiles.Write(_toSend, Files, InputFiles.KeyText);
            if (!_schema.IsKnown)
                return toSend;
            var all = new List<KeyValuePair<string, JsonElement>>(_schema.Properties.Count);
            var given = 0;
            for (var slot = 0; slot < _schema.Properties.Count; slot++)
            {
                var property = _schema.Properties[slot];
                if (given < toSend.Length && toSend[given].Key == property.Name)
                    all.Add(toSend[given++]);
                else if (property.Default is { } value && slot != _schema.SeedSlot)
                    all.Add(new(property.Name, value));
            }
            return all;
        }
    }

    /// <summary>The seed in <see cref="ToSend"/>; null if there is none.</summary>
    public long? Seed { get; }

    /// <summary>The text of the input <c>prompt</c>; null if there is none.</summary>
    public string? Prompt { get; }

    /// <summary>Images times steps, defaults included; the time of a run grows with it.</summary>
    public int Work => Size.Work;

    /// <summary>The size of the run, defaults included.</summary>
    internal RunSize Size => RunSize.Of(_schema, ForKey, Files.Count > 0);

    /// <summary>True if <see cref="WithSeed"/> may be called.</summary>
    public bool TakesSeed => _schema.TakesSeed;

    /// <inheritdoc cref="InputSchema.SeedRange"/>
    public (long Min, long Max) SeedRange => _schema.SeedRange;

    /// <summary>Returns the same input with another seed.</summary>
    public NormalisedInput WithSeed(long seed)
    {
        if (!TakesSeed)
            throw new InvalidOperationException("This model takes no seed.");
        var name = _schema.Properties[_schema.SeedSlot].Name;
        var value = JsonElement.Parse(Encoding.ASCII.GetBytes(seed.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var members = _toSend.Where(member => member.Key != name).ToList();
        var at = members.FindIndex(member => _schema.SlotOf(member.Key) > _schema.SeedSlot);
        members.Insert(at < 0 ? members.Count : at, new(name, value));
        return new NormalisedInput(_schema, [.. members], Files);
    }

    /// <summary>Returns the same input with more data about its files, whose texts replace the files.</summary>
    /// <param name="files">The files of <see cref="Files"/>, in their order.</param>
    public NormalisedInput WithFiles(IReadOnlyList<InputFile> files) =>
        new(_schema, InputFiles.Write(_toSend, files, InputFiles.SentText), files);

    /// <summary>Returns the same input without a seed, which all requests share that differ only in their seed.</summary>
    public NormalisedInput WithoutSeed() =>
        Seed is null ? this : new NormalisedInput(_schema, [.. _toSend.Where(member => member.Key != "seed")], Files);

    /// <summary>Writes <see cref="ToSend"/> as a JSON object, each value spelled as the caller spelled it.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in _toSend)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
            }
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Returns a value for the upstream by the model's own name; undefined if it is absent.</summary>
    internal JsonElement Find(string name)
    {
        foreach (var member in _toSend)
        {
            if (member.Key == name)
                return member.Value;
        }
        return default;
    }
}
