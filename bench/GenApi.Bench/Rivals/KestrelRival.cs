using System.Text.Json;
using System.Text.Json.Serialization;

namespace GenApi.Bench.Rivals;

/// <summary>The members of a POST /generate that the measurements use.</summary>
internal sealed record RivalRequest(string Prompt, string? Model, int? Width, int? Height, long? Seed);

internal sealed record RivalImage(
    string? Id, string? Url, int Index, string? ContentType, int Width, int Height, long Bytes, string? Sha256);

internal sealed record RivalTiming(
    double? QueuedSeconds, double? StartingSeconds, double? PredictSeconds, double? StoringSeconds, double? TotalSeconds, bool? ColdStart);

internal sealed record RivalUrls(string? Self, string? Events, string? Cancel, string? Logs);

/// <summary>An answer in the shape of a generation.</summary>
internal sealed record RivalAnswer
{
    public string? Id { get; init; }
    public string? Status { get; init; }
    public string? Model { get; init; }
    public string? Version { get; init; }
    public string? Upstream { get; init; }
    public string? PredictionId { get; init; }
    public JsonElement Input { get; init; }
    public long? Seed { get; init; }
    public IReadOnlyList<RivalImage>? Images { get; init; }
    public RivalTiming? Timing { get; init; }
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? CompletedAt { get; init; }
    public RivalUrls? Urls { get; init; }

    /// <summary>Padding for members of a generation that this record lacks.</summary>
    public string? Filler { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RivalRequest))]
[JsonSerializable(typeof(RivalAnswer))]
internal sealed partial class RivalJsonContext : JsonSerializerContext;

/// <summary>
/// The minimal server for the same requests: a minimal API on Kestrel that reads the body into a record and writes a record of the size of
/// GenApi's answer, with source-generated JSON, without logging, lookup or store.
/// </summary>
internal static class KestrelRival
{
    public const string ETag = "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"";

    public static async Task<int> RunAsync(string url, string answerFile)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, RivalJsonContext.Default);
        });
        var app = builder.Build();
        var answer = OfSize(await File.ReadAllBytesAsync(answerFile));
        app.MapGet("/ready", () => Results.Ok());
        app.MapPost("/generate", (RivalRequest request) => answer with { Seed = request.Seed });
        app.MapGet("/x", (HttpContext http) =>
        {
            if (http.Request.Headers.IfNoneMatch != ETag)
                return Results.StatusCode(StatusCodes.Status412PreconditionFailed);
            http.Response.Headers.ETag = ETag;
            return Results.StatusCode(StatusCodes.Status304NotModified);
        });
        await app.RunAsync();
        return 0;
    }

    private static RivalAnswer OfSize(byte[] json)
    {
        var answer = JsonSerializer.Deserialize(json, RivalJsonContext.Default.RivalAnswer)! with { Filler = "" };
        var missing = json.Length - JsonSerializer.SerializeToUtf8Bytes(answer, RivalJsonContext.Default.RivalAnswer).Length;
        return answer with { Filler = new string('x', Math.Max(0, missing)) };
    }
}
