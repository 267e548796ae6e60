namespace GenApi.Core.Models.Settings;

/// <summary>
/// The price of a model: either <see cref="Hardware"/>, billed per second, or prices for the output, which add up. Replicate bills public
/// community models in the first way and official models in the second.
/// </summary>
public sealed class PriceOptions
{
    /// <summary>
    /// The highest price of an image, a megapixel, a run, or a second of a machine: anything beyond is in cents, or lacks its decimal
    /// point.
    /// </summary>
    internal const decimal HighestUsd = 1000;

    /// <summary>The machine that is billed for the seconds the model runs. Empty: the model is not billed by time.</summary>
    /// <value>a SKU of <c>Models:Hardware</c></value>
    public string Hardware { get; set; } = "";

    /// <summary>US dollars per successful run. The three prices for output add up.</summary>
    /// <value>0 to 1000</value>
    public decimal? PerRun { get; set; }

    /// <summary>US dollars per image.</summary>
    /// <value>0 to 1000</value>
    public decimal? PerImage { get; set; }

    /// <summary>US dollars per 1024 × 1024 pixels of the stored images, which these models call a megapixel.</summary>
    /// <value>0 to 1000</value>
    public decimal? PerMegapixel { get; set; }

    /// <summary>
    /// The most images that one run makes. It bounds the worst case for budgets where the input and the model's schema have no bound or a
    /// higher one. Only with <c>PerImage</c> or <c>PerMegapixel</c>.
    /// </summary>
    /// <value>1 to 1,000,000</value>
    public long? MostImages { get; set; }

    /// <summary>
    /// The most megapixels that one image has, for models whose images are at least as large as their input. Only with <c>PerMegapixel</c>.
    /// </summary>
    /// <value>above 0, to 10,000</value>
    public decimal? MostMegapixels { get; set; }

    /// <summary>
    /// The seconds that a run with the model's defaults takes, for estimates until GenApi has seen five runs. Only with <c>Hardware</c>.
    /// </summary>
    /// <value>above 0, to 86,400</value>
    public double? TypicalSeconds { get; set; }

    /// <summary>True for a private model or a deployment, whose boots and failed runs are billed too. Only with <c>Hardware</c>.</summary>
    public bool Private { get; set; }

    internal bool HasOutputPrice => PerRun is not null || PerImage is not null || PerMegapixel is not null;

    /// <summary>Reports each mistake in one sentence that begins with its key.</summary>
    internal IEnumerable<string> Failures(string key, IReadOnlyDictionary<string, decimal> hardware)
    {
        if (Hardware.Length > 0 && HasOutputPrice)
        {
            yield return
                $"{key} has {nameof(Hardware)} and a price for output as well; a run is billed in one way, so leave the other empty.";
        }
        if (Hardware.Length == 0 && !HasOutputPrice)
            yield return $"{key} must have {nameof(Hardware)}, {nameof(PerRun)}, {nameof(PerImage)} or {nameof(PerMegapixel)}.";
        if (Hardware.Length > 0 && !hardware.ContainsKey(Hardware))
            yield return $"{key}:{nameof(Hardware)} must be one of {string.Join(", ", hardware.Keys)}; it is '{Hardware}'.";
        foreach (var (name, usd) in new[] { (nameof(PerRun), PerRun), (nameof(PerImage), PerImage), (nameof(PerMegapixel), PerMegapixel) })
        {
            if (usd is < 0 or > HighestUsd)
                yield return FormattableString.Invariant($"{key}:{name} must be US dollars from 0 to {HighestUsd}; it is {usd}.");
        }
        if (Hardware.Length == 0 && (TypicalSeconds is not null || Private))
            yield return $"{key}:{(Private ? nameof(Private) : nameof(TypicalSeconds))} means nothing without {nameof(Hardware)}.";
        if (MostImages is not null && PerImage is null && PerMegapixel is null)
            yield return $"{key}:{nameof(MostImages)} means nothing without {nameof(PerImage)} or {nameof(PerMegapixel)}.";
        if (MostMegapixels is not null && PerMegapixel is null)
            yield return $"{key}:{nameof(MostMegapixels)} means nothing without {nameof(PerMegapixel)}.";
        if (MostImages is < 1 or > 1_000_000)
            yield return FormattableString.Invariant($"{key}:{nameof(MostImages)} must be from 1 to 1000000; it is {MostImages}.");
        if (MostMegapixels is <= 0 or > 10_000)
        {
            yield return FormattableString.Invariant(
                $"{key}:{nameof(MostMegapixels)} must be above 0 and at most 10000; it is {MostMegapixels}.");
        }
        if (TypicalSeconds is not null and not (> 0 and <= 86_400))
        {
            yield return FormattableString.Invariant(
                $"{key}:{nameof(TypicalSeconds)} must be above 0 and at most 86400; it is {TypicalSeconds}.");
        }
    }
}
