using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Files;
using GenApi.Sandbox.Models;
using GenApi.Sandbox.Predictions;

namespace GenApi.Sandbox.Http;

/// <summary>A fault switch in its HTTP form.</summary>
internal sealed record FaultSetting
{
    public int? Id { get; init; }
    public required FaultKind Kind { get; init; }

    /// <summary>Absent: once. Null: always.</summary>
    public int? Times { get; init; } = 1;
    public int? Used { get; init; }
    public string? Model { get; init; }
    public double? DelaySeconds { get; init; }
    public int? Status { get; init; }
    public string? Text { get; init; }
    public int? Count { get; init; }
    public bool Accept { get; init; }
    public ThrottleForm Form { get; init; }

    public static FaultSetting Of(Fault fault) => new()
    {
        Id = fault.Id,
        Kind = fault.Kind,
        Times = fault.Times,
        Used = fault.Used,
        Model = fault.Model,
        DelaySeconds = fault.Delay?.TotalSeconds,
        Status = fault.Status,
        Text = fault.Text,
        Count = fault.Count,
        Accept = fault.Accept,
        Form = fault.Form,
    };

    public Fault ToFault() => new(Kind)
    {
        Times = Times,
        Model = Model,
        Delay = DelaySeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        Status = Status,
        Text = Text,
        Count = Count,
        Accept = Accept,
        Form = Form,
    };
}

/// <summary>Controls a sandbox in another process: its fault switches and its counts. A tool for tests, it needs no token.</summary>
internal static class ControlEndpoints
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    public static void MapControl(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sandbox/faults", (Faults faults) => Show(faults));
        routes.MapPost("/sandbox/faults", (HttpContext http, Faults faults) => AddAsync(http, faults, replace: false));
        routes.MapPut("/sandbox/faults", (HttpContext http, Faults faults) => AddAsync(http, faults, replace: true));
        routes.MapDelete("/sandbox/faults", (Faults faults) =>
        {
            faults.Clear();
            return Results.NoContent();
        });
        routes.MapDelete("/sandbox/faults/{id:int}", (int id, Faults faults) => faults.Remove(id) ? Results.NoContent() : Answers.NotFound);
        routes.MapPost("/sandbox/faults/{id:int}/release", (int id, Faults faults) =>
        {
            if (faults.All.FirstOrDefault(f => f.Id == id) is not { } fault)
                return Answers.NotFound;
            fault.Release();
            return Show(faults);
        });
        routes.MapGet("/sandbox/stats", Stats);
        routes.MapPost("/sandbox/reset", Reset);
    }

    /// <summary>PUT replaces the switches and POST adds to them. Both accept one switch or a list.</summary>
    private static async Task<IResult> AddAsync(HttpContext http, Faults faults, bool replace)
    {
        FaultSetting[] settings;
        try
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, default, http.RequestAborted);
            settings = body.RootElement.ValueKind == JsonValueKind.Array
                ? body.RootElement.Deserialize<FaultSetting[]>(Json)!
                : [body.RootElement.Deserialize<FaultSetting>(Json)!];
        }
        catch (JsonException e)
        {
            var kinds = string.Join(", ", Enum.GetNames<FaultKind>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName));
            return Answers.Problem(400, "Bad request", $"{e.Message} Kinds: {kinds}.");
        }
        if (replace)
            faults.Clear();
        foreach (var setting in settings)
            faults.Add(setting.ToFault());
        return Show(faults);
    }

    private static BodyAnswer Show(Faults faults) =>
        new BodyAnswer(200, JsonSerializer.SerializeToUtf8Bytes(faults.All.Select(FaultSetting.Of), Json));

    private static BodyAnswer Stats(SandboxStats stats) => new BodyAnswer(200, JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            stats.Creations,
            stats.CreationAttempts,
            stats.Gets,
            stats.Lists,
            stats.Cancels,
            stats.Downloads,
            stats.Webhooks,
            stats.UploadAttempts,
            Uploads = stats.UploadedFiles,
            stats.ThrottledCalls,
            stats.MostCreationsInAMinute,
            stats.MostOthersInAMinute,
            Created = stats.CreatedIds.Select(id => new { Id = id, Looks = stats.PollsOf(id) }),
            CreationRequests = stats.CreationRequests.Select(
                r => new { r.Path, r.Body, Headers = WithoutToken(r.Headers), r.At, r.PredictionId }),
            DownloadRequests = stats.DownloadRequests.Select(r => new { r.Path, Headers = WithoutToken(r.Headers), r.At }),
        },
        Json));

    private static IResult Reset(
        Faults faults, SandboxStats stats, PredictionBook book, PredictionEngine engine, UploadedFiles uploads, Trainings trainings,
        Deployments deployments, ModelShelf models)
    {
        faults.Clear();
        foreach (var prediction in book.Clear())
            engine.Cancel(prediction);
        trainings.Clear();
        deployments.Clear();
        models.Clear();
        uploads.Clear();
        stats.Reset();
        return Results.NoContent();
    }

    /// <summary>Shows that there was a token, but not which: a sandbox may receive the real one by mistake.</summary>
    private static Dictionary<string, string> WithoutToken(IReadOnlyDictionary<string, string> headers) =>
        headers.ToDictionary(h => h.Key, h => h.Key == "authorization" ? h.Value.Split(' ')[0] + " …" : h.Value);
}
