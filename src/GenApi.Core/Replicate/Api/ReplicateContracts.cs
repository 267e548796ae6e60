using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Core.Diagnostics;
using GenApi.Core.Replicate.Reading;

namespace GenApi.Core.Replicate.Api;

internal sealed class CreateBody
{
    public string? Version { get; init; }

    public required JsonElement Input { get; init; }

    public string? Webhook { get; init; }

    public string[]? WebhookEventsFilter { get; init; }
}

/// <summary>A prediction. Everything is optional: recorded answers lack members that the published schema requires.</summary>
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

    /// <summary>Converts the answer; null where it has no usable id, without which nothing can be done.</summary>
    public Prediction? ToPrediction() => !UpstreamBounds.IsId(Id) ? null : new Prediction
    {
        Id = Id!,
        Model = UpstreamBounds.Short(Model),
        Version = UpstreamBounds.Short(Version),
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
        // Output of a model goes into rows and answers, and some models print secrets that they were called with.
        Error = string.IsNullOrEmpty(Error) ? null : SecretText.Scrub(UpstreamBounds.Head(Error, UpstreamBounds.ErrorCharacters)),
        Logs = Logs is null ? null : SecretText.Scrub(UpstreamBounds.Tail(Logs, UpstreamBounds.LogCharacters)),
        PredictSeconds = UpstreamBounds.Seconds(Metric("predict_time")),
        TotalSeconds = UpstreamBounds.Seconds(Metric("total_time"))
            ?? UpstreamBounds.Seconds((UpstreamBounds.Instant(CompletedAt) - UpstreamBounds.Instant(CreatedAt))?.TotalSeconds),
        ImageCount = (Metric("image_count") ?? Metric("image_output_count")) is { } images and <= 10_000 ? (int)images : null,
        CreatedAt = UpstreamBounds.Instant(CreatedAt),
        StartedAt = UpstreamBounds.Instant(StartedAt),
        CompletedAt = UpstreamBounds.Instant(CompletedAt),
        Deadline = UpstreamBounds.Instant(Deadline),
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
    public string? Url { get; init; }
    public string? Visibility { get; init; }
    public string? GithubUrl { get; init; }
    public string? PaperUrl { get; init; }
    public string? LicenseUrl { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public VersionBody? LatestVersion { get; init; }
    public PredictionBody? DefaultExample { get; init; }

    public ReplicateModel? ToModel() => !UpstreamBounds.IsName(Owner) || !UpstreamBounds.IsName(Name) ? null : new ReplicateModel
    {
        Owner = Owner!,
        Name = Name!,
        Description = Description is null ? null : UpstreamBounds.Head(Description, UpstreamBounds.DescriptionCharacters),
        IsOfficial = IsOfficial ?? false,
        RunCount = RunCount is >= 0 ? RunCount : null,
        CoverImageUrl = Address(CoverImageUrl),
        Url = Address(Url),
        IsPrivate = Visibility == "private",
        GithubUrl = Address(GithubUrl),
        PaperUrl = Address(PaperUrl),
        LicenseUrl = Address(LicenseUrl),
        CreatedAt = UpstreamBounds.Instant(CreatedAt),
        LatestVersion = LatestVersion?.ToVersion(),
        DefaultExample = DefaultExample?.ToPrediction(),
    };

    private static string? Address(string? text) => UpstreamBounds.IsAddress(text) ? text : null;
}

/// <summary>The answer of the search, which is in beta; its collections and pages are ignored.</summary>
internal sealed class SearchBody
{
    public FoundBody?[]? Models { get; init; }
}

internal sealed class FoundBody
{
    public ModelBody? Model { get; init; }
}

internal sealed class CollectionBody
{
    public string? Slug { get; init; }
    public string? Name { get; init; }
    public string? Description { get; init; }
    public string? FullDescription { get; init; }
    public ModelBody?[]? Models { get; init; }

    public CollectionOfModels? ToCollection() => !UpstreamBounds.IsName(Slug) ? null : new CollectionOfModels(
        Slug!, UpstreamBounds.Short(Name) ?? Slug!, Head(Description), Head(FullDescription),
        [.. (Models ?? []).Select(row => row?.ToModel()).OfType<ReplicateModel>()]);

    private static string? Head(string? text) => text is null ? null : UpstreamBounds.Head(text, UpstreamBounds.DescriptionCharacters);
}

internal sealed class VersionBody
{
    public string? Id { get; init; }
    public string? CogVersion { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public JsonElement? OpenapiSchema { get; init; }

    public ReplicateModelVersion? ToVersion() =>
        !UpstreamBounds.IsId(Id) ? null : new ReplicateModelVersion
        {
            Id = Id!,
            CreatedAt = UpstreamBounds.Instant(CreatedAt),
            CogVersion = UpstreamBounds.Short(CogVersion),
            // Without a schema inputs are passed on unchanged, and the upstream checks them.
            OpenApiSchema = OpenapiSchema is { } schema && JsonMarshal.GetRawUtf8Value(schema).Length <= UpstreamBounds.SchemaBytes
                ? schema
                : null,
        };
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

    /// <summary>Converts the answer; null where it has no id or no address, so it can't be an input.</summary>
    public ReplicateFile? ToFile() =>
        UpstreamBounds.IsFileId(Id) && UpstreamBounds.IsAddress(Urls?.Get)
            ? new ReplicateFile(Id!, Urls!.Get!, Size, UpstreamBounds.Instant(ExpiresAt))
            : null;
}

internal sealed class FileUrlsBody
{
    public string? Get { get; init; }
}

/// <summary>A problem body of Replicate; any member may be missing.</summary>
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
