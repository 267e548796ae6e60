using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Core.Replicate;

namespace GenApi.Core.Models;

/// <summary>
/// The price of a model as it is in force, in US dollars. A run keeps the one it was accepted under, so that a table edited meanwhile changes no
/// run that is under way.
/// </summary>
public sealed record ModelPrice
{
    /// <summary>What Replicate's models call a megapixel: 1024 × 1024.</summary>
    public const int Megapixel = 1_048_576;

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    /// <summary>SKU of the machine; null for a model that is billed by its output.</summary>
    public string? Hardware { get; init; }

    /// <summary>Of <see cref="Hardware"/>.</summary>
    public decimal PerSecond { get; init; }

    public decimal PerRun { get; init; }

    public decimal PerImage { get; init; }

    /// <summary>For each <see cref="Megapixel"/> of output.</summary>
    public decimal PerMegapixel { get; init; }

    /// <summary>A private model or deployment: booting and failed runs are billed too.</summary>
    public bool Private { get; init; }

    /// <summary>Images that one run makes at most, by the operator; null: as its input says. For what is reserved alone, so rows keep
    /// none.</summary>
    [JsonIgnore]
    public long? MostImages { get; init; }

    /// <summary>Megapixels of one image at most, by the operator; null: as its input says.</summary>
    [JsonIgnore]
    public decimal? MostMegapixels { get; init; }

    /// <summary>Of one run with the model's defaults, for estimates; null when nobody has told it.</summary>
    [JsonIgnore]
    public double? TypicalSeconds { get; init; }

    [JsonIgnore]
    public bool IsByTime => Hardware is not null;

    /// <summary>
    /// What a run is billed, by Replicate's rules (docs: billing): public community models for the time they ran, and not when they failed; canceled ones for the time
    /// until then; official models for what they put out, of which the upstream may count more than it delivers, since its safety filter comes after; a run aborted
    /// before its start nothing; private ones for all the time, whatever came of it.
    /// </summary>
    public decimal CostOf(BilledRun run)
    {
        if (run.Ending == PredictionStatus.Aborted)
            return 0;
        if (IsByTime)
            return PerSecond * (decimal)(Private ? run.TotalSeconds : run.Ending == PredictionStatus.Failed ? 0 : run.PredictSeconds);
        return run.Ending == PredictionStatus.Succeeded || run.Images > 0 ? OfOutput(run.Images, run.Pixels) : 0;
    }

    /// <summary>For a model billed by its output.</summary>
    internal decimal OfOutput(long images, decimal pixels) => PerRun + PerImage * images + PerMegapixel * pixels / Megapixel;

    /// <summary>For a row.</summary>
    internal string ToText() => JsonSerializer.Serialize(this, Json);

    internal static ModelPrice? Parse(string? text) => text is null ? null : JsonSerializer.Deserialize<ModelPrice>(text);
}

/// <summary>What a run came to, as far as billing asks.</summary>
/// <param name="Ending">As the upstream told it; a terminal one.</param>
/// <param name="PredictSeconds">How long the model ran.</param>
/// <param name="TotalSeconds">The same with queueing and booting.</param>
/// <param name="Images">Put out; where the upstream counts itself, its count.</param>
/// <param name="Pixels">Of all of them together.</param>
public readonly record struct BilledRun(PredictionStatus Ending, double PredictSeconds, double TotalSeconds, int Images, long Pixels);

/// <summary>What a run may cost, before it is made.</summary>
/// <param name="Price">The price in force.</param>
/// <param name="ExpectedUsd">As runs usually are; null when none has been seen to go by.</param>
/// <param name="WorstUsd">What to hold a limit against.</param>
/// <param name="Unbounded">Why <paramref name="WorstUsd"/> may not be the worst, and what bounds it, as a sentence; null: it is.</param>
public readonly record struct CostEstimate(ModelPrice Price, decimal? ExpectedUsd, decimal WorstUsd, string? Unbounded = null);
