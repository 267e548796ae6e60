using GenApi.Core.Errors;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Settings;
using GenApi.Core.Models.Timings;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Models.Prices;

/// <summary>What models cost, by the operator's table: no API of Replicate tells prices.</summary>
public sealed class Pricing
{
    /// <summary>A model whose times are told by the operator and were not seen yet may well take this much longer.</summary>
    private const double Untested = 4;

    /// <summary>What a model that tells nothing of its size makes: usually 1024 × 1024.</summary>
    private const long UsualPixels = ModelPrice.Megapixel;

    /// <summary>A worst case above it counts as this: beyond all that a budget is for, and ten thousand of them still are a number of a
    /// row.</summary>
    private const decimal MostUsd = 100_000_000;

    private readonly PriceList _prices;
    private readonly ModelTimes _times;

    internal Pricing(IOptions<ModelOptions> options, ModelTimes times) => (_prices, _times) = (new PriceList(options.Value), times);

    /// <summary>Null: no price is known, so no cost is told. Never taken for free.</summary>
    /// <param name="model"><c>owner/name</c>.</param>
    /// <param name="version">64 hexadecimal digits; null for an official model.</param>
    public ModelPrice? Of(string model, string? version) => _prices.Find(model, version);

    /// <summary>What a run with the model's own defaults may cost; null: no price is known.</summary>
    /// <inheritdoc cref="EstimateAsync(ResolvedModel, NormalisedInput, TimeSpan, CancellationToken)"/>
    public ValueTask<CostEstimate?> EstimateAsync(ResolvedModel model, TimeSpan longest, CancellationToken cancellationToken) =>
        EstimateAsync(model, new NormalisedInput(model.Input, []), longest, cancellationToken);

    /// <summary>What a run may cost; null: no price is known.</summary>
    /// <param name="model">The model and version to be run.</param>
    /// <param name="input">What it is asked for: the number of images, steps and pixels count.</param>
    /// <param name="longest">After this time a run is ended, whatever it does.</param>
    /// <param name="cancellationToken">Ends the reading of the model's times.</param>
    /// <exception cref="Errors.GenApiException">StorageUnavailable, where the model's times are read for the first time since the start.</exception>
    public async ValueTask<CostEstimate?> EstimateAsync(ResolvedModel model, NormalisedInput input, TimeSpan longest, CancellationToken cancellationToken)
    {
        if (Of(model.Reference, model.Version) is not { } price)
            return null;
        var size = input.Size;
        if (!price.IsByTime)
            return OfOutput(model, price, size);
        var history = await _times.HistoryAsync(model.Reference, model.Version, cancellationToken);
        var (expected, worst) = Seconds(price, history, size.Work, DefaultWork(model));
        if (price.Private && history.StartingSeconds is { } starting)
            (expected, worst) = (expected + starting.MedianSeconds, worst + starting.P95Seconds);
        return new(
            price,
            expected is { } usual ? price.PerSecond * (decimal)Math.Min(usual, longest.TotalSeconds) : null,
            price.PerSecond * (decimal)Math.Min(worst, longest.TotalSeconds));
    }

    /// <summary>
    /// What a usual run costs in US dollars, without asking what it is to make: the median of the runs seen, the operator's figure before five of them, or one image of
    /// 1024 × 1024 pixels; null: nothing to go by.
    /// </summary>
    internal static decimal? UsualUsd(ModelPrice price, RunHistory history)
    {
        if (!price.IsByTime)
            return price.OfOutput(1, UsualPixels);
        var seconds = history.UsualSeconds ?? price.TypicalSeconds;
        return price.PerSecond * (decimal?)(price.Private ? seconds + (history.StartingSeconds?.MedianSeconds ?? 0) : seconds);
    }

    /// <summary>For a model billed by its output: the operator's bounds go before those of input and schema, and stand in where these have
    /// none.</summary>
    private static CostEstimate OfOutput(ResolvedModel model, ModelPrice price, RunSize size)
    {
        var images = price.MostImages is { } most ? (size.HasCount && size.WorstImages < most ? size.WorstImages : most) : size.WorstImages;
        var pixels = price.MostMegapixels is { } megapixels ? Smaller(size.WorstPixels, (long)Math.Ceiling(megapixels * ModelPrice.Megapixel)) : size.WorstPixels;
        var (worstImages, worstPixels) = (images ?? size.Images, pixels ?? Math.Max(size.Pixels ?? 0, RunSize.LargestUnsaid));
        return new CostEstimate(
            price,
            Math.Min(price.OfOutput(size.Images, (decimal)(size.Pixels ?? UsualPixels) * size.Images), MostUsd),
            Math.Min(price.OfOutput(worstImages, (decimal)worstPixels * worstImages), MostUsd),
            images is null && (price.PerImage > 0 || price.PerMegapixel > 0)
                ? $"Nothing says how many images a run of {model.Reference} makes at most. {Set(nameof(PriceOptions.MostImages))}"
                : pixels is null && price.PerMegapixel > 0
                    ? $"Nothing says how large an image of {model.Reference} becomes at most. {Set(nameof(PriceOptions.MostMegapixels))}"
                    : null);
    }

    private static long Smaller(long? left, long right) => left < right ? left.Value : right;

    private static string Set(string member) => $"Have {member} put beside its price (Models:Prices), or say it in the input.";

    /// <summary>
    /// From the runs seen, per image and step; until there are enough, from the operator's figure; and where there is none, nothing is expected and the worst is the
    /// time after which a run is ended.
    /// </summary>
    private static (double? Expected, double Worst) Seconds(ModelPrice price, RunHistory history, int work, int defaultWork) =>
        history.PredictSeconds(work) is { } seen ? (seen.MedianSeconds, Math.Max(seen.P95Seconds, 2 * seen.MedianSeconds))
        : price.TypicalSeconds * work / defaultWork is { } told ? (told, told * Untested)
        : (null, double.MaxValue);

    private static int DefaultWork(ResolvedModel model) => new NormalisedInput(model.Input, []).Size.Work;
}
