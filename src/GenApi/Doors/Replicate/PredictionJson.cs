using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Replicate;
using GenApi.Generations;

namespace GenApi.Doors.Replicate;

/// <summary>The forms of a prediction, which have different members.</summary>
internal enum PredictionView
{
    /// <summary>A prediction by itself.</summary>
    Full,

    /// <summary>A row of the list, without the log and with the beginnings of long files in the input.</summary>
    Row,

    /// <summary>The body of a webhook, with the beginnings of long files in the input.</summary>
    Message,
}

/// <summary>The members that only the answer to a creation has.</summary>
/// <param name="Request">The request.</param>
/// <param name="Deadline">When the prediction ends at the latest; null: the caller named no time.</param>
internal sealed record NewPredictionNotes(PredictionRequest Request, DateTimeOffset? Deadline);

/// <summary>Writes generations as Replicate writes predictions.</summary>
internal sealed class PredictionJson(DoorLinks links, ImageLinks signed, ApiKeys keys, ModelGuide models, TimeProvider time)
{
    /// <summary>Replicate's word in place of the version of a model that has none to choose.</summary>
    private const string NoVersion = "hidden";

    private const string Canceled = "canceled";

    /// <summary>Writes one prediction.</summary>
    /// <param name="json">Gets one value.</param>
    /// <param name="details">The generation.</param>
    /// <param name="view">The form.</param>
    /// <param name="baseUrl">The address by which the caller came, without the door's path and without a slash at its end.</param>
    /// <param name="notes">For the answer to a creation; otherwise null.</param>
    /// <param name="writeFile">Writes the text for an output file; null: its link.</param>
    /// <param name="isLeft">Whether the caller has just canceled its part in a run that goes on for others.</param>
    public void Write(
        Utf8JsonWriter json, GenerationDetails details, PredictionView view, string baseUrl, NewPredictionNotes? notes = null,
        Action<Utf8JsonWriter, StoredImage>? writeFile = null, bool isLeft = false)
    {
        var generation = details.Generation;
        var status = isLeft ? Canceled : Status(generation);
        var hasOutput = HasOutput(details);
        json.WriteStartObject();
        json.WriteString("id", ReplicateDoor.PredictionId(generation.Id));
        json.WriteString("model", generation.Model);
        json.WriteString("version", generation.Version ?? NoVersion);
        json.WritePropertyName("input");
        json.WriteRawValue(view == PredictionView.Full ? generation.Input : Shortened(generation.Input), skipInputValidation: true);
        if (view != PredictionView.Row)
            json.WriteString("logs", generation.Logs ?? "");
        json.WritePropertyName("output");
        if (hasOutput)
            details.WriteOutput(json, writeFile ?? ((to, file) => to.WriteStringValue(links.Url(baseUrl, file))));
        else
            json.WriteNullValue();
        json.WriteBoolean("data_removed", generation.Status == GenerationStatus.Succeeded && !hasOutput);
        json.WriteString(
            "error", generation.Status == GenerationStatus.Failed ? generation.ErrorMessage ?? "The prediction failed." : null);
        json.WriteString("status", status);
        json.WriteString("source", "api");
        json.WriteString("created_at", Text(generation.CreatedAt));
        if (generation.StartedAt is { } started)
            json.WriteString("started_at", Text(started));
        if (generation.CompletedAt is { } completed)
        {
            json.WriteString("completed_at", Text(completed));
            WriteMetrics(json, details, completed);
        }
        if (notes is not null)
            WriteNotes(json, notes);
        WriteUrls(json, details, baseUrl);
        json.WriteEndObject();
    }

    /// <summary>Writes the body of a webhook.</summary>
    /// <param name="details">The generation.</param>
    /// <param name="baseUrl">The address by which the caller came, without the door's path.</param>
    public byte[] MessageBytes(GenerationDetails details, string baseUrl)
    {
        using var body = new DoorBody();
        Write(body.Json, details, PredictionView.Message, baseUrl);
        return body.Text();
    }

    /// <summary>Returns whether the prediction has ended with an output that is still there.</summary>
    public static bool HasOutput(GenerationDetails details) => details.Generation.Status == GenerationStatus.Succeeded
        && (details.Outputs.Count > 0 || details.ReadOutput() is not null);

    /// <summary>
    /// Returns Replicate's word for the status. It is <c>starting</c> until the output is there: clients take <c>processing</c> for the
    /// end of a wait, and a missing output for an empty one. <c>aborted</c> is never used, because clients before October 2025 poll for
    /// ever then.
    /// </summary>
    public static string Status(Generation generation) => generation.Status switch
    {
        GenerationStatus.Succeeded => "succeeded",
        GenerationStatus.Failed when generation.UpstreamEnding is not (PredictionStatus.Canceled or PredictionStatus.Aborted) => "failed",
        GenerationStatus.Failed or GenerationStatus.Canceled => Canceled,
        // It ends so, whatever becomes of the run.
        _ when generation.CancelRequestedAt is not null => Canceled,
        _ => "starting",
    };

    private static void WriteMetrics(Utf8JsonWriter json, GenerationDetails details, DateTimeOffset completed)
    {
        var generation = details.Generation;
        json.WriteStartObject("metrics");
        if (generation.PredictSeconds is { } seconds)
            json.WriteNumber("predict_time", Math.Max(0, Math.Round(seconds, 6)));
        json.WriteNumber("total_time", Math.Max(0, Math.Round((completed - generation.CreatedAt).TotalSeconds, 6)));
        if (details.Images.Count() is > 0 and var count)
            json.WriteNumber("image_count", count);
        json.WriteEndObject();
    }

    private static void WriteNotes(Utf8JsonWriter json, NewPredictionNotes notes)
    {
        if (notes.Deadline is { } deadline)
            json.WriteString("deadline", Text(deadline));
        if (notes.Request.Webhook is { } webhook)
            json.WriteString("webhook", webhook.Url);
        if (notes.Request.Filter is not { } filter)
            return;
        json.WriteStartArray("webhook_events_filter");
        foreach (var word in filter)
            json.WriteStringValue(word);
        json.WriteEndArray();
    }

    private void WriteUrls(Utf8JsonWriter json, GenerationDetails details, string baseUrl)
    {
        var generation = details.Generation;
        var id = ReplicateDoor.PredictionId(generation.Id);
        var get = $"{baseUrl}{ReplicateDoor.Root}/predictions/{id}";
        json.WriteStartObject("urls");
        json.WriteString("cancel", $"{get}/cancel");
        json.WriteString("get", get);
        // Clients follow the stream without their token, so the address itself must open it.
        var query = keys.HasKeys ? signed.Query(generation.Id, signed.ExpiryFrom(time.GetUtcNow())) : "";
        json.WriteString("stream", IsOfFiles(details) ? $"{baseUrl}{ReplicateDoor.FileStreams}{id}{query}" : $"{get}/stream{query}");
        json.WriteString("web", GenerationRendering.SelfUrl(generation, baseUrl));
        json.WriteEndObject();
    }

    private bool IsOfFiles(GenerationDetails details) => details.Generation.Status == GenerationStatus.Succeeded
        ? details.Outputs.Count > 0 && details.ReadOutput() is null
        : models.MakesFiles(details.Generation.Model, details.Generation.Version) ?? false;

    /// <summary>Cuts the files that the input holds as data URIs.</summary>
    private static string Shortened(string input) => input.Contains("\"data:", StringComparison.OrdinalIgnoreCase)
        ? GenerationRendering.WithoutFiles(JsonNode.Parse(input))!.ToJsonString()
        : input;

    private static string Text(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
