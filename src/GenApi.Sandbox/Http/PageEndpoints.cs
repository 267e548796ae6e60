using System.Net;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using GenApi.Sandbox.Predictions;

namespace GenApi.Sandbox.Http;

/// <summary>Serves the targets of <c>urls.web</c> and <c>urls.stream</c>.</summary>
internal static class PageEndpoints
{
    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/p/{id}", ShowAsync);
        routes.MapGet("/v1/files/{id}/stream", StreamAsync);
        routes.MapGet("/v1/streams/{id}", StreamAsync);
    }

    private static IResult ShowAsync(string id, PredictionBook book, TimeProvider time)
    {
        if (book.Find(id) is not { } prediction)
            return Answers.NotFound;
        var json = Encoding.UTF8.GetString(PredictionJson.Write(prediction, PredictionView.Full, time.GetUtcNow()));
        var page = new StringBuilder($"<!doctype html><meta charset=\"utf-8\"><title>{id}</title><body style=\"font-family:sans-serif\">");
        foreach (var link in Links(prediction))
            page.Append($"<img src=\"{WebUtility.HtmlEncode(link)}\" style=\"max-width:100%\">");
        page.Append($"<pre style=\"white-space:pre-wrap\">{WebUtility.HtmlEncode(json)}</pre>");
        return new BodyAnswer(200, Encoding.UTF8.GetBytes(page.ToString()), "text/html; charset=utf-8");
    }

    private static async Task StreamAsync(string id, HttpContext http, PredictionBook book)
    {
        if (book.Find(id) is not { } prediction)
        {
            await Answers.NotFound.ExecuteAsync(http);
            return;
        }
        http.Response.ContentType = MediaTypeNames.Text.EventStream;
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsync(": hi\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        await prediction.Ended.WaitAsync(http.RequestAborted);
        var number = 0;
        foreach (var link in Links(prediction))
        {
            var eventId = $"{prediction.CompletedAt?.ToUnixTimeSeconds()}:{number++}";
            var data = link.ReplaceLineEndings("\ndata: ");
            await http.Response.WriteAsync($"event: output\nid: {eventId}\ndata: {data}\n\n", http.RequestAborted);
        }
        if (prediction.Status == PredictionStatus.Failed)
            await http.Response.WriteAsync(
                $"event: error\ndata: {JsonSerializer.Serialize(new { detail = prediction.Error })}\n\n", http.RequestAborted);
        var reason = prediction.Status switch
        {
            PredictionStatus.Succeeded => "{}",
            PredictionStatus.Failed => """{"reason":"error"}""",
            _ => """{"reason":"canceled"}""",
        };
        await http.Response.WriteAsync($"event: done\ndata: {reason}\n\n", http.RequestAborted);
    }

    /// <summary>Returns the texts of an output, at any depth: links of files, or words.</summary>
    private static IReadOnlyList<string> Links(Prediction prediction)
    {
        string? output;
        lock (prediction.Gate)
            output = prediction.Output;
        if (output is null)
            return [];
        using var document = JsonDocument.Parse(output);
        return [.. Texts(document.RootElement)];
    }

    private static IEnumerable<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Texts(member.Value)),
        _ => [],
    };
}
