using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Core.Replicate;

namespace GenApi.Core.Models;

/// <summary>
/// The price of a model in force, in US dollars. A run keeps the price under which it was accepted, so an edited price table changes no run
/// that is under way.
/// </summary>
public sealed record ModelPrice
{
    /// <summary>A megapixel as Replicate's models define it: 1024 × 1024.</summary>
    public const int Megapixel = 1_048_576;

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    /// <summary>The SKU of the machine; null for a model billed by its output.</summary>
    public string? Hardware { get; init; }

    /// <summary>The price of a second on <see cref="Hardware"/>.</summary>
    public decimal PerSecond { get; init; }

    public decimal PerRun { get; init; }

    public decimal PerImage { get; init; }

    /// <summary>The price of each <see cref="Megapixel"/> of output.</summary>
    public decimal PerMegapixel { get; init; }

    /// <summary>True for a private model or a deployment: booting and failed runs are billed too.</summary>
    public bool Private { get; init; }

    /// <summary>
    /// The operator's limit for the images of one run; null: as its input says. It is used for reservations only, so rows do not store it.
    /// </summary>
    [JsonIgnore]
    public long? MostImages { get; init; }

    /// <summary>The operator's limit for the megapixels of one image; null: as its input says.</summary>
    [JsonIgnore]
    public decimal? MostMegapixels { get; init; }

    /// <summary>The duration of one run with the model's defaults, for estimates; null if it is not set.</summary>
    [JsonIgnore]
    public double? TypicalSeconds { get; init; }

    [JsonIgnore]
    public bool IsByTime => Hardware is not null;

    /// <summary>
    /// Computes what a run is billed, by Replicate's rules (docs: billing). Public community models are billed for their running time,
    /// unless they failed; a canceled run for the time until then. Official models are billed for their output, of which the upstream may
    /// count more than it delivers, since its safety filter comes later. A run aborted before its start costs nothing. Private models are
    /// billed for all the time, whatever the result.
    /// </summary>
    public decimal CostOf(BilledRun run)
    {
        if (run.Ending == PredictionStatus.Aborted)
            return 0;
        if (IsByTime)
            return PerSecond * (decimal)(Private ? run.TotalSeconds : run.Ending == PredictionStatus.Failed ? 0 : run.PredictSeconds);
        return run.Ending == PredictionStatus.Succeeded || run.Images > 0 ? OfOutput(run.Images, run.Pixels) : 0;
    }

    /// <summary>Computes the price of an output, for a model billed by its output.</summary>
    internal decimal OfOutput(long images, decimal pixels) => PerRun + PerImage * images + PerMegapixel * pixels / Megapixel;

    /// <summary>Writes the price for a row.</summary>
    internal string ToText() => JsonSerializer.Serialize(this, Json);

    internal static ModelPrice? Parse(string? text) => text is null ? null : JsonSerializer.Deserialize<ModelPrice>(text);
}

/// <summary>The data of a run that matters for billing.</summary>
/// <param name="Ending">The upstream's status; a terminal one.</param>
/// <param name="PredictSeconds">The running time of the model.</param>
/// <param name="TotalSeconds">The same with queueing and booting.</param>
/// <param name="Images">The number of images; the upstream's own count if it has one.</param>
/// <param name="Pixels">The pixels of all images together.</param>
public readonly record struct BilledRun(PredictionStatus Ending, double PredictSeconds, double TotalSeconds, int Images, long Pixels);

/// <summary>The possible cost of a run, before it starts.</summary>
/// <param name="Price">The price in force.</param>
/// <param name="ExpectedUsd">The typical cost; null if no run has been seen.</param>
/// <param name="WorstUsd">The cost to compare with limits.</param>
/// <param name="Unbounded">
/// Why <paramref name="WorstUsd"/> may not be the worst case, and what would bound it, as a sentence; null: it is the worst.
/// </param>
public readonly record struct CostEstimate(ModelPrice Price, decimal? ExpectedUsd, decimal WorstUsd, string? Unbounded = null);
