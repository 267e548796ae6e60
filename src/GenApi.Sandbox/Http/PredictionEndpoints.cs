using System.Globalization;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Models;
using GenApi.Sandbox.Predictions;

namespace GenApi.Sandbox.Http;

internal static class PredictionEndpoints
{
    public static void MapPredictions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(
            "/v1/predictions", (HttpContext http, PredictionCreation creation) => creation.HandleAsync(http, null, byVersion: true));
        routes.MapPost(
            "/v1/models/{owner}/{name}/predictions",
            (string owner, string name, HttpContext http, PredictionCreation creation, ModelShelf models) =>
                creation.HandleAsync(
                    http, models.Find(owner, name) is { Official: true } model ? (model, model.Versions[0]) : null, byVersion: false));
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
        if (!Cursors.TryRead(http.Request, out var below, out var above))
            return Cursors.Invalid;

        var fault = faults.Matching(null, FaultKind.ListWithoutInput, FaultKind.ListError).FirstOrDefault(f => f.TryUse());
        if (fault?.Kind == FaultKind.ListError)
            return Answers.Problem(fault.Status ?? 500, null, fault.Text ?? "Internal server error");
        // Every prediction here comes from the API; the only other source is the web page.
        var none = fault?.Kind == FaultKind.ListEmpty || query["source"] == "web";
        var (rows, older, newer) = book.Page(
            Cursors.PageSize, below, above, p => !none && !(p.CreatedAt < after) && !(p.CreatedAt >= before));
        var view = fault?.Kind == FaultKind.ListWithoutInput ? PredictionView.BareRow : PredictionView.Row;

        return Cursors.Page(http.Request, rows.Count > 0 ? (rows[0].Number, rows[^1].Number) : null, older, newer, json =>
        {
            foreach (var prediction in rows)
                PredictionJson.Write(json, prediction, view, time.GetUtcNow());
        });
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
