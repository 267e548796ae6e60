using System.Text.Json;

namespace GenApi.Core.Replicate;

public enum PredictionStatus
{
    /// <summary>A status this version does not know: not terminal, so it is looked at again until our own deadline.</summary>
    Unknown,
    Starting,
    Processing,
    Succeeded,
    Failed,
    Canceled,

    /// <summary>Ended before it started, as its deadline came first. Not billed.</summary>
    Aborted,
}

/// <summary>A run at the upstream, as far as it was told: real answers lack members that the published schema requires.</summary>
public sealed record Prediction
{
    /// <summary>Never empty.</summary>
    public required string Id { get; init; }

    /// <summary>As the upstream names it, which may be an internal name: never a key.</summary>
    public string? Model { get; init; }

    /// <summary>64 hex digits, or <c>hidden</c> for official models.</summary>
    public string? Version { get; init; }

    public PredictionStatus Status { get; init; }

    /// <summary>Null in some list rows, and an hour after the end.</summary>
    public JsonElement? Input { get; init; }

    /// <summary>Can be there before the status is terminal, and is gone an hour after the end.</summary>
    public JsonElement? Output { get; init; }

    /// <summary>Null also where the upstream says <c>""</c>; a failed prediction may have none.</summary>
    public string? Error { get; init; }

    /// <summary>The whole log so far.</summary>
    public string? Logs { get; init; }

    /// <summary>Running time; null when not told or negative, as in very old rows.</summary>
    public double? PredictSeconds { get; init; }

    /// <summary>From creation to end: as measured, else by the prediction's own two instants; null while it runs.</summary>
    public double? TotalSeconds { get; init; }

    /// <summary>Images that the upstream counts for billing; official models only, and it may count some that it does not deliver.</summary>
    public int? ImageCount { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>
    /// When the upstream ends the run by itself; null where the creation asked for no such time, or where it is not shown.
    /// </summary>
    public DateTimeOffset? Deadline { get; init; }

    public bool DataRemoved { get; init; }

    public bool IsTerminal =>
        Status is PredictionStatus.Succeeded or PredictionStatus.Failed or PredictionStatus.Canceled or PredictionStatus.Aborted;
}

/// <summary>What to create.</summary>
/// <param name="Owner">With <paramref name="Name"/>: an official model, called without a version.</param>
/// <param name="Name">See <paramref name="Owner"/>.</param>
/// <param name="Version">64 hex digits; wins over owner and name.</param>
/// <param name="Input">An object in the model's own names.</param>
/// <param name="CancelAfter">The upstream ends the run by itself after this time; brought into 5 seconds to 24 hours.</param>
/// <param name="Webhook">https; told of the start and the end.</param>
public sealed record NewPrediction(
    string? Owner, string? Name, string? Version, JsonElement Input, TimeSpan? CancelAfter = null, Uri? Webhook = null);

/// <param name="Predictions">Up to 100, newest first.</param>
/// <param name="NextUrl">To be handed back as it is; null on the last page.</param>
public sealed record PredictionPage(IReadOnlyList<Prediction> Predictions, string? NextUrl);
