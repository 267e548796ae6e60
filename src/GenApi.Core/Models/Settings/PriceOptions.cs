namespace GenApi.Core.Models.Settings;

/// <summary>
/// What a run of a model costs: either <see cref="Hardware"/>, billed for the seconds it runs, or what its output costs, where the members
/// given add up. Replicate bills public community models in the first way and official models in the second.
/// </summary>
public sealed class PriceOptions
{
    /// <summary>Of one image, one megapixel, one run, or one second of a machine: beyond it somebody wrote cents, or forgot the point.</summary>
    internal const decimal HighestUsd = 1000;

    /// <summary>A machine of <c>Models:Hardware</c>, such as <c>gpu-l40s</c>; empty: not billed by time.</summary>
    public string Hardware { get; set; } = "";

    /// <summary>US dollars for each run that succeeds.</summary>
    public decimal? PerRun { get; set; }

    /// <summary>US dollars for each image.</summary>
    public decimal? PerImage { get; set; }

    /// <summary>US dollars for each 1024 × 1024 pixels of output, which is what these models themselves call a megapixel.</summary>
    public decimal? PerMegapixel { get; set; }

    /// <summary>
    /// How many images one run makes at most, 1 to 1,000,000: the bound for budgets where neither the input nor the model's schema has one,
    /// or where they have a
    /// higher one. Only beside <see cref="PerImage"/> or <see cref="PerMegapixel"/>.
    /// </summary>
    public long? MostImages { get; set; }

    /// <summary>
    /// How many megapixels one image has at most, above 0, to 10,000: the same for a model whose images are as large as, or larger than,
    /// the one that goes in. Only
    /// beside <see cref="PerMegapixel"/>.
    /// </summary>
    public decimal? MostMegapixels { get; set; }

    /// <summary>
    /// Seconds that one run with the model's defaults takes, for estimates until enough runs have been seen here; only beside <see cref="Hardware"/>.
    /// </summary>
    public double? TypicalSeconds { get; set; }

    /// <summary>
    /// A private model or a deployment: its machine is billed from the moment it boots, and failed runs like the others. Only beside <see cref="Hardware"/>.
    /// </summary>
    public bool Private { get; set; }

    internal bool HasOutputPrice => PerRun is not null || PerImage is not null || PerMegapixel is not null;

    /// <summary>One sentence for each mistake, which begins with its key.</summary>
    internal IEnumerable<string> Failures(string key, IReadOnlyDictionary<string, decimal> hardware)
    {
        if (Hardware.Length > 0 && HasOutputPrice)
            yield return $"{key} has {nameof(Hardware)} and a price for output as well; a run is billed in one way, so leave the other empty.";
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
            yield return FormattableString.Invariant($"{key}:{nameof(MostMegapixels)} must be above 0 and at most 10000; it is {MostMegapixels}.");
        if (TypicalSeconds is not null and not (> 0 and <= 86_400))
            yield return FormattableString.Invariant($"{key}:{nameof(TypicalSeconds)} must be above 0 and at most 86400; it is {TypicalSeconds}.");
    }
}
