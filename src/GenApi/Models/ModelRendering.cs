using System.Globalization;
using System.Text.Json.Nodes;
using GenApi.Core.KeepWarm;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Models.Timings;
using GenApi.Core.Persistence;

namespace GenApi.Models;

/// <summary>Writes a model as JSON.</summary>
internal static class ModelRendering
{
    /// <param name="model">The model.</param>
    /// <param name="warm">All models that are kept warm.</param>
    /// <param name="baseUrl">The base URL, without a slash at the end.</param>
    /// <param name="seesAll">Whether the caller may know when and how often others run the model.</param>
    public static ModelContract Contract(ModelListing model, IReadOnlyList<KeepWarmStatus> warm, string baseUrl, bool seesAll)
    {
        var timings = seesAll ? model.Timings : model.CoarseTimings;
        var self = $"{baseUrl}/models/{model.Alias ?? model.Reference}";
        return new ModelContract
        {
            Alias = model.Alias,
            Model = model.Reference,
            Version = model.Version,
            Official = model.IsOfficial,
            Default = model.IsDefault,
            Description = model.Description,
            RunCount = model.RunCount,
            CoverImageUrl = model.CoverImageUrl,
            DescribedAt = model.DescribedAt?.UtcDateTime,
            Price = Price(model, seesAll ? model.UsualUsd : model.CoarseUsualUsd),
            State = Word(timings.State),
            LastRunAt = timings.LastRunAt?.UtcDateTime,
            Times = Times(timings),
            KeepWarm = KeepWarm(model, warm, seesAll),
            Urls = new(self, $"{self}/versions"),
        };
    }

    /// <inheritdoc cref="Contract"/>
    public static ModelDetailsContract Details(
        ModelDetails details, IReadOnlyList<KeepWarmStatus> warm, string upstream, string baseUrl, bool seesAll)
    {
        var model = Contract(details.Model, warm, baseUrl, seesAll);
        return new ModelDetailsContract
        {
            Alias = model.Alias,
            Model = model.Model,
            Version = model.Version,
            Official = model.Official,
            Default = model.Default,
            Description = model.Description,
            RunCount = model.RunCount,
            CoverImageUrl = model.CoverImageUrl,
            DescribedAt = model.DescribedAt,
            Price = model.Price,
            State = model.State,
            LastRunAt = model.LastRunAt,
            Times = model.Times,
            KeepWarm = model.KeepWarm,
            Urls = model.Urls,
            Upstream = upstream,
            FetchedAt = details.FetchedAt.UtcDateTime,
            InputSchema = details.InputSchema,
            CommonNames = details.CommonNames,
            Example = details.Example is { } example ? new(JsonObject.Create(example.Input)!, example.Output) : null,
            ExampleRequest = details.ExampleRequest,
        };
    }

    private static ModelPriceContract? Price(ModelListing model, decimal? usual) => model.Price is not { } price ? null : new()
    {
        Hardware = price.Hardware,
        Private = price.Private,
        UsdPerSecond = price.IsByTime ? Usd(price.PerSecond) : null,
        UsdPerRun = UsdUnlessNone(price.PerRun),
        UsdPerImage = UsdUnlessNone(price.PerImage),
        UsdPerMegapixel = UsdUnlessNone(price.PerMegapixel),
        TypicalUsd = usual is { } usd ? MicroDollars.ToText(MicroDollars.Of(usd)) : null,
    };

    /// <summary>
    /// Returns the status of a model that is kept warm, by its alias or its full name. The time of the next run and the money spent reveal
    /// when others ran the model, so only callers that see everything get them.
    /// </summary>
    private static KeepWarmContract? KeepWarm(ModelListing model, IReadOnlyList<KeepWarmStatus> warm, bool seesAll)
    {
        var its = warm.FirstOrDefault(status => model.Alias is null
            ? status.Model.Equals(model.Reference, StringComparison.OrdinalIgnoreCase) && status.Version == model.Version
            : status.Alias == model.Alias);
        return its is null ? null : new(
            its.Alias,
            (int)its.Every.TotalMinutes,
            seesAll ? its.NextRunAt?.UtcDateTime : null,
            seesAll ? MicroDollars.ToText(MicroDollars.Of(its.SpentTodayUsd)) : null,
            Usd(its.DailyLimitUsd),
            seesAll && its.Hindrance is { } hindrance ? new(hindrance.Code, hindrance.Message) : null);
    }

    private static ModelTimesContract? Times(ModelTimings timings) =>
        timings is { Runs: null or 0, WarmStart: null, ColdStart: null, Predict: null }
            ? null
            : new(timings.Runs, Time(timings.WarmStart), Time(timings.ColdStart), Time(timings.Predict));

    private static ModelTimeContract? Time(MeasuredTime? time) =>
        time is null ? null : new(time.Runs, Seconds(time.MedianSeconds), Seconds(time.P95Seconds));

    /// <summary>Rounds to tenths of a millisecond, because the sandbox is fast.</summary>
    private static double Seconds(double seconds) => Math.Round(seconds, 4);

    private static string Word(Warmth state) => state switch
    {
        Warmth.Warm => "warm",
        Warmth.Cold => "cold",
        _ => "unknown",
    };

    private static string? UsdUnlessNone(decimal usd) => usd == 0 ? null : Usd(usd);

    /// <summary>Writes a price of the table with all its digits: a price per second has more digits than an amount of money.</summary>
    private static string Usd(decimal usd) => usd.ToString("0.############################", CultureInfo.InvariantCulture);
}
