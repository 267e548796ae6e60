using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Core.Replicate.Reading;

namespace GenApi.Core.Replicate.Outputs;

/// <summary>Finds the files of an output.</summary>
public static class PredictionOutput
{
    /// <summary>Far more files than any model makes; further ones are not downloaded.</summary>
    internal const int MostFiles = 1000;

    /// <summary>
    /// Collects the addresses of the files in an output, in order: http, https and data URIs, at any place. Models return one URI, an
    /// array, or objects such as <c>[{"file": …, "text": …}]</c>. Any other text is not a file.
    /// </summary>
    public static IReadOnlyList<string> Collect(JsonElement? output)
    {
        List<string> found = [];
        if (output is { } element)
            Walk(element, found);
        return found;
    }

    // The reader limits the depth: it refuses JSON nested more than 64 deep.
    private static void Walk(JsonElement element, List<string> found)
    {
        switch (element.ValueKind)
        {
            case var _ when found.Count >= MostFiles:
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    Walk(item, found);
                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                    Walk(member.Value, found);
                break;
            case JsonValueKind.String when MayBeAddress(element) && element.GetString() is { } text && IsAddress(text):
                found.Add(text);
                break;
        }
    }

    /// <summary>Checks the bytes first: most texts are not addresses, and a lone surrogate can't become a string at all.</summary>
    internal static bool MayBeAddress(JsonElement element)
    {
        var raw = JsonMarshal.GetRawUtf8Value(element)[1..];
        return (raw[0] | 0x20) is 'h' or 'd' && !HasEscapedSurrogate(raw);
    }

    private static bool HasEscapedSurrogate(ReadOnlySpan<byte> raw) => raw.IndexOf("\\ud"u8) >= 0 || raw.IndexOf("\\uD"u8) >= 0;

    internal static bool IsAddress(string text)
    {
        if (DataUri.Is(text))
            return DataUri.IsWellBegun(text);
        if (!text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            && !text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            return false;
        return !text.AsSpan().ContainsAny(" \t\r\n") && UpstreamBounds.IsAddress(text);
    }
}
