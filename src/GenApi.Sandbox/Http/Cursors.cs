using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GenApi.Sandbox.Http;

/// <summary>
/// Writes pages and reads their cursors. Callers follow a cursor but do not read it, hence base64 as at Replicate; it holds the number of a
/// row.
/// </summary>
internal static class Cursors
{
    public const int PageSize = 100;

    public static IResult Invalid => Answers.Problem(400, "Bad request", "Invalid cursor");

    /// <summary>Writes a page with the addresses of its neighbours.</summary>
    /// <param name="request">The request for this page.</param>
    /// <param name="numbers">The numbers of its first and last row; null: it has no row.</param>
    /// <param name="older">Whether there are rows after it.</param>
    /// <param name="newer">Whether there are rows before it.</param>
    /// <param name="writeRows">Writes the rows, newest first.</param>
    public static IResult Page(
        HttpRequest request, (long First, long Last)? numbers, bool older, bool newer, Action<Utf8JsonWriter> writeRows) =>
        Answers.Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("next", older && numbers is { Last: var last } ? Url(request, $"b={last}") : null);
            json.WriteString("previous", newer && numbers is { First: var first } ? Url(request, $"a={first}") : null);
            json.WriteStartArray("results");
            writeRows(json);
            json.WriteEndArray();
            json.WriteEndObject();
        });

    /// <param name="request">The request.</param>
    /// <param name="below">Selects smaller numbers, the newest of them.</param>
    /// <param name="above">Selects greater numbers, the oldest of them.</param>
    /// <returns>False if there is a cursor that no page gave.</returns>
    public static bool TryRead(HttpRequest request, out long? below, out long? above)
    {
        below = above = null;
        string? cursor = request.Query["cursor"];
        if (string.IsNullOrEmpty(cursor))
            return true;
        var bytes = new byte[cursor.Length];
        if (!Convert.TryFromBase64String(cursor, bytes, out var length))
            return false;
        var position = Encoding.ASCII.GetString(bytes, 0, length);
        if (position.Length < 3 || !long.TryParse(position.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        if (position.StartsWith("b=", StringComparison.Ordinal))
            below = number;
        else
            above = number;
        return true;
    }

    private static string Url(HttpRequest request, string position)
    {
        var others = request.Query.Where(q => q.Key != "cursor").SelectMany(q => q.Value, (q, v) => KeyValuePair.Create(q.Key, v));
        var query = QueryString.Create(
            [KeyValuePair.Create("cursor", (string?)Convert.ToBase64String(Encoding.ASCII.GetBytes(position))), .. others]);
        return $"{request.Scheme}://{request.Host}{request.Path}{query}";
    }
}
