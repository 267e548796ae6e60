using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Files;
using GenApi.Sandbox.Models;

namespace GenApi.Sandbox.Predictions;

/// <summary>
/// Walks a prediction through its life: starting, processing, an end, and the removal of its data. Every step is an entry of the schedule.
/// Only the painter computes, and it runs in the background.
/// </summary>
internal sealed class PredictionEngine(SandboxOptions options, TimeProvider time, OutputFiles files, WebhookSender webhooks) : IDisposable
{
    private static readonly TimeSpan QueueTime = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan LogInterval = TimeSpan.FromMilliseconds(500);

    private readonly Schedule _schedule = new(time);
    private readonly WarmModels _warm = new(options);
    private readonly CancellationTokenSource _stopping = new();

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Starts the clock of an accepted prediction.</summary>
    public void Begin(Prediction prediction)
    {
        var now = prediction.CreatedAt;
        if (prediction.Deadline is { } deadline)
            _schedule.At(deadline, at => Stop(prediction, at, late: true));
        if (prediction.Plan is { Aborts: true })
            _schedule.At(now + options.Pace(TimeSpan.FromSeconds(0.3)), at => Stop(prediction, at, late: true));
        else
            _schedule.At(_warm.StartOf(prediction.Model, now) + options.Pace(QueueTime), at => Start(prediction, at));
    }

    /// <summary>Cancels a prediction that has not ended.</summary>
    public void Cancel(Prediction prediction) => Stop(prediction, time.GetUtcNow(), late: false);

    public void Dispose()
    {
        _stopping.Cancel();
        _schedule.Dispose();
        _stopping.Dispose();
    }

    private void Start(Prediction prediction, DateTimeOffset at)
    {
        if (prediction.Plan is not { } plan)
            return;
        if (HeldBy(plan, FaultKind.RunHeldStarting, prediction, Start))
            return;
        lock (prediction.Gate)
        {
            if (prediction.HasEnded)
                return;
            prediction.Status = PredictionStatus.Processing;
            prediction.StartedAt = at;
            webhooks.Send(prediction, "start", at);
        }
        foreach (var picture in plan.Pictures)
            files.PaintAhead(picture);
        if (prediction.Webhook?.Events.Contains("logs") == true && plan.Duration > LogInterval)
            _schedule.At(at + LogInterval, tick => TellLogs(prediction, tick));
        if (!plan.Has(FaultKind.RunStuck))
            _schedule.At(at + plan.Duration, end => Finish(prediction, end));
    }

    private void TellLogs(Prediction prediction, DateTimeOffset at)
    {
        lock (prediction.Gate)
        {
            if (prediction.HasEnded)
                return;
            webhooks.Send(prediction, "logs", at);
        }
        _schedule.At(at + LogInterval, tick => TellLogs(prediction, tick));
    }

    private void Finish(Prediction prediction, DateTimeOffset at)
    {
        if (prediction.Plan is not { } plan || HeldBy(plan, FaultKind.RunHeldProcessing, prediction, Finish))
            return;
        if (plan.Error is not null)
        {
            End(prediction, PredictionStatus.Failed, at, plan.Error);
            return;
        }
        if (plan.Has(FaultKind.RunDataUri))
            _ = FinishWithDataUrisAsync(prediction, plan, at);
        else
            Deliver(prediction, plan, at, picture => LinkTo(prediction, picture));
    }

    private async Task FinishWithDataUrisAsync(Prediction prediction, RunPlan plan, DateTimeOffset at)
    {
        var uris = new Dictionary<Painting.Picture, string>();
        foreach (var picture in plan.Pictures)
            uris[picture] = $"data:{picture.ContentType};base64,{Convert.ToBase64String((await files.BytesAsync(picture)).Content)}";
        Deliver(prediction, plan, at, picture => uris[picture]);
    }

    private void Deliver(Prediction prediction, RunPlan plan, DateTimeOffset at, Func<Painting.Picture, string> address)
    {
        lock (prediction.Gate)
        {
            if (prediction.HasEnded)
                return;
            prediction.Output = prediction.Model.OutputTemplate is { } template && !plan.Has(FaultKind.RunEmpty)
                ? FromTemplate(prediction, template, plan, address)
                : OutputOf(prediction.Model, plan, address);
            if (prediction.Output is not null)
                webhooks.Send(prediction, "output", at);
        }
        if (plan.Fault(FaultKind.RunEarlyOutput) is { } early)
        {
            prediction.SignalFiles();
            Hold(early, later => End(prediction, PredictionStatus.Succeeded, later, null));
        }
        else
        {
            End(prediction, PredictionStatus.Succeeded, at, null);
        }
    }

    private static string? OutputOf(ModelDefinition model, RunPlan plan, Func<Painting.Picture, string> address)
    {
        if (plan.Pictures.Count == 0)
            return model.Output == OutputShape.ListOfFiles && plan.Has(FaultKind.RunFewer) ? "[]" : null;
        var addresses = plan.Pictures.Select(address).ToArray();
        if (plan.Has(FaultKind.RunNested))
            return new JsonArray(
                [.. addresses.Select(a => (JsonNode)new JsonObject { ["file"] = a, ["text"] = plan.Prompt })]).ToJsonString();
        if (plan.Has(FaultKind.RunStrange))
            return """["not a link",42,null,{"note":"no file here"}]""";
        return model.Output == OutputShape.SingleFile ? JsonSerializer.Serialize(addresses[0]) : JsonSerializer.Serialize(addresses);
    }

    private string FromTemplate(Prediction prediction, string template, RunPlan plan, Func<Painting.Picture, string> address)
    {
        var output = JsonNode.Parse(template)!;
        return (Filled(output) ?? "null").ToJsonString();

        JsonNode? Filled(JsonNode? node) => node switch
        {
            JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Filled(member.Value)))),
            JsonArray items => new JsonArray([.. items.Select(Filled)]),
            JsonValue value when value.TryGetValue<string>(out var text) && text.StartsWith('$') => text[1..] switch
            {
                "png" => address(plan.Pictures[0]),
                "animation" => address(plan.Pictures[0] with { Format = Painting.PictureFormat.AnimatedWebp }),
                "wide" => address(plan.Pictures[0] with { Format = Painting.PictureFormat.WidePng }),
                "prompt" => plan.Prompt,
                "image" => JsonNode.Parse(prediction.Input!)?["image"]?.DeepClone(),
                var extension => LinkTo(prediction, files.Add(prediction.Model.FullName, Samples.Find(extension)!), extension),
            },
            JsonValue value when value.TryGetValue<string>(out var sentence) =>
                TextModels.Fill(sentence, JsonNode.Parse(prediction.Input!)),
            _ => node?.DeepClone(),
        };
    }

    private string LinkTo(Prediction prediction, Painting.Picture picture) => LinkTo(prediction, files.Add(picture), picture.Extension);

    private static string LinkTo(Prediction prediction, string key, string extension)
    {
        prediction.FileKeys = [.. prediction.FileKeys, key];
        return $"{prediction.BaseUrl}/files/{key}/out-{prediction.FileKeys.Count - 1}.{extension}";
    }

    /// <summary>
    /// Ends a prediction early: canceled by its caller or out of time. Running out of time before the start is called aborted.
    /// </summary>
    private void Stop(Prediction prediction, DateTimeOffset at, bool late) =>
        End(prediction, late && prediction.StartedAt is null ? PredictionStatus.Aborted : PredictionStatus.Canceled, at, null);

    private void End(Prediction prediction, PredictionStatus status, DateTimeOffset at, string? error)
    {
        lock (prediction.Gate)
        {
            if (prediction.HasEnded)
                return;
            prediction.Status = status;
            prediction.Error = error;
            prediction.CompletedAt = at;
            if (status != PredictionStatus.Succeeded)
                prediction.Output = null;
            webhooks.Send(prediction, "completed", at);
        }
        _warm.Used(prediction.Model, at);
        prediction.SignalEnd();
        _schedule.At(at + options.FileRetention, _ => RemoveFiles(prediction));
        _schedule.At(at + options.DataRetention, _ => RemoveData(prediction));
    }

    private void RemoveFiles(Prediction prediction)
    {
        foreach (var key in prediction.FileKeys)
            files.Remove(key);
    }

    private static void RemoveData(Prediction prediction)
    {
        lock (prediction.Gate)
        {
            prediction.Input = null;
            prediction.Output = null;
            prediction.Plan = null;
            prediction.DataRemoved = true;
        }
    }

    /// <returns>Whether the step has to wait. It runs again when it may go on.</returns>
    private bool HeldBy(RunPlan plan, FaultKind kind, Prediction prediction, Action<Prediction, DateTimeOffset> step)
    {
        if (plan.Fault(kind) is not { } fault || !plan.HoldOnce(kind))
            return false;
        Hold(fault, at => step(prediction, at));
        return true;
    }

    private void Hold(Fault fault, Action<DateTimeOffset> step) => _ = HoldAsync(fault, step);

    private async Task HoldAsync(Fault fault, Action<DateTimeOffset> step)
    {
        try
        {
            await fault.HoldAsync(time, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The sandbox is stopping, so nobody sees the end.
            return;
        }
        _schedule.At(time.GetUtcNow(), step);
    }
}
