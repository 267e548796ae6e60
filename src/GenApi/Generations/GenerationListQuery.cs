using System.Text.Json;
using GenApi.Core.Generations;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using GenApi.Hosting.Requests;
using Microsoft.OpenApi;

namespace GenApi.Generations;

/// <summary>Reads the parameters of GET /generations strictly: a filter with a typo would list everything.</summary>
internal static class GenerationListQuery
{
    public static IReadOnlyList<QueryParameter> Parameters { get; } =
    [
        QueryParameter.Of("status", new WordsAttribute("GenerationStatus", typeof(GenerationStatus)), "Only generations with this status."),
        QueryParameter.Text("model", "Only generations of this model: an alias, `owner/name`, or the address of the model's page. A "
            + "version does not narrow the list."),
        QueryParameter.Text("created_after", "Only generations created at this RFC 3339 time or later."),
        QueryParameter.Text("created_before", "Only generations created before this RFC 3339 time."),
        ListFilters.WordsParameter,
        QueryParameter.Text(
            "end_user", "Only generations that were made for this person, by its `user` or header; without the right `admin`, only those "
            + "that the account made itself."),
        new("pinned", JsonSchemaType.Boolean, "`true`: only pinned generations. `false`: only the others."),
        new("short", JsonSchemaType.Boolean, "`true`: only the beginning of each data URI in `input` (`data:image/png;base64,…`), as in "
            + "webhooks. Such an `input` can't be posted again. Absent: `false`."),
        .. PageParameters.Both,
    ];

    /// <returns>The query, and whether rows leave out the files that their inputs hold as data URIs.</returns>
    /// <exception cref="Core.Errors.GenApiException">InvalidRequest, with all errors.</exception>
    public static (GenerationQuery Query, bool IsShort) Read(IQueryCollection parameters, PageCursors cursors, ModelGuide models)
    {
        var errors = new MemberErrors();
        PageParameters.CheckNames(parameters, Parameters, errors);
        var query = new GenerationQuery
        {
            Status = Status(parameters, errors),
            Model = ListFilters.Model(parameters, models, errors),
            CreatedAfter = ListFilters.Time(parameters, "created_after", errors),
            CreatedBefore = ListFilters.Time(parameters, "created_before", errors),
            Words = ListFilters.Words(parameters, errors),
            EndUser = ListFilters.Text(parameters, "end_user"),
            IsPinned = ListFilters.Flag(parameters, "pinned", errors),
            Limit = PageParameters.Limit(parameters, errors),
            Cursor = PageParameters.Cursor(parameters, cursors, errors) is { } cursor ? new(cursor.At, cursor.Number) : null,
        };
        var isShort = ListFilters.Flag(parameters, "short", errors) ?? false;
        errors.ThrowIfAny();
        return (query, isShort);
    }

    public static byte[] Render(
        GenerationPage page, bool isShort, GenerationRendering rendering, PageCursors cursors, HttpRequest request)
    {
        var next = page.Next is { } cursor ? cursors.Encode(cursor.CreatedAt, cursor.Number) : null;
        var rows = page.Generations.Select(each => rendering.Contract(each, request));
        if (isShort)
            rows = rows.Select(GenerationRendering.WithoutFiles);
        var contract = new CursorPage<GenerationContract>([.. rows], next);
        return JsonSerializer.SerializeToUtf8Bytes(contract, GenerationJsonContext.Answers.GenerationPage);
    }

    private static GenerationStatus? Status(IQueryCollection parameters, MemberErrors errors)
    {
        if (ListFilters.Text(parameters, "status") is not { } text)
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
}
