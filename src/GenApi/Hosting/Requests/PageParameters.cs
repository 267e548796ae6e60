using System.Globalization;
using GenApi.Core.Persistence;
using Microsoft.OpenApi;

namespace GenApi.Hosting.Requests;

/// <summary>
/// Reads the parameters of every list: <c>limit</c> and <c>cursor</c>. An empty value, as a form sends it, counts as absent.
/// </summary>
internal static class PageParameters
{
    public const string CursorName = "cursor";

    private const int MostRows = 100;
    private const int UsualRows = 20;

    /// <summary>The parameters of a list without filters.</summary>
    public static IReadOnlyList<QueryParameter> Both { get; } =
    [
        new("limit", JsonSchemaType.Integer, $"Rows of a page: 1 to {MostRows}. Absent: {UsualRows}."),
        QueryParameter.Text(CursorName, "`next_cursor` of the previous page."),
    ];

    /// <summary>
    /// Refuses parameters that are given twice or not declared, because a filter with a typo would list everything; and U+0000, which is
    /// not text.
    /// </summary>
    public static void CheckNames(IQueryCollection parameters, IReadOnlyList<QueryParameter> known, MemberErrors errors)
    {
        foreach (var (name, values) in parameters)
        {
            if (!known.Any(each => each.Name == name))
                errors.Unknown("", name, [.. known.Select(each => each.Name)]);
            else if (values.Count > 1)
                errors.Add(name, $"'{name}' is given more than once.");
            else if (values is [{ } value] && value.Contains('\0', StringComparison.Ordinal))
                errors.Add(name, $"'{name}' holds U+0000, which is not text. Leave it out.");
        }
    }

    public static int Limit(IQueryCollection parameters, MemberErrors errors)
    {
        if (parameters["limit"] is not [{ Length: > 0 } text, ..])
            return UsualRows;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MostRows)
            return limit;
        errors.Add("limit", $"'limit' must be a whole number from 1 to {MostRows}; it is \"{MemberErrors.Shorten(text)}\".");
        return UsualRows;
    }

    /// <returns>The end of the page before; null to start at the newest.</returns>
    public static (DateTimeOffset At, long Number)? Cursor(IQueryCollection parameters, PageCursors cursors, MemberErrors errors)
    {
        if (parameters[CursorName] is not [{ Length: > 0 } text, ..])
            return null;
        if (cursors.TryDecode(text, out var at, out var number))
            return (at, number);
        AddWrongCursor(errors);
        return null;
    }

    public static void AddWrongCursor(MemberErrors errors) =>
        errors.Add(CursorName, "'cursor' must be the next_cursor of an earlier page.");
}
