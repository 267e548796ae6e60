using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GenApi.Tests.Uploads;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Replicate;

/// <summary>
/// Makes an image for every prompt that is a number, and reports whatever the draw of that number holds: absurd times, numbers, logs,
/// depths and texts, next to the address of an existing image.
/// </summary>
internal sealed partial class HostileUpstream : IAsyncDisposable
{
    private const string OddModel =
        """{"owner":"acme","name":"painter","is_official":true,"run_count":-5,"cover_image_url":"javascript:1","latest_version":"""
        + """{"id":"../v"}}""";

    private const int LooksBeforeTheEnd = 2;

    private static readonly byte[] Picture = InputPictures.Plain(16, 16);

    private readonly ConcurrentDictionary<string, string> _inputs = new();
    private readonly ConcurrentDictionary<string, int> _looks = new();
    private ScriptedServer? _server;

    public Uri BaseUrl => _server!.BaseUrl;

    public int Creations => _inputs.Count;

    public static async Task<HostileUpstream> StartAsync()
    {
        var upstream = new HostileUpstream();
        upstream._server = await ScriptedServer.StartAsync(upstream.AnswerAsync);
        return upstream;
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var id = path[(path.LastIndexOf('/') + 1)..];
        if (path.StartsWith("/files/", StringComparison.Ordinal))
            return WriteAsync(context, Picture, "image/png");
        if (HttpMethods.IsPost(context.Request.Method))
            return CreateAsync(context);
        if (path.EndsWith("/v1/predictions", StringComparison.Ordinal))
            return ListAsync(context);
        return path.StartsWith("/v1/predictions/", StringComparison.Ordinal)
            ? LookAsync(context, id)
            : WriteAsync(context, Encoding.UTF8.GetBytes(OddModel), "application/json");
    }

    private Task CreateAsync(HttpContext context)
    {
        var input = JsonDocument.Parse(SeenRequest.Of(context).Body).RootElement.GetProperty("input");
        var draw = input.GetProperty("prompt").GetString()!;
        _inputs[$"p{draw}"] = input.GetRawText();
        return IsLost(draw)
            ? WriteAsync(
                context, Encoding.UTF8.GetBytes(
                    $$"""{"input":{{input.GetRawText()}},"id":"../../account","status":"starting"}"""), "application/json")
            : WriteAsync(
                context, HostileAnswers.Of(draw, $"p{draw}", "\"starting\"", input.GetRawText(), "null"), HostileAnswers.TypeOf(draw));
    }

    private Task ListAsync(HttpContext context)
    {
        var rows = _inputs.Select(
            pair => $$"""{"input":{{pair.Value}},"id":"{{pair.Key}}","status":"processing","created_at":"0001-01-01T00:00:00Z"}""");
        var page = $$"""{"next":null,"previous":17,"results":[null,{"id":null},{"id":"a/../b","input":"""
            + $$"""null},{"id":"{{new string('x', 100_000)}}"},{{string.Join(',', rows)}}]}""";
        return WriteAsync(context, Encoding.UTF8.GetBytes(page), "application/json");
    }

    private Task LookAsync(HttpContext context, string id)
    {
        var draw = Digits().Match(id).Value;
        var ended = _looks.AddOrUpdate(id, 1, (_, looks) => looks + 1) > LooksBeforeTheEnd;
        var output = ended ? HostileAnswers.OutputOf(draw, $"{BaseUrl}files/{id}.png") : "null";
        return WriteAsync(
            context, HostileAnswers.Of(
                draw, id, ended
                ? "\"succeeded\""
                : HostileAnswers.StatusOf(draw), _inputs[id], output, IsLost(draw)), HostileAnswers.TypeOf(draw));
    }

    /// <summary>
    /// Its creation gets an answer without a usable id, so the prediction is found in the list. A prediction from long before the request
    /// would be another caller's.
    /// </summary>
    private static bool IsLost(string draw) => int.Parse(draw, System.Globalization.CultureInfo.InvariantCulture) % 25 == 24;

    private static async Task WriteAsync(HttpContext context, byte[] body, string type)
    {
        context.Response.Headers.ContentType = type;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();
}
