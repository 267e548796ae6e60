using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Core.Replicate;

namespace GenApi.Doors.Replicate.Catalogue;

/// <summary>
/// Writes models in Replicate's shape. Members that its typed clients require are always there, whether they are known or not.
/// </summary>
internal static class ModelJson
{
    private const string Website = "https://replicate.com", Hidden = "hidden";

    /// <param name="json">Receives an object.</param>
    /// <param name="model">The model.</param>
    /// <param name="door">The address of the door by which the caller came.</param>
    public static void Write(Utf8JsonWriter json, ReplicateModel model, string door)
    {
        json.WriteStartObject();
        json.WriteString("url", model.Url ?? $"{Website}/{model.Owner}/{model.Name}");
        json.WriteString("owner", model.Owner);
        json.WriteString("name", model.Name);
        json.WriteString("description", model.Description);
        json.WriteString("visibility", model.IsPrivate ? "private" : "public");
        json.WriteBoolean("is_official", model.IsOfficial);
        json.WriteString("github_url", model.GithubUrl);
        json.WriteString("paper_url", model.PaperUrl);
        json.WriteString("license_url", model.LicenseUrl);
        json.WriteNumber("run_count", model.RunCount ?? 0);
        json.WriteString("cover_image_url", model.CoverImageUrl);
        json.WritePropertyName("default_example");
        if (model.DefaultExample is { } example)
            WriteExample(json, model, example, door);
        else
            json.WriteNullValue();
        if (model.CreatedAt is { } created)
            json.WriteString("created_at", CatalogueAnswer.Time(created));
        json.WritePropertyName("latest_version");
        if (model.LatestVersion is { } latest)
            WriteVersion(json, latest);
        else
            json.WriteNullValue();
        json.WriteEndObject();
    }

    public static void WriteVersion(Utf8JsonWriter json, ReplicateModelVersion version)
    {
        json.WriteStartObject();
        json.WriteString("id", version.Id);
        json.WriteString("created_at", CatalogueAnswer.Time(version.CreatedAt ?? DateTimeOffset.UnixEpoch));
        json.WriteString("cog_version", version.CogVersion ?? "");
        json.WritePropertyName("openapi_schema");
        WriteValue(json, version.OpenApiSchema, "{}"u8);
        json.WriteEndObject();
    }

    /// <summary>
    /// Writes the run that the upstream shows for a model. It is not a prediction of this service: only its data can be read, at this
    /// place.
    /// </summary>
    public static void WriteExample(Utf8JsonWriter json, ReplicateModel model, Prediction example, string door)
    {
        json.WriteStartObject();
        json.WriteString("id", example.Id);
        json.WriteString("model", $"{model.Owner}/{model.Name}");
        json.WriteString("version", model.IsOfficial ? Hidden : example.Version ?? model.LatestVersion?.Id ?? Hidden);
        json.WritePropertyName("input");
        WriteValue(json, example.Input, "{}"u8);
        json.WritePropertyName("output");
        WriteValue(json, example.Output, "null"u8);
        json.WriteString("logs", example.Logs ?? "");
        json.WriteString("error", example.Error);
        json.WriteString("status", Word(example.Status));
        json.WriteString("source", "web");
        json.WriteBoolean("data_removed", example.DataRemoved);
        json.WriteString("created_at", CatalogueAnswer.Time(example.CreatedAt ?? DateTimeOffset.UnixEpoch));
        WriteTime(json, "started_at", example.StartedAt);
        WriteTime(json, "completed_at", example.CompletedAt);
        json.WriteStartObject("metrics");
        if (example.PredictSeconds is { } predict)
            json.WriteNumber("predict_time", predict);
        if (example.TotalSeconds is { } total)
            json.WriteNumber("total_time", total);
        json.WriteEndObject();
        json.WriteStartObject("urls");
        json.WriteString("get", $"{door}/predictions/{example.Id}");
        json.WriteString("cancel", $"{door}/predictions/{example.Id}/cancel");
        json.WriteString("web", $"{Website}/p/{example.Id}");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } known)
            json.WriteString(name, CatalogueAnswer.Time(known));
        else
            json.WriteNull(name);
    }

    private static void WriteValue(Utf8JsonWriter json, JsonElement? value, ReadOnlySpan<byte> otherwise) => json.WriteRawValue(
        value is { } known && known.ValueKind != JsonValueKind.Undefined ? JsonMarshal.GetRawUtf8Value(known) : otherwise,
        skipInputValidation: true);

    private static string Word(PredictionStatus status) => status switch
    {
        PredictionStatus.Failed => "failed",
        PredictionStatus.Canceled => "canceled",
        PredictionStatus.Aborted => "aborted",
        PredictionStatus.Starting => "starting",
        PredictionStatus.Processing => "processing",
        _ => "succeeded",
    };
}
