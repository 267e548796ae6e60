using System.Globalization;
using System.Text;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Models;
using GenApi.Sandbox.Predictions;

namespace GenApi.Sandbox.Http;

internal static class PredictionEndpoints
{
    private const int PageSize = 100;

    public static void MapPredictions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(
            "/v1/predictions", (HttpContext http, PredictionCreation creation) => creation.HandleAsync(http, null, byVersion: true));
        routes.MapPost(
            "/v1/models/{owner}/{name}/predictions",
            (string owner, string name, HttpContext http, PredictionCreation creation) =>
                creation.HandleAsync(http, Catalogue.Find(owner, name), byVersion: false));
        routes.MapGet("/v1/predictions", List);
        routes.MapGet("/v1/predictions/{id}", GetAsync);
        routes.MapPost("/v1/predictions/{id}/cancel", Cancel);
    }

    private static async Task<IResult> GetAsync(
        string id, HttpContext http, PredictionBook book, Faults faults, SandboxStats stats, TimeProvider time)
    {
        var prediction = book.Find(id);
        stats.Polled(id, prediction is not null);
        foreach (var fault in faults.Matching(prediction?.Model.FullName, FaultKind.GetError, FaultKind.GetBadJson))
        {
            if (!fault.TryUse())
                continue;
            switch (fault.Kind)
            {
                case FaultKind.GetError:
                    return Answers.Problem(fault.Status ?? 500, null, fault.Text ?? "Internal server error");
                case FaultKind.GetReset:
                    return new ResetAnswer();
                case FaultKind.GetThrottled:
                    return Answers.Throttled(fault.Delay ?? TimeSpan.FromSeconds(1), fault.Form);
                case FaultKind.GetHtml:
                    return Answers.Html(fault.Status ?? 502);
                case FaultKind.GetNotFound:
                    return Answers.NotFound;
                case FaultKind.GetBadJson when prediction is not null:
                    return Answers.Broken(200, PredictionJson.Write(prediction, PredictionView.Full, time.GetUtcNow()));
                case FaultKind.GetSlow:
                    await fault.HoldAsync(time, http.RequestAborted);
                    break;
            }
        }
        return prediction is null ? Answers.NotFound : Show(prediction, time);
    }

    private static IResult Cancel(
        string id, PredictionBook book, PredictionEngine engine, Faults faults, SandboxStats stats, TimeProvider time)
    {
        stats.Canceled();
        if (book.Find(id) is not { } prediction)
            return Answers.NotFound;
        var fault =
            faults.Matching(prediction.Model.FullName, FaultKind.CancelError, FaultKind.CancelIgnored).FirstOrDefault(f => f.TryUse());
        if (fault?.Kind == FaultKind.CancelError)
            return Answers.Problem(fault.Status ?? 500, null, fault.Text ?? "Internal server error");
        if (fault is null)
            engine.Cancel(prediction);
        return Show(prediction, time);
    }

    private static BodyAnswer Show(Prediction prediction, TimeProvider time) =>
        new BodyAnswer(200, (byte[])[.. PredictionJson.Write(prediction, PredictionView.Full, time.GetUtcNow()), (byte)'\n']);

    private static IResult List(HttpContext http, PredictionBook book, Faults faults, SandboxStats stats, TimeProvider time)
    {
        stats.Listed();
        var query = http.Request.Query;
        if (!TryReadTime(query["created_after"], out var after) || !TryReadTime(query["created_before"], out var before))
            return Answers.Problem(400, "Bad request", "created_after and created_before take ISO 8601 times.");
        if (!TryReadCursor(query["cursor"], out var below, out var above))
            return Answers.Problem(400, "Bad request", "Invalid cursor");

        var fault = faults.Matching(null, FaultKind.ListWithoutInput, FaultKind.ListError).FirstOrDefault(f => f.TryUse());
        if (fault?.Kind == FaultKind.ListError)
            return Answers.Problem(fault.Status ?? 500, null, fault.Text ?? "Internal server error");
        // Every prediction here comes from the API; the only other source is the web page.
        var none = fault?.Kind == FaultKind.ListEmpty || query["source"] == "web";
        var (rows, older, newer) = book.Page(PageSize, below, above, p => !none && !(p.CreatedAt < after) && !(p.CreatedAt >= before));
        var view = fault?.Kind == FaultKind.ListWithoutInput ? PredictionView.BareRow : PredictionView.Row;

        return Answers.Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("next", older ? PageUrl(http.Request, $"b={rows[^1].Number}") : null);
            json.WriteString("previous", newer && rows.Count > 0 ? PageUrl(http.Request, $"a={rows[0].Number}") : null);
            json.WriteStartArray("results");
            foreach (var prediction in rows)
                PredictionJson.Write(json, prediction, view, time.GetUtcNow());
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>Encodes a cursor. Callers follow it but do not read it, hence base64 as at Replicate.</summary>
    private static string PageUrl(HttpRequest request, string position)
    {
        var others = request.Query.Where(q => q.Key != "cursor").SelectMany(q => q.Value, (q, v) => KeyValuePair.Create(q.Key, v));
        var query = QueryString.Create(
            [KeyValuePair.Create("cursor", (string?)Convert.ToBase64String(Encoding.ASCII.GetBytes(position))), .. others]);
        return $"{request.Scheme}://{request.Host}{request.Path}{query}";
    }

    private static bool TryReadCursor(string? cursor, out long? below, out long? above)
    {
        below = above = null;
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

    private static bool TryReadTime(string? text, out DateTimeOffset? time)
    {
        time = null;
        if (string.IsNullOrEmpty(text))
            return true;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
            return false;
        time = parsed;
        return true;
    }
}
