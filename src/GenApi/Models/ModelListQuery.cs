using System.Buffers.Text;
using System.Globalization;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Hosting;
using GenApi.Hosting.Requests;
using Microsoft.OpenApi;

namespace GenApi.Models;

/// <summary>Reads the parameters of the lists of models strictly: an unknown parameter would be a filter without effect.</summary>
internal sealed record ModelListQuery
{
    private const int MostRows = 100;
    private const int LongestWords = 200;
    private const int LongestCursor = 2_000;

    public static IReadOnlyList<QueryParameter> ModelParameters { get; } =
    [
        QueryParameter.Text(
            "q", $"Words to search for; at most {LongestWords} characters. The answer has the aliases whose name, model or description "
                + "has every word, "
            + "then the results of Replicate's search."),
        new("limit", JsonSchemaType.Integer, $"Models of a page: 1 to {MostRows}. Absent: {MostRows}. Replicate's search returns at most "
            + "50."),
        QueryParameter.Text("cursor", "`next_cursor` of the previous page. Not with `q`: a search has one page."),
    ];

    public static IReadOnlyList<QueryParameter> VersionParameters { get; } =
        [QueryParameter.Text("cursor", "`next_cursor` of the previous page.")];

    /// <summary>Null: no search.</summary>
    public string? Words { get; private init; }

    public int Limit { get; private init; }

    /// <summary>The end of the page before, as the core named it.</summary>
    public string? After { get; private init; }

    /// <exception cref="GenApiException">InvalidRequest, with all errors.</exception>
    public static ModelListQuery ReadModels(IQueryCollection query) => Read(query, ModelParameters);

    /// <inheritdoc cref="ReadModels"/>
    public static ModelListQuery ReadVersions(IQueryCollection query) => Read(query, VersionParameters);

    public static string? Cursor(string? next) => next is null ? null : Base64Url.EncodeToString(Encoding.UTF8.GetBytes(next));

    private static ModelListQuery Read(IQueryCollection query, IReadOnlyList<QueryParameter> known)
    {
        var errors = new MemberErrors();
        foreach (var name in query.Keys.Where(name => !known.Any(each => each.Name == name)))
            errors.Unknown("", name, [.. known.Select(each => each.Name)]);
        var words = Text(query, "q");
        if (words is not null && !Characters.AreAtMost(words, LongestWords))
            errors.Add("q", $"'q' has at most {LongestWords} characters; there are {Characters.Count(words)}.");
        var after = Text(query, "cursor") is { } cursor ? Decoded(cursor, errors) : null;
        if (words is not null && after is not null)
            errors.Add("cursor", "a search has one page. Raise 'limit' instead.");
        var result = new ModelListQuery { Words = words, Limit = LimitOf(Text(query, "limit"), errors), After = after };
        errors.ThrowIfAny();
        return result;
    }

    private static int LimitOf(string? text, MemberErrors errors)
    {
        if (text is null)
            return MostRows;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MostRows)
            return limit;
        errors.Add("limit", $"'limit' must be a whole number from 1 to {MostRows}; it is \"{MemberErrors.Shorten(text)}\".");
        return MostRows;
    }

    private static string? Decoded(string cursor, MemberErrors errors)
    {
        if (cursor.Length <= LongestCursor && Base64Url.IsValid(cursor))
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        errors.Add("cursor", "'cursor' must be the next_cursor of an earlier page.");
        return null;
    }

    // An empty value, as a form sends it, has no effect.
    private static string? Text(IQueryCollection query, string name) =>
        string.IsNullOrWhiteSpace(query[name]) ? null : query[name].ToString().Trim();
}
