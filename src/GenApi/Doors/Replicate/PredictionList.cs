using GenApi.Accounts;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Service;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using GenApi.Hosting.Requests;

namespace GenApi.Doors.Replicate;

/// <summary>
/// GET /predictions: lists the caller's generations, newest first, whichever way they were made. The addresses of the next and the previous
/// page are absolute, because clients follow them as they are.
/// </summary>
internal sealed class PredictionList(GenerationService service, PredictionJson predictions, PageCursors cursors)
{
    private const int RowsOfPage = 100;
    private const string After = "created_after", Before = "created_before", Source = "source", FromWeb = "web",
        Backward = "backward";

    private static readonly IReadOnlyList<QueryParameter> Known =
    [
        QueryParameter.Text(After, ""), QueryParameter.Text(Before, ""), QueryParameter.Text(Source, ""),
        QueryParameter.Text(PageParameters.CursorName, ""), QueryParameter.Text(Backward, ""),
    ];

    public async Task ListAsync(HttpContext context)
    {
        var parameters = context.Request.Query;
        var query = Read(parameters) with { Account = context.Caller().VisibleAccount };
        // Nothing is made by Replicate's website here.
        var page = ListFilters.Text(parameters, Source) is not null
            ? new GenerationPage([], null)
            : await service.ListAsync(query, context.RequestAborted);
        var baseUrl = CallerAddress.Of(context.Request);
        using var body = new DoorBody();
        var json = body.Json;
        json.WriteStartObject();
        json.WriteString("previous", Address(baseUrl, parameters, page.Previous, isBackward: true));
        json.WriteString("next", Address(baseUrl, parameters, page.Next, isBackward: false));
        json.WriteStartArray("results");
        foreach (var details in page.Generations)
            predictions.Write(json, details, PredictionView.Row, baseUrl);
        json.WriteEndArray();
        json.WriteEndObject();
        context.Response.Headers.CacheControl = "no-store";
        await body.WriteAsync(context);
    }

    /// <exception cref="Core.Errors.GenApiException">InvalidRequest, with all errors.</exception>
    private GenerationQuery Read(IQueryCollection parameters)
    {
        var errors = new MemberErrors();
        PageParameters.CheckNames(parameters, Known, errors);
        if (ListFilters.Text(parameters, Source) is { } source && source != FromWeb)
            errors.Add(Source, $"'{Source}' must be {FromWeb}; it is \"{MemberErrors.Shorten(source)}\".");
        var query = new GenerationQuery
        {
            CreatedAfter = ListFilters.Time(parameters, After, errors),
            CreatedBefore = ListFilters.Time(parameters, Before, errors),
            Limit = RowsOfPage,
            Cursor = PageParameters.Cursor(parameters, cursors, errors) is { } cursor ? new(cursor.At, cursor.Number) : null,
            IsBackward = ListFilters.Flag(parameters, Backward, errors) ?? false,
        };
        errors.ThrowIfAny();
        return query;
    }

    private string? Address(string baseUrl, IQueryCollection parameters, GenerationCursor? cursor, bool isBackward)
    {
        if (cursor is not { } at)
            return null;
        var query = QueryString.Create(
        [
            .. parameters.Where(each => each.Key is After or Before)
                .Select(each => KeyValuePair.Create<string, string?>(each.Key, each.Value)),
            KeyValuePair.Create<string, string?>(PageParameters.CursorName, cursors.Encode(at.CreatedAt, at.Number)),
            .. isBackward ? [KeyValuePair.Create<string, string?>(Backward, "true")] : Array.Empty<KeyValuePair<string, string?>>(),
        ]);
        return $"{baseUrl}{ReplicateDoor.Root}/predictions{query}";
    }
}
