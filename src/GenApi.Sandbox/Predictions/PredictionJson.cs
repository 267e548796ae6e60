using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using GenApi.Sandbox.Control;

namespace GenApi.Sandbox.Predictions;

/// <summary>The forms of a prediction, which have different members.</summary>
internal enum PredictionView
{
    /// <summary>The answer to a creation: it echoes the webhook.</summary>
    Created,

    Full,

    /// <summary>A row of the list: without logs.</summary>
    Row,

    /// <summary>A row as older accounts see it, without input and output.</summary>
    BareRow,
}

/// <summary>Writes predictions in Replicate's shape. As the real service does, it omits members that have no value yet.</summary>
internal static class PredictionJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(Prediction prediction, PredictionView view, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
            Write(json, prediction, view, now);
        return buffer.WrittenSpan.ToArray();
    }

    public static void Write(Utf8JsonWriter json, Prediction prediction, PredictionView view, DateTimeOffset now)
    {
        lock (prediction.Gate)
        {
            json.WriteStartObject();
            json.WriteString("id", prediction.Id);
            json.WriteString("model", prediction.Model.FullName);
            json.WriteString("version", prediction.Model.ShownVersion(prediction.Version));
            if (view != PredictionView.BareRow)
                WriteData(json, prediction);
            // An output that appears before the end comes without final logs.
            if (view is PredictionView.Created or PredictionView.Full)
                json.WriteString("logs", prediction.Output is not null && !prediction.HasEnded ? "" : ProgressLog.At(prediction, now));
            json.WriteBoolean("data_removed", prediction.DataRemoved);
            json.WriteString("error", prediction.Error);
            json.WriteString("source", "api");
            json.WriteString("status", StatusWord(prediction));
            json.WriteString("created_at", Text(prediction.CreatedAt));
            WriteProgress(json, prediction);
            if (prediction.Deployment is { } deployment)
                json.WriteString("deployment", deployment);
            if (view == PredictionView.Created && prediction.Webhook is { } webhook)
                WriteWebhook(json, webhook);
            WriteUrls(json, prediction);
            json.WriteEndObject();
        }
    }

    public static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static void WriteData(Utf8JsonWriter json, Prediction prediction)
    {
        json.WritePropertyName("input");
        if (prediction.Input is { } input)
            json.WriteRawValue(input, skipInputValidation: true);
        else
            json.WriteRawValue("{}");
        json.WritePropertyName("output");
        json.WriteRawValue(prediction.Output ?? "null", skipInputValidation: true);
    }

    private static void WriteProgress(Utf8JsonWriter json, Prediction prediction)
    {
        if (prediction is { ShowsDeadline: true, Deadline: { } deadline })
            json.WriteString("deadline", Text(deadline));
        if (prediction.StartedAt is { } started)
            json.WriteString("started_at", Text(started));
        if (prediction.CompletedAt is not { } completed)
            return;
        json.WriteString("completed_at", Text(completed));
        json.WriteStartObject("metrics");
        if (prediction.StartedAt is { } from)
            json.WriteNumber("predict_time", Seconds(completed - from));
        json.WriteNumber("total_time", Seconds(completed - prediction.CreatedAt));
        // It is unknown what models count whose output is more than pictures, so theirs have no count.
        if (prediction.Model is { Official: true, OutputTemplate: null } && prediction.Status == PredictionStatus.Succeeded)
        {
            var miscount = prediction.Plan?.Fault(FaultKind.RunCounts);
            json.WriteNumber("image_count", miscount is null ? prediction.FileKeys.Count : miscount.Count ?? prediction.Plan!.Asked);
        }
        json.WriteEndObject();
    }

    private static void WriteWebhook(Utf8JsonWriter json, WebhookTarget webhook)
    {
        json.WriteString("webhook", webhook.Url.OriginalString);
        if (webhook.Filter is null)
            return;
        json.WriteStartArray("webhook_events_filter");
        foreach (var name in webhook.Filter)
            json.WriteStringValue(name);
        json.WriteEndArray();
    }

    private static void WriteUrls(Utf8JsonWriter json, Prediction prediction)
    {
        var isTraining = prediction.Destination is not null;
        var get = $"{prediction.BaseUrl}/v1/{(isTraining ? "trainings" : "predictions")}/{prediction.Id}";
        json.WriteStartObject("urls");
        json.WriteString("cancel", $"{get}/cancel");
        json.WriteString("get", get);
        if (!isTraining)
        {
            // The official clients make files of what they read below /v1/files/, and of nothing else.
            var stream = prediction.Model.MakesText ? $"streams/{prediction.Id}" : $"files/{prediction.Id}/stream";
            json.WriteString("stream", $"{prediction.BaseUrl}/v1/{stream}");
            json.WriteString("web", $"{prediction.BaseUrl}/p/{prediction.Id}");
        }
        json.WriteEndObject();
    }

    private static string StatusWord(Prediction prediction) => prediction.Status switch
    {
        PredictionStatus.Starting => "starting",
        PredictionStatus.Processing => prediction.Plan?.Fault(FaultKind.RunUnknownStatus) is { } odd ? odd.Text ?? "warming" : "processing",
        PredictionStatus.Succeeded => "succeeded",
        PredictionStatus.Failed => "failed",
        PredictionStatus.Canceled => "canceled",
        _ => "aborted",
    };

    private static decimal Seconds(TimeSpan span) => Math.Round((decimal)span.Ticks / TimeSpan.TicksPerSecond, 6);
}
