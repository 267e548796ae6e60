using System.Text;
using System.Text.Json;

namespace GenApi.Client;

/// <summary>Reads why a call was refused.</summary>
internal static class ProblemReader
{
    private const int LongestExcerpt = 200;

    /// <summary>Of an answer that is none of the service's, such as a proxy's error page, its beginning.</summary>
    public static Problem Read(ReadOnlySpan<byte> body, string? mediaType, string reason)
    {
        try
        {
            if (mediaType is "application/problem+json" or "application/json"
                && JsonSerializer.Deserialize(body, ClientJson.Default.Problem) is { Code: not null } problem)
                return problem;
        }
        catch (JsonException)
        {
            // Then the text itself is all that is known.
        }
        var text = Encoding.UTF8.GetString(body).Trim();
        var excerpt = text.Length > LongestExcerpt ? text[..LongestExcerpt] + "…" : text;
        return new Problem { Title = reason, Detail = excerpt.Length == 0 ? reason : $"{reason}: {excerpt}" };
    }
}
