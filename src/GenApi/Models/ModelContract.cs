using System.ComponentModel;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GenApi.Core.Models.Timings;
using GenApi.Hosting;

namespace GenApi.Models;

[Description("A model as a list shows it. Facts that are not known yet are null.")]
internal record ModelContract
{
    [Description("The short name to use as `model`. Null: the model is named in full.")]
    public required string? Alias { get; init; }

    [Description("`owner/name`.")]
    public required string Model { get; init; }

    [Description("64 hexadecimal digits: the version that the alias pins, otherwise the latest. Null for official models, which offer no "
        + "choice, and until it is known.")]
    public required string? Version { get; init; }

    [Description("Official models run by name and are always warm. Community models run by version.")]
    public required bool? Official { get; init; }

    [Description("Whether a request that names no model gets this one.")]
    public required bool Default { get; init; }

    [Description("The description that Replicate shows.")]
    public required string? Description { get; init; }

    [Description("Runs worldwide, as Replicate counts them.")]
    public required long? RunCount { get; init; }

    [Description("The picture that Replicate shows for the model.")]
    public required string? CoverImageUrl { get; init; }

    [Description("When Replicate last reported the three members above. Null: Replicate has not been reached since the model entered the "
        + "list, or the model was only found by a search.")]
    public required DateTime? DescribedAt { get; init; }

    [Description("What a run costs by the operator's price table. Null: no price is known.")]
    public required ModelPriceContract? Price { get; init; }

    [Description("`warm`: the next run would probably start at once. `cold`: a machine would boot first. `unknown`: no run seen here "
        + "indicates either after so long a pause.")]
    [Words("ModelState", typeof(Warmth))]
    public required string State { get; init; }

    [Description("When this service last saw it running or ending. Null: never, or the key has no right `admin`.")]
    public required DateTime? LastRunAt { get; init; }

    [Description("How long its last hundred runs took. Null: none was seen. Without the right `admin`: only runs that ended before this "
        + "hour began, rounded to two digits.")]
    public required ModelTimesContract? Times { get; init; }

    [Description("How the service keeps the model warm. Null: it does not.")]
    public required KeepWarmContract? KeepWarm { get; init; }

    [Description("Where to read more.")]
    public required ModelUrlsContract Urls { get; init; }
}

[Description("What a run costs by the operator's price table. Amounts are decimal numbers in a string, in US dollars. The amounts that "
    + "are not null add up.")]
internal sealed record ModelPriceContract
{
    [Description("The machine whose seconds are billed. Null for a model billed by its output.")]
    public required string? Hardware { get; init; }

    [Description("Whether booting and failed runs are billed too, as for private models.")]
    public required bool Private { get; init; }

    [Description("For each second that the model runs.")]
    public required string? UsdPerSecond { get; init; }

    [Description("For each run.")]
    public required string? UsdPerRun { get; init; }

    [Description("For each image.")]
    public required string? UsdPerImage { get; init; }

    [Description("For each 1024 × 1024 pixels.")]
    public required string? UsdPerMegapixel { get; init; }

    [Description("What a usual run costs: by the median of the seconds seen here, or by the operator's `TypicalSeconds` until five runs "
        + "were seen; or for one image of one megapixel. Null: no basis yet. Without the right `admin`: from the same runs as `times`, "
        + "rounded to two digits.")]
    public required string? TypicalUsd { get; init; }
}

[Description("How long the last runs took: at most a hundred.")]
internal sealed record ModelTimesContract(
    [property: Description("How many runs were counted. Null without the right `admin`.")] int? Runs,
    [property: Description("From creation until the model ran, if no machine had to boot. Null: not seen.")] ModelTimeContract? WarmStart,
    [property: Description("The same, with booting. Null: not seen.")] ModelTimeContract? ColdStart,
    [property: Description("The run of the model itself. Null: not seen.")] ModelTimeContract? Predict);

[Description("A duration over the last runs.")]
internal sealed record ModelTimeContract(
    [property: Description("How many runs the two numbers come from. Null without the right `admin`.")] int? Runs,
    [property: Description("Half of the runs took no longer.")] double MedianSeconds,
    [property: Description("19 of 20 runs took no longer.")] double P95Seconds);

[Description("How a model is kept warm.")]
internal sealed record KeepWarmContract(
    [property: Description("The alias that has the setting.")] string Alias,
    [property: Description("How many minutes the model may idle before the service runs it.")] int EveryMinutes,
    [property: Description("When it runs next. Null: not until the obstacle in `not_running` is gone, or the key has no right `admin`.")]
    DateTime? NextRunAt,
    [property: Description("US dollars: what today's runs cost, and what unfinished ones may cost. Null without the right `admin`.")]
    string? SpentTodayUsd,
    [property: Description("The daily limit in US dollars.")] string DailyLimitUsd,
    [property: Description("Why it does not run at present. Null: no obstacle, or the key has no right `admin`.")]
    KeepWarmHindranceContract? NotRunning);

[Description("Why a model is not kept warm at present.")]
internal sealed record KeepWarmHindranceContract(
    [property: Description("`outside_hours`, `daily_limit`, `unfinished`, `no_price`, `no_input`, `upstream_unauthorized`, "
        + "`upstream_out_of_credit`, `upstream_low_credit`, or a problem code.")]
    string Code,
    [property: Description("The reason in a sentence.")] string Message);

[Description("Absolute addresses.")]
internal sealed record ModelUrlsContract(
    [property: Description("The model.")] string Self,
    [property: Description("Its versions.")] string Versions);

[Description("A page of the list of models.")]
internal sealed record ModelListContract(
    [property: Description("The models.")] IReadOnlyList<ModelContract> Data,
    [property: Description("The `cursor` of the next page. Null at the end, and for a search.")] string? NextCursor,
    [property: Description("The model of a request that names none: `Models:Default`.")] string Default,
    [property: Description("The outcome of the search. Null without `q`.")] ModelSearchContract? Search);

[Description("The outcome of a search.")]
internal sealed record ModelSearchContract(
    [property: Description("Whether Replicate was asked and answered. If not, only the aliases were searched.")] bool UpstreamAnswered,
    [property: Description("Why it did not: a problem code. Null if Replicate was not asked because callers may name aliases only "
        + "(`Models:AllowAny`).")]
    string? Code,
    [property: Description("How many of Replicate's results were left out because they make no images.")] int LeftOut);

// The order: what a model has in common with a row of the list comes first.
[Description("Everything known about a model.")]
internal sealed record ModelDetailsContract : ModelContract
{
    [Description("`replicate`, or `sandbox` for a painted stand-in.")]
    [UpstreamWords]
    [JsonPropertyOrder(1)]
    public required string Upstream { get; init; }

    [Description("When the version and the inputs were read.")]
    [JsonPropertyOrder(1)]
    public required DateTime FetchedAt { get; init; }

    [Description("A self-contained JSON Schema (2020-12): the model's own names in its author's order, with defaults and allowed values. "
        + "Null if the model publishes no schema; then only Replicate checks the input.")]
    [JsonPropertyOrder(1)]
    public required JsonObject? InputSchema { get; init; }

    [Description("Each common name, with the model's own inputs that it sets. A common name that is not listed is refused, except "
        + "`num_outputs: 1`.")]
    [JsonPropertyOrder(1)]
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> CommonNames { get; init; }

    [Description("A run that Replicate shows for the model. Null if it shows none.")]
    [JsonPropertyOrder(1)]
    public required ModelExampleContract? Example { get; init; }

    [Description("A body for `POST /generate` that this model takes as it is: the example, as far as the current schema accepts it, with "
        + "a seed.")]
    [JsonPropertyOrder(1)]
    public required JsonObject ExampleRequest { get; init; }
}

[Description("A run that Replicate shows for a model.")]
internal sealed record ModelExampleContract(
    [property: Description("Its input, in the model's own names.")] JsonObject Input,
    [property: Description("Addresses of the files at Replicate. They are not stored here, and Replicate may have removed them.")]
    IReadOnlyList<string> Output);

[Description("A version of a community model.")]
internal sealed record ModelVersionContract(
    [property: Description("64 hexadecimal digits, for `owner/name:version`.")] string Version,
    [property: Description("When the version was made. Null if Replicate does not tell.")] DateTime? CreatedAt,
    [property: Description("Whether a request that names the model as this path does runs this version.")] bool Used);
