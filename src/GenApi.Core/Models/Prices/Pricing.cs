using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Settings;
using GenApi.Core.Models.Timings;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Models.Prices;

/// <summary>Computes what models cost, by the operator's table: no API of Replicate returns prices.</summary>
public sealed class Pricing
{
    /// <summary>The safety factor for a duration that the operator set and no run has confirmed yet.</summary>
    private const double Untested = 4;

    /// <summary>The usual image of a model that does not state a size: 1024 × 1024.</summary>
    private const long UsualPixels = ModelPrice.Megapixel;

    /// <summary>The cap for a worst case. It is beyond any budget, and ten thousand of them still fit into a row's number.</summary>
    private const decimal MostUsd = 100_000_000;

    private readonly PriceList _prices;
    private readonly ModelTimes _times;

    public Pricing(IOptions<ModelOptions> options, ModelTimes times) => (_prices, _times) = (new PriceList(options.Value), times);

    /// <summary>Returns the price of a model. Null: the price is unknown, so no cost is reported; the model never counts as free.</summary>
    /// <param name="model"><c>owner/name</c>.</param>
    /// <param name="version">64 hexadecimal digits; null for an official model.</param>
    public ModelPrice? Of(string model, string? version) => _prices.Find(model, version);

    /// <summary>Estimates a run with the model's own defaults; null: no price is known.</summary>
    /// <inheritdoc cref="EstimateAsync(ResolvedModel, NormalisedInput, TimeSpan, CancellationToken)"/>
    public ValueTask<CostEstimate?> EstimateAsync(ResolvedModel model, TimeSpan longest, CancellationToken cancellationToken) =>
        EstimateAsync(model, new NormalisedInput(model.Input, []), longest, cancellationToken);

    /// <summary>Estimates the cost of a run; null: no price is known.</summary>
    /// <param name="model">The model and version to run.</param>
    /// <param name="input">The input; its images, steps and pixels count.</param>
    /// <param name="longest">The time after which a run is ended in any case.</param>
    /// <param name="cancellationToken">Cancels the reading of the model's times.</param>
    /// <exception cref="Errors.GenApiException">
    /// StorageUnavailable, when the model's times are read for the first time since the start.
    /// </exception>
    public async ValueTask<CostEstimate?> EstimateAsync(
        ResolvedModel model, NormalisedInput input, TimeSpan longest, CancellationToken cancellationToken)
    {
        if (Of(model.Reference, model.Version) is not { } price)
            return null;
        return price.IsByTime
            ? OfTime(model, price, input.Size, await _times.HistoryAsync(model.Reference, model.Version, cancellationToken), longest)
            : OfOutput(model, price, input.Size);
    }

    /// <summary>Estimates the cost of a run by a part of the runs seen; null: no price is known.</summary>
    /// <inheritdoc cref="EstimateAsync(ResolvedModel, NormalisedInput, TimeSpan, CancellationToken)" path="/param"/>
    internal CostEstimate? Estimate(ResolvedModel model, NormalisedInput input, RunHistory history, TimeSpan longest) =>
        Of(model.Reference, model.Version) is not { } price ? null
        : price.IsByTime ? OfTime(model, price, input.Size, history, longest)
        : OfOutput(model, price, input.Size);

    /// <summary>
    /// Returns the seconds of a run of this work without its start: by the runs seen, otherwise by the operator's setting. Null: unknown.
    /// </summary>
    internal double? UsualSeconds(ResolvedModel model, NormalisedInput input, RunHistory history) =>
        history.PredictSeconds(input.Work)?.MedianSeconds
        ?? Of(model.Reference, model.Version)?.TypicalSeconds * input.Work / DefaultWork(model)
        ?? history.AnySeconds;

    private static CostEstimate OfTime(ResolvedModel model, ModelPrice price, RunSize size, RunHistory history, TimeSpan longest)
    {
        var (expected, worst) = Seconds(price, history, size.Work, DefaultWork(model));
        if (price.Private && history.StartingSeconds is { } starting)
            (expected, worst) = (expected + starting.MedianSeconds, worst + starting.P95Seconds);
        return new(
            price,
            expected is { } usual ? price.PerSecond * (decimal)Math.Min(usual, longest.TotalSeconds) : null,
            price.PerSecond * (decimal)Math.Min(worst, longest.TotalSeconds));
    }

    /// <summary>
    /// Returns the cost of a typical run in US dollars, whatever its input: from the median of the runs seen, from the operator's setting
    /// while there are fewer than five, or for one image of 1024 × 1024 pixels. Null: unknown.
    /// </summary>
    internal static decimal? UsualUsd(ModelPrice price, RunHistory history)
    {
        if (!price.IsByTime)
            return price.OfOutput(1, UsualPixels);
        var seconds = history.UsualSeconds ?? price.TypicalSeconds;
        return price.PerSecond * (decimal?)(price.Private ? seconds + (history.StartingSeconds?.MedianSeconds ?? 0) : seconds);
    }

    /// <summary>
    /// Estimates a model billed by its output. The operator's limits take precedence over those of input and schema, and replace missing
    /// ones.
    /// </summary>
    private static CostEstimate OfOutput(ResolvedModel model, ModelPrice price, RunSize size)
    {
        var images = price.MostImages is { } most ? (size.HasCount && size.WorstImages < most ? size.WorstImages : most) : size.WorstImages;
        var pixels = price.MostMegapixels is { } megapixels
            ? Smaller(size.WorstPixels, (long)Math.Ceiling(megapixels * ModelPrice.Megapixel))
            : size.WorstPixels;
        var (worstImages, worstPixels) = (images ?? size.Images, pixels ?? Math.Max(size.Pixels ?? 0, RunSize.LargestUnsaid));
        return new CostEstimate(
            price,
            Math.Min(price.OfOutput(size.Images, (decimal)(size.Pixels ?? UsualPixels) * size.Images), MostUsd),
            Math.Min(price.OfOutput(worstImages, (decimal)worstPixels * worstImages), MostUsd),
            images is null && (price.PerImage > 0 || price.PerMegapixel > 0)
                ? $"Nothing limits the number of images in a run of {model.Reference}. {Set(nameof(PriceOptions.MostImages))}"
                : pixels is null && price.PerMegapixel > 0
                    ? $"Nothing limits the size of an image of {model.Reference}. {Set(nameof(PriceOptions.MostMegapixels))}"
                    : null);
    }

    private static long Smaller(long? left, long right) => left < right ? left.Value : right;

    private static string Set(string member) =>
        $"Say it in the input, or ask the operator to set {member} next to its price (Models:Prices).";

    /// <summary>
    /// Returns the seconds of a run: from the runs seen, per image and step; until there are enough, from the operator's setting. Without
    /// either, nothing is expected, and the worst case is the time after which a run is ended.
    /// </summary>
    private static (double? Expected, double Worst) Seconds(ModelPrice price, RunHistory history, int work, int defaultWork) =>
        history.PredictSeconds(work) is { } seen ? (seen.MedianSeconds, Math.Max(seen.P95Seconds, 2 * seen.MedianSeconds))
        : price.TypicalSeconds * work / defaultWork is { } configured ? (configured, configured * Untested)
        : (null, double.MaxValue);

    private static int DefaultWork(ResolvedModel model) => new NormalisedInput(model.Input, []).Size.Work;
}
