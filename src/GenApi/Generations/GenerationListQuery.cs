using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using GenApi.Hosting.Requests;
using Microsoft.Extensions.Primitives;
using Microsoft.OpenApi;

namespace GenApi.Generations;

/// <summary>Reads the parameters of GET /generations strictly: a filter with a typo would list everything.</summary>
internal static class GenerationListQuery
{
    private const int LongestWords = 200;

    public static IReadOnlyList<QueryParameter> Parameters { get; } =
    [
        QueryParameter.Of("status", new WordsAttribute("GenerationStatus", typeof(GenerationStatus)), "Only generations with this status."),
        QueryParameter.Text("model", "Only generations of this model: an alias, `owner/name`, or the address of the model's page. A "
            + "version does not narrow the list."),
        QueryParameter.Text("created_after", "Only generations created at this RFC 3339 time or later."),
        QueryParameter.Text("created_before", "Only generations created before this RFC 3339 time."),
        QueryParameter.Text(
            "q", $"Words of the prompt, in any order; at most {LongestWords} characters. A word matches from its beginning. "
            + "Text without spaces, such as Chinese, Japanese, Korean, Thai and emoji, matches anywhere."),
        new("pinned", JsonSchemaType.Boolean, "`true`: only pinned generations. `false`: only the others."),
        .. PageParameters.Both,
    ];

    /// <exception cref="Core.Errors.GenApiException">InvalidRequest, with all errors.</exception>
    public static GenerationQuery Read(IQueryCollection parameters, PageCursors cursors, ModelGuide models)
    {
        var errors = new MemberErrors();
        PageParameters.CheckNames(parameters, Parameters, errors);
        var query = new GenerationQuery
        {
            Status = Status(parameters["status"], errors),
            Model = Model(parameters["model"], models, errors),
            CreatedAfter = Time(parameters, "created_after", errors),
            CreatedBefore = Time(parameters, "created_before", errors),
            Words = Words(parameters["q"], errors),
            IsPinned = Flag(parameters, "pinned", errors),
            Limit = PageParameters.Limit(parameters, errors),
            Cursor = PageParameters.Cursor(parameters, cursors, errors) is { } cursor ? new(cursor.At, cursor.Number) : null,
        };
        errors.ThrowIfAny();
        return query;
    }

    public static byte[] Render(GenerationPage page, GenerationRendering rendering, PageCursors cursors, HttpRequest request)
    {
        var baseUrl = CallerAddress.Of(request);
        var next = page.Next is { } cursor ? cursors.Encode(cursor.CreatedAt, cursor.Number) : null;
        var contract = new CursorPage<GenerationContract>([.. page.Generations.Select(each => rendering.Contract(each, baseUrl))], next);
        return JsonSerializer.SerializeToUtf8Bytes(contract, GenerationJsonContext.Answers.GenerationPage);
    }

    // An empty value, as a form sends it, means no filter.
    private static string? Text(StringValues value) => value is [{ Length: > 0 } text, ..] ? text : null;

    /// <summary>Resolves aliases and page addresses, which rows don't have. A filter that no row can match is a typo.</summary>
    private static string? Model(StringValues value, ModelGuide models, MemberErrors errors)
    {
        if (Text(value) is not { } text)
            return null;
        try
        {
            return models.NameOf(text);
        }
        catch (GenApiException refusal) when (refusal.Kind is ErrorKind.InvalidRequest or ErrorKind.UnknownModel)
        {
            errors.Add("model", refusal.Errors.Values.First()[0]);
            return null;
        }
    }

    private static GenerationStatus? Status(StringValues value, MemberErrors errors)
    {
        if (Text(value) is not { } text)
            return null;
        foreach (var status in Enum.GetValues<GenerationStatus>())
        {
            if (status.Word() == text)
                return status;
        }
        var words = string.Join(", ", Enum.GetValues<GenerationStatus>().Select(each => each.Word()));
        errors.Add("status", $"'status' must be one of {words}; it is \"{MemberErrors.Shorten(text)}\".");
        return null;
    }

    private static DateTimeOffset? Time(IQueryCollection parameters, string name, MemberErrors errors)
    {
        if (Text(parameters[name]) is not { } text)
            return null;
        if (Rfc3339.TryParseQuery(text, out var time))
            return time;
        errors.Add(name, $"'{name}' must be an RFC 3339 time such as 2026-01-31T12:00:00Z; it is \"{MemberErrors.Shorten(text)}\".");
        return null;
    }

    private static bool? Flag(IQueryCollection parameters, string name, MemberErrors errors)
    {
        if (Text(parameters[name]) is not { } text)
            return null;
        if (text is "true" or "false")
            return text == "true";
        errors.Add(name, $"'{name}' must be true or false; it is \"{MemberErrors.Shorten(text)}\".");
        return null;
    }

    private static string? Words(StringValues value, MemberErrors errors)
    {
        if (Text(value) is not { } text || string.IsNullOrWhiteSpace(text))
            return null;
        // SQLite would read the search only up to this character and report a syntax error.
        if (text.Contains('\0', StringComparison.Ordinal))
            errors.Add("q", "'q' holds U+0000, which is not text.");
        if (Characters.AreAtMost(text, LongestWords))
            return text;
        errors.Add("q", $"'q' has at most {LongestWords} characters; there are {Characters.Count(text)}.");
        return null;
    }
}
