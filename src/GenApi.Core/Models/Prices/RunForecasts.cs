using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Timings;

namespace GenApi.Core.Models.Prices;

/// <summary>Predicts the cost and the duration of a run as its caller may see them.</summary>
public sealed class RunForecasts(Pricing pricing, ModelTimes times)
{
    /// <summary>Predicts a run.</summary>
    /// <param name="model">The model and version to run.</param>
    /// <param name="input">The input; its images, steps and pixels count.</param>
    /// <param name="longest">The time after which a run is ended in any case.</param>
    /// <param name="seesAll">
    /// Whether the caller may learn when others run the model. If not, only runs that had ended when this hour began count, in two digits.
    /// </param>
    /// <param name="cancellationToken">Cancels the reading of the model's times.</param>
    /// <exception cref="Errors.GenApiException">
    /// StorageUnavailable, when the model's times are read for the first time since the start.
    /// </exception>
    internal async ValueTask<RunForecast> OfAsync(
        ResolvedModel model, NormalisedInput input, TimeSpan longest, bool seesAll, CancellationToken cancellationToken)
    {
        var history = await times.HistoryAsync(model.Reference, model.Version, cancellationToken);
        var state = times.At(history, model.Version).State;
        if (!seesAll)
            history = times.UntilThisHour(history);
        var boot = times.At(history, model.Version).ColdStart?.MedianSeconds;
        var seconds = pricing.UsualSeconds(model, input, history);
        var cost = pricing.Estimate(model, input, history, longest);
        return seesAll ? new(cost, seconds, state, boot) : new(Coarsened(cost), Coarse.Round(seconds), state, Coarse.Round(boot));
    }

    /// <summary>Coarsens a cost that depends on others' runs. The cost by output depends on the input and the price table alone.</summary>
    private static CostEstimate? Coarsened(CostEstimate? cost) => cost is { Price.IsByTime: true } byTime
        ? byTime with { ExpectedUsd = Coarse.Round(byTime.ExpectedUsd), WorstUsd = Coarse.RoundUp(byTime.WorstUsd) }
        : cost;
}

/// <summary>A run as it will probably be.</summary>
/// <param name="Cost">Null: no price is known.</param>
/// <param name="Seconds">The running time of the model, without queueing and booting; null: unknown.</param>
/// <param name="State">Whether the run would probably start at once.</param>
/// <param name="BootSeconds">The usual time to a start that has to wait for a machine; null: none was seen.</param>
public sealed record RunForecast(CostEstimate? Cost, double? Seconds, Warmth State, double? BootSeconds);
