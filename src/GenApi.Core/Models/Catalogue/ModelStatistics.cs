using GenApi.Core.Errors;
using GenApi.Core.Models.Prices;
using GenApi.Core.Models.Timings;

namespace GenApi.Core.Models.Catalogue;

/// <summary>What a list of models tells of money and time: by the operator's table and from the runs seen here, without the upstream and by one query for all.</summary>
internal sealed class ModelStatistics(Pricing pricing, ModelTimes times)
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
