using System.Text;
using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Models;
using GenApi.Sandbox.Predictions;

namespace GenApi.Sandbox.Http;

/// <summary>Creates predictions: read, check, accept, answer, with the fault switches in between.</summary>
internal sealed class PredictionCreation(
    TimeProvider time, PredictionLedger ledger, CreationFaults faults, SandboxStats stats, ModelShelf models)
{
    /// <param name="http">The request.</param>
    /// <param name="named">What the path names; null: nothing that runs by its name, or the body names a version.</param>
    /// <param name="byVersion">Whether the body must name a version on this route.</param>
    /// <param name="deployment">The deployment that the path names, <c>owner/name</c>; null: none.</param>
    public async Task<IResult> HandleAsync(
        HttpContext http, (ModelDefinition Model, ModelVersion Version)? named, bool byVersion, string? deployment = null)
    {
        stats.Attempted();
        var text = await ReadAsync(http.Request);
        Prediction? made = null;
        try
        {
            return await CreateAsync(http, text, named, byVersion, deployment, prediction => made = prediction);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has left. An accepted prediction runs on; any other is never made.
            return Results.Empty;
        }
        finally
        {
            var headers = http.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString());
            stats.Recorded(new RecordedCreation(http.Request.Path, text, headers, time.GetUtcNow(), made?.Id));
        }
    }

    private async Task<IResult> CreateAsync(
        HttpContext http, string text, (ModelDefinition Model, ModelVersion Version)? named, bool byVersion, string? deployment,
        Action<Prediction> accepted)
    {
        using var body = Parse(text);
        var target = byVersion
            ? body is null || CreationBody.PeekVersion(body.RootElement) is not { } version ? null : models.Resolve(version)
            : named;
        if (await faults.BeforeAsync(target?.Model.FullName, http.RequestAborted) is { } refusal)
            return refusal;
        if (!byVersion && named is null)
            return Answers.NotFound;
        if (body is null)
            return Answers.Problem(400, "Bad request", "The request body is not valid JSON.");

        var problems = new List<InvalidField>();
        var request = CreationBody.Read(body.RootElement, byVersion ? CreationBody.VersionMember : null, problems);
        if (request is null)
            return Answers.InvalidInput(problems);
        if (target is not { } found)
            return Answers.UnknownVersion;
        problems = InputValidation.Check(found.Model, request.Input);
        if (problems.Count > 0)
            return Answers.InvalidInput(problems);
        if (!CreationHeaders.TryReadPrefer(http.Request.Headers["Prefer"], out var wait))
            return Answers.Problem(400, "Bad request", "Prefer: wait takes a number of seconds from 1 to 99.");
        if (!CreationHeaders.TryReadCancelAfter(http.Request.Headers["Cancel-After"], out var cancelAfter))
            return Answers.Problem(400, "Bad request", "Cancel-After takes a duration from 5 seconds to 24 hours.");

        var prediction = ledger.Accept(
            found.Model, found.Version, request, AddressOf(http), cancelAfter, faults.OfRun(found.Model.FullName), deployment);
        accepted(prediction);
        return await AnswerAsync(http, prediction, wait);
    }

    private async Task<IResult> AnswerAsync(HttpContext http, Prediction prediction, TimeSpan? wait)
    {
        // The answer is written before the clock starts: even at full speed it says starting.
        var answer = PredictionJson.Write(prediction, PredictionView.Created, time.GetUtcNow());
        ledger.Begin(prediction);
        if (wait is { } patience)
        {
            await WaitAsync(prediction, patience, http.RequestAborted);
            http.Response.Headers["Preference-Applied"] = http.Request.Headers["Prefer"].ToString().Contains('=', StringComparison.Ordinal)
                ? $"wait={(int)patience.TotalSeconds}"
                : "wait";
            answer = PredictionJson.Write(prediction, PredictionView.Created, time.GetUtcNow());
        }
        answer = [.. answer, (byte)'\n'];
        return await faults.AfterAsync(prediction.Model.FullName, answer, http.RequestAborted) ?? new BodyAnswer(201, answer);
    }

    private async Task WaitAsync(Prediction prediction, TimeSpan patience, CancellationToken ct)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(prediction.FilesThere, Task.Delay(patience, time, ended.Token));
        await ended.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }

    private static string AddressOf(HttpContext http) => $"{http.Request.Scheme}://{http.Request.Host}";

    private static async Task<string> ReadAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        return await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
    }

    private static JsonDocument? Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
