using System.Buffers;
using System.Text;
using System.Text.Json;
using GenApi.Core.Errors;

namespace GenApi.Hosting.Requests;

/// <summary>
/// Checks a body in one pass that stores nothing, before anything else reads it. An accepted body is small apart from data URIs: its names,
/// numbers, members and nesting are bounded, so later steps need no checks.
/// </summary>
internal static class BodyBounds
{
    /// <summary>The deepest nesting of objects and arrays.</summary>
    public const int MostDepth = 32;

    /// <summary>The most members of one object, or items of one array.</summary>
    public const int MostMembers = 1_000;

    /// <summary>The most values in the whole body.</summary>
    public const int MostValues = 10_000;

    /// <summary>The longest name, in bytes as written.</summary>
    public const int LongestName = 1_024;

    /// <summary>The longest number, in characters as written. The largest double has 309 digits.</summary>
    public const int LongestNumber = 400;

    /// <summary>The most bytes of names and values as written, apart from data URIs.</summary>
    public const int MostText = 1 << 20;

    /// <summary>
    /// The most backslashes in all data URIs. Writers that escape <c>+</c> and <c>/</c> produce about 350,000 in the largest body; the rest
    /// of base64 needs none.
    /// </summary>
    public const int MostEscapes = 400_000;

    /// <summary>The fewest bytes of a text that counts as a file in bare base64.</summary>
    private const int ShortestBareFile = 1_024;

    private const int LongestShownName = 256;

    // With the backslash, because some writers escape the slash.
    private static readonly SearchValues<byte> OfBareFiles =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\\"u8);

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = MostDepth };

    /// <param name="body">The body.</param>
    /// <param name="hasBareFiles">Whether long texts of base64 count as data URIs do.</param>
    /// <exception cref="JsonException">It is not JSON, or nested deeper than <see cref="MostDepth"/>.</exception>
    /// <exception cref="GenApiException">
    /// InvalidRequest, naming the place where a bound is passed. What comes after it is not looked at.
    /// </exception>
    public static void Check(ReadOnlySpan<byte> body, bool hasBareFiles = false)
    {
        var reader = new Utf8JsonReader(body, Strict);
        Span<Level> levels = stackalloc Level[MostDepth + 1];
        int depth = 0, values = 0, escapes = 0;
        long text = 0;
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                depth--;
                continue;
            }
            var length = reader.ValueSpan.Length;
            var here = levels[..(depth + 1)];
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                levels[depth].NameStart = (int)reader.TokenStartIndex + 1;
                levels[depth].NameLength = length;
                if (length > LongestName)
                    throw Refusal(body, levels[..depth], $"a name has at most {ByteSize.Text(LongestName)}; one here is longer.");
                text += length;
            }
            else
            {
                levels[depth].Count++;
                var parts = levels[depth].IsArray ? "items" : "members";
                if (depth > 0 && levels[depth].Count > MostMembers)
                    throw Refusal(body, levels[..depth], $"has more than {MostMembers} {parts}, which is the most.");
                if (++values > MostValues)
                    throw Refusal(body, levels[..depth], $"the body has more than {MostValues} values, which is the most.");
                if (reader.TokenType == JsonTokenType.Number && length > LongestNumber)
                    throw Refusal(body, here, $"a number is written with at most {LongestNumber} characters; this one has {length}.");
                var isFile = reader.TokenType == JsonTokenType.String
                    && (IsData(reader.ValueSpan) || (hasBareFiles && IsBareFile(reader.ValueSpan)));
                if (!isFile)
                    text += length;
                else if (reader.ValueIsEscaped && (escapes += reader.ValueSpan.Count((byte)'\\')) > MostEscapes)
                {
                    throw Refusal(
                        body, here,
                        $"the data URIs of a body have at most {MostEscapes} escapes; write the characters of base64 unescaped.");
                }
            }
            if (text > MostText)
            {
                throw Refusal(
                    body, here,
                    $"the body has at most {ByteSize.Text(MostText)} of names and values, data URIs aside. POST /uploads takes files.");
            }
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                levels[++depth] = new Level { IsArray = reader.TokenType == JsonTokenType.StartArray };
        }
    }

    private static bool IsData(ReadOnlySpan<byte> text) => text.Length >= 5 && Ascii.EqualsIgnoreCase(text[..5], "data:"u8);

    private static bool IsBareFile(ReadOnlySpan<byte> text) => text.Length >= ShortestBareFile && !text.ContainsAnyExcept(OfBareFiles);

    private static GenApiException Refusal(ReadOnlySpan<byte> body, ReadOnlySpan<Level> levels, string sentence)
    {
        var path = "$";
        foreach (var level in levels[Math.Min(1, levels.Length)..])
        {
            var name = body.Slice(level.NameStart, Math.Min(level.NameLength, LongestShownName));
            if (level.IsArray)
                path = $"{path}[{level.Count - 1}]";
            else if (level.NameStart > 0)
                path = MemberErrors.Path(path, Encoding.UTF8.GetString(name));
        }
        return GenApiException.ForMember(ErrorKind.InvalidRequest, Characters.Cut(path, LongestShownName), sentence);
    }

    /// <summary>An object or array that is open, and the current position in it.</summary>
    private struct Level
    {
        public bool IsArray;
        public int Count, NameStart, NameLength;
    }
}
