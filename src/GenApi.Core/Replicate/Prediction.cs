using System.Text.Json;

namespace GenApi.Core.Replicate;

/// <summary>The status of a prediction.</summary>
public enum PredictionStatus
{
    /// <summary>A status that this version does not know. It is not terminal, so polling goes on until our own deadline.</summary>
    Unknown,
    Starting,
    Processing,
    Succeeded,
    Failed,
    Canceled,

    /// <summary>The deadline came before the start. The run is not billed.</summary>
    Aborted,
}

/// <summary>A run at the upstream. Members may be missing: real answers lack some that the published schema requires.</summary>
public sealed record Prediction
{
    /// <summary>Never empty.</summary>
    public required string Id { get; init; }

    /// <summary>The upstream's name of the model, which may be an internal one: never use it as a key.</summary>
    public string? Model { get; init; }

    /// <summary>64 hex digits, or <c>hidden</c> for official models.</summary>
    public string? Version { get; init; }

    public PredictionStatus Status { get; init; }

    /// <summary>The input; null in some list rows, and from an hour after the end.</summary>
    public JsonElement? Input { get; init; }

    /// <summary>The output. It may exist before the status is terminal; from an hour after the end it is null.</summary>
    public JsonElement? Output { get; init; }

    /// <summary>The error; null also where the upstream sends <c>""</c>. A failed prediction may have none.</summary>
    public string? Error { get; init; }

    /// <summary>The whole log so far.</summary>
    public string? Logs { get; init; }

    /// <summary>The running time; null where it is missing or negative, as in very old rows.</summary>
    public double? PredictSeconds { get; init; }

    /// <summary>The time from creation to end, as measured or by the prediction's two time stamps; null while it runs.</summary>
    public double? TotalSeconds { get; init; }

    /// <summary>The images that the upstream bills, for official models only. It may bill some that it does not deliver.</summary>
    public int? ImageCount { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>
    /// The time at which the upstream ends the run itself; null if the creation set no deadline, or the answer does not show it.
    /// </summary>
    public DateTimeOffset? Deadline { get; init; }

    public bool DataRemoved { get; init; }

    public bool IsTerminal =>
        Status is PredictionStatus.Succeeded or PredictionStatus.Failed or PredictionStatus.Canceled or PredictionStatus.Aborted;
}

/// <summary>A prediction to create.</summary>
/// <param name="Owner">With <paramref name="Name"/>: an official model, called without a version.</param>
/// <param name="Name">See <paramref name="Owner"/>.</param>
/// <param name="Version">64 hex digits; it takes precedence over owner and name.</param>
/// <param name="Input">An object in the model's own names.</param>
/// <param name="CancelAfter">The upstream ends the run after this time; it is clamped to 5 seconds to 24 hours.</param>
/// <param name="Webhook">An https address that receives the start and the end.</param>
public sealed record NewPrediction(
    string? Owner, string? Name, string? Version, JsonElement Input, TimeSpan? CancelAfter = null, Uri? Webhook = null)
{
    /// <summary>
    /// Returns why nothing may be sent any more; null: it may. It is asked when the body is about to be written to a connection. Null: the
    /// creation may be sent in any case.
    /// </summary>
    public Func<Errors.GenApiException?>? Fence { get; init; }
}

/// <summary>A page of predictions.</summary>
/// <param name="Predictions">Up to 100, newest first.</param>
/// <param name="NextUrl">The address of the next page, to be used unchanged; null on the last page.</param>
public sealed record PredictionPage(IReadOnlyList<Prediction> Predictions, string? NextUrl);
