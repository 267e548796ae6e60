using System.Text;
using System.Text.Json;

namespace GenApi.Client;

/// <summary>Reads the problem of a refused call.</summary>
internal static class ProblemReader
{
    private const int LongestExcerpt = 200;

    /// <summary>The length of the quoted beginning of an answer that did not come from the service, such as a proxy's error page.</summary>
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
            // The text itself is all that is known then.
        }
        var text = Encoding.UTF8.GetString(body).Trim();
        var excerpt = text.Length > LongestExcerpt ? text[..LongestExcerpt] + "…" : text;
        return new Problem { Title = reason, Detail = excerpt.Length == 0 ? reason : $"{reason}: {excerpt}" };
    }
}
