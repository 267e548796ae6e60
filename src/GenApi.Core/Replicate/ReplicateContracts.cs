using System.Text.Json;
using GenApi.Core.Diagnostics;

namespace GenApi.Core.Replicate;

internal sealed class CreateBody
{
    public string? Version { get; init; }

    public required JsonElement Input { get; init; }

    public string? Webhook { get; init; }

    public string[]? WebhookEventsFilter { get; init; }
}

/// <summary>Everything is optional: recorded answers lack what the published schema requires.</summary>
internal sealed class PredictionBody
{
    public string? Id { get; init; }
    public string? Model { get; init; }
    public string? Version { get; init; }
    public string? Status { get; init; }
    public JsonElement? Input { get; init; }
    public JsonElement? Output { get; init; }
    public string? Error { get; init; }
    public string? Logs { get; init; }
    public JsonElement? Metrics { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? CompletedAt { get; init; }
    public DateTimeOffset? Deadline { get; init; }
    public bool? DataRemoved { get; init; }

    /// <summary>Null when there is no id: nothing can be done with such a prediction.</summary>
    public Prediction? ToPrediction() => string.IsNullOrWhiteSpace(Id) ? null : new Prediction
    {
        Id = Id,
        Model = Model,
        Version = Version,
        Status = Status switch
        {
            "starting" => PredictionStatus.Starting,
            "processing" => PredictionStatus.Processing,
            "succeeded" => PredictionStatus.Succeeded,
            "failed" => PredictionStatus.Failed,
            "canceled" => PredictionStatus.Canceled,
            "aborted" => PredictionStatus.Aborted,
            _ => PredictionStatus.Unknown,
        },
        Input = Input,
        Output = Output,
        // What a model says goes into rows and answers, and some say what they were called with.
        Error = string.IsNullOrEmpty(Error) ? null : SecretText.Scrub(Error),
        Logs = Logs is null ? null : SecretText.Scrub(Logs),
        PredictSeconds = Metric("predict_time"),
        TotalSeconds = Metric("total_time") ?? (CompletedAt - CreatedAt)?.TotalSeconds switch { >= 0 and var seconds => seconds, _ => null },
        ImageCount = (Metric("image_count") ?? Metric("image_output_count")) is { } images and <= 10_000 ? (int)images : null,
        CreatedAt = CreatedAt,
        StartedAt = StartedAt,
        CompletedAt = CompletedAt,
        Deadline = Deadline,
        DataRemoved = DataRemoved ?? false,
    };

    private double? Metric(string name) =>
        Metrics is { ValueKind: JsonValueKind.Object } metrics
        && metrics.TryGetProperty(name, out var metric)
        && metric.ValueKind == JsonValueKind.Number
        && metric.TryGetDouble(out var seconds)
        && seconds is >= 0 and < double.PositiveInfinity
            ? seconds
            : null;
}

internal sealed class PageBody<T>
{
    public string? Next { get; init; }
    public T?[]? Results { get; init; }
}

internal sealed class ModelBody
{
    public string? Owner { get; init; }
    public string? Name { get; init; }
    public string? Description { get; init; }
    public bool? IsOfficial { get; init; }
    public long? RunCount { get; init; }
    public string? CoverImageUrl { get; init; }
    public VersionBody? LatestVersion { get; init; }
    public PredictionBody? DefaultExample { get; init; }

    public ReplicateModel? ToModel() => Owner is null || Name is null ? null : new ReplicateModel
    {
        Owner = Owner,
        Name = Name,
        Description = Description,
        IsOfficial = IsOfficial ?? false,
        RunCount = RunCount,
        CoverImageUrl = CoverImageUrl,
        LatestVersion = LatestVersion?.ToVersion(),
        DefaultExample = DefaultExample?.ToPrediction(),
    };
}

/// <summary>The answer of the search, which is in beta; collections and pages are not read.</summary>
internal sealed class SearchBody
{
    public FoundBody?[]? Models { get; init; }
}

internal sealed class FoundBody
{
    public ModelBody? Model { get; init; }
}

internal sealed class VersionBody
{
    public string? Id { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public JsonElement? OpenapiSchema { get; init; }

    public ReplicateModelVersion? ToVersion() =>
        string.IsNullOrWhiteSpace(Id) ? null : new ReplicateModelVersion { Id = Id, CreatedAt = CreatedAt, OpenApiSchema = OpenapiSchema };
}

internal sealed class AccountBody
{
    public string? Type { get; init; }
    public string? Username { get; init; }
    public string? Name { get; init; }
}

internal sealed class WebhookSecretBody
{
    public string? Key { get; init; }
}

internal sealed class HardwareBody
{
    public string? Sku { get; init; }
    public string? Name { get; init; }
}

internal sealed class FileBody
{
    public string? Id { get; init; }
    public long? Size { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public FileUrlsBody? Urls { get; init; }

    /// <summary>Null when it can't be used as an input: no id, or no address.</summary>
    public ReplicateFile? ToFile() =>
        !string.IsNullOrWhiteSpace(Id) && Uri.TryCreate(Urls?.Get, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            ? new ReplicateFile(Id, Urls!.Get!, Size, ExpiresAt)
            : null;
}

internal sealed class FileUrlsBody
{
    public string? Get { get; init; }
}

/// <summary>Replicate's problem bodies; any member may be missing.</summary>
internal sealed class ProblemBody
{
    public string? Title { get; init; }
    public string? Detail { get; init; }
    public double? RetryAfter { get; init; }
    public InvalidFieldBody?[]? InvalidFields { get; init; }
}

internal sealed class InvalidFieldBody
{
    public string? Type { get; init; }
    public string? Field { get; init; }
    public string? Description { get; init; }
}
