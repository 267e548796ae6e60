using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GenApi.Core.Replicate.Reading;

/// <summary>
/// Reads scalars of any JSON type: one odd member must not make a paid prediction unreadable. A value that makes no sense becomes null,
/// except for text, which stays as it is.
/// </summary>
internal static class LenientJson
{
    private const int LongestScalar = 128;

    internal sealed class Text : JsonConverter<string?>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => ReadText(ref reader);

        public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }

    internal sealed class Number : JsonConverter<double?>
    {
        public override double? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            ReadNumber(ref reader);

        public override void Write(Utf8JsonWriter writer, double? value, JsonSerializerOptions options) => throw ReadOnly();
    }

    internal sealed class Count : JsonConverter<long?>
    {
        public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            ReadNumber(ref reader) is { } number and >= long.MinValue and < long.MaxValue ? (long)number : null;

        public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options) => throw ReadOnly();
    }

    internal sealed class Flag : JsonConverter<bool?>
    {
        public override bool? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            bool.TryParse(ReadShort(ref reader), out var flag) ? flag : null;

        public override void Write(Utf8JsonWriter writer, bool? value, JsonSerializerOptions options) => throw ReadOnly();
    }

    internal sealed class Time : JsonConverter<DateTimeOffset?>
    {
        public override DateTimeOffset? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            DateTimeOffset.TryParse(
                ReadShort(ref reader), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                    out var time)
                ? time
                : null;

        public override void Write(Utf8JsonWriter writer, DateTimeOffset? value, JsonSerializerOptions options) => throw ReadOnly();
    }

    /// <summary>Returns a text value; where it can't be a string, the escapes stay visible.</summary>
    public static string TextOf(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return text.GetRawText()[1..^1];
        }
    }

    /// <summary>Returns the name of a member, like <see cref="TextOf"/>.</summary>
    public static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8PropertyName(member));
        }
    }

    private static double? ReadNumber(ref Utf8JsonReader reader) =>
        double.TryParse(ReadShort(ref reader), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;

    /// <summary>Reads a short text: no number, time or flag is longer. It skips containers.</summary>
    private static string? ReadShort(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return LengthOf(ref reader) <= LongestScalar ? ReadText(ref reader) : null;
        reader.Skip();
        return null;
    }

    private static string? ReadText(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String when LengthOf(ref reader) > LongText.Longest:
                return LongText.Read(
                    reader.HasValueSequence ? reader.ValueSequence : new ReadOnlySequence<byte>(reader.ValueSpan.ToArray()));
            case JsonTokenType.String:
                try
                {
                    return reader.GetString();
                }
                catch (InvalidOperationException)
                {
                    // A lone surrogate: Python writes bytes that are not UTF-8 like that into logs. The escapes stay visible.
                    return RawText(ref reader);
                }

            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                return LongText.Cut(JsonElement.ParseValue(ref reader).GetRawText());
            default:
                return RawText(ref reader);
        }
    }

    private static long LengthOf(ref Utf8JsonReader reader) =>
        reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;

    private static string RawText(ref Utf8JsonReader reader) =>
        Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);

    private static NotSupportedException ReadOnly() => new("These members are only ever read.");
}
