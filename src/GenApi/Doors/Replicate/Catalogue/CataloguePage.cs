using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Hosting;
using GenApi.Hosting.Requests;

namespace GenApi.Doors.Replicate.Catalogue;

/// <summary>A position in a list: where the page before or after it ends.</summary>
/// <param name="After">The last row of the page before; null: none is named.</param>
/// <param name="Before">The first row of the page after; null: none is named.</param>
internal readonly record struct ListPosition(string? After, string? Before);

/// <summary>
/// Writes pages as Replicate does. The addresses of the neighbours are absolute: its clients follow them as they are, or put them behind a
/// base address that already ends with <c>/v1</c>.
/// </summary>
internal static class CataloguePage
{
    public const int RowsOfPage = 100;

    private const string CursorName = PageParameters.CursorName;
    private const string CursorSentence = $"'{CursorName}' must be taken from 'next' or 'previous' of an earlier page.";
    private const int LongestCursor = 4_000;
    private const char After = 'a', Before = 'b';

    private static readonly IReadOnlyList<QueryParameter> Known = [QueryParameter.Text(CursorName, "")];

    /// <summary>Reads the position from the query.</summary>
    /// <exception cref="GenApiException">InvalidRequest: a cursor that no page gave, or another parameter.</exception>
    public static ListPosition Read(HttpRequest request)
    {
        var errors = new MemberErrors();
        PageParameters.CheckNames(request.Query, Known, errors);
        var position = default(ListPosition);
        if (ListFilters.Text(request.Query, CursorName) is { } cursor && !TryRead(cursor, out position))
            errors.Add(CursorName, CursorSentence);
        errors.ThrowIfAny();
        return position;
    }

    /// <summary>Returns the refusal of a cursor that no page of this list gave.</summary>
    public static GenApiException WrongCursor() => GenApiException.ForMember(ErrorKind.InvalidRequest, CursorName, CursorSentence);

    /// <summary>Reads a page of a list at the upstream, and refuses a cursor of another list in the words of the door.</summary>
    public static async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (GenApiException wrong) when (wrong.Errors.ContainsKey(CursorName))
        {
            throw WrongCursor();
        }
    }

    /// <summary>Answers with a page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="next">The last row, if there are rows after it.</param>
    /// <param name="previous">The first row, if there are rows before it.</param>
    /// <param name="writeRows">Writes the rows into an array.</param>
    public static Task WriteAsync(HttpContext context, string? next, string? previous, Action<Utf8JsonWriter> writeRows) =>
        CatalogueAnswer.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("next", next is null ? null : Address(context.Request, After, next));
            json.WriteString("previous", previous is null ? null : Address(context.Request, Before, previous));
            json.WriteStartArray("results");
            writeRows(json);
            json.WriteEndArray();
            json.WriteEndObject();
        });

    private static string Address(HttpRequest request, char direction, string row) =>
        $"{CallerAddress.Of(request)}{request.Path}?{CursorName}={Base64Url.EncodeToString(Encoding.UTF8.GetBytes(direction + row))}";

    private static bool TryRead(string cursor, out ListPosition position)
    {
        position = default;
        if (cursor.Length > LongestCursor || !Base64Url.IsValid(cursor))
            return false;
        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        if (text.Length < 2 || text[0] is not (After or Before))
            return false;
        position = text[0] == After ? new(text[1..], null) : new(null, text[1..]);
        return true;
    }
}

/// <summary>Writes answers of the catalogue.</summary>
internal static class CatalogueAnswer
{
    public static Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write, int status = StatusCodes.Status200OK)
    {
        using var body = new DoorBody();
        write(body.Json);
        context.Response.Headers.CacheControl = "private, no-cache";
        return JsonAnswer.WriteAsync(context, status, body.Text());
    }

    /// <summary>Writes a time as Replicate does, to the microsecond.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
