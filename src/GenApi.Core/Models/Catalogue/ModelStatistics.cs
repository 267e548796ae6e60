using GenApi.Core.Models.Prices;
using GenApi.Core.Models.Timings;

namespace GenApi.Core.Models.Catalogue;

/// <summary>
/// Adds prices and times to a list of models: from the operator's table and the runs seen here, without the upstream and with one query for
/// all.
/// </summary>
public sealed class ModelStatistics(Pricing pricing, ModelTimes times)
{
    /// <exception cref="Errors.GenApiException">StorageUnavailable.</exception>
    public async Task<IReadOnlyList<ModelListing>> AddAsync(IReadOnlyList<ModelListing> models, CancellationToken cancellationToken)
    {
        var histories = await times.HistoriesAsync([.. models.Select(model => (model.Reference, model.Version))], cancellationToken);
        return [.. models.Zip(histories, With)];
    }

    private ModelListing With(ModelListing model, RunHistory history)
    {
        var price = pricing.Of(model.Reference, model.Version);
        var (timings, earlier) = (times.At(history, model.Version), times.UntilThisHour(history));
        return model with
        {
            Price = price,
            UsualUsd = price is null ? null : Pricing.UsualUsd(price, history),
            Timings = timings,
            CoarseUsualUsd = price is null ? null : Coarse.Round(Pricing.UsualUsd(price, earlier)),
            CoarseTimings = Coarse.Of(timings, times.At(earlier, model.Version)),
        };
    }
}
