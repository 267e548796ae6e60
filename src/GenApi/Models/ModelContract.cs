using System.ComponentModel;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GenApi.Core.Models.Timings;
using GenApi.Hosting;

namespace GenApi.Models;

[Description("A model as a list shows it. What nobody has told yet is null.")]
internal record ModelContract
{
    [Description("The short name to put into `model`; null: it is named in full.")]
    public required string? Alias { get; init; }

    [Description("`owner/name`.")]
    public required string Model { get; init; }

    [Description("64 hexadecimal digits: the version that the alias pins, else the latest. Null for official models, which have none to choose, and while it is not known.")]
    public required string? Version { get; init; }

    [Description("Official models are run by their name and are always warm; community models are run by a version.")]
    public required bool? Official { get; init; }

    [Description("Whether a request that names no model gets this one.")]
    public required bool Default { get; init; }

    public required string? Description { get; init; }

    [Description("All over the world, as the upstream counts.")]
    public required long? RunCount { get; init; }

    [Description("A picture that the upstream shows for the model.")]
    public required string? CoverImageUrl { get; init; }

    [Description("When the upstream last told the members above; null: it has not been reached since this model came into the list, or the model was only found by a search.")]
    public required DateTime? DescribedAt { get; init; }

    [Description("What a run costs by the operator's table; null: no price is known.")]
    public required ModelPriceContract? Price { get; init; }

    [Description("Whether the next run would probably start at once (`warm`) or have a machine boot first (`cold`), by the pauses after which runs seen here did so; `unknown` where none says anything about so long a pause.")]
    [Words("ModelState", typeof(Warmth))]
    public required string State { get; init; }

    [Description("When it was last seen running or ending, by this service; null: never, or the key is not an administrator's.")]
    public required DateTime? LastRunAt { get; init; }

    [Description("How long its last runs took; null: none was seen. Unless the key is an administrator's: of the runs that had ended when the hour began, in two digits.")]
    public required ModelTimesContract? Times { get; init; }

    [Description("Whether it is run for nobody so that its machine stays up; null: it is not, by the settings of the operator.")]
    public required KeepWarmContract? KeepWarm { get; init; }

    public required ModelUrlsContract Urls { get; init; }
}

[Description("What a run costs by the operator's table. Amounts are decimal numbers in a string, in US dollars; those that are not null add up.")]
internal sealed record ModelPriceContract
{
    [Description("The machine whose seconds are billed; null for a model that is billed by its output.")]
    public required string? Hardware { get; init; }

    [Description("Whether booting and failed runs are billed too, as those of private models are.")]
    public required bool Private { get; init; }

    public required string? UsdPerSecond { get; init; }

    public required string? UsdPerRun { get; init; }

    public required string? UsdPerImage { get; init; }

    [Description("For 1024 × 1024 pixels.")]
    public required string? UsdPerMegapixel { get; init; }

    [Description("What a usual run costs: the median of the seconds seen here, before five runs the operator's figure; or one image of one megapixel. Null: there is nothing to go by yet. In two digits, as `times`, unless the key is an administrator's.")]
    public required string? TypicalUsd { get; init; }
}

[Description("How long the last runs took, at most a hundred.")]
internal sealed record ModelTimesContract(
    [property: Description("How many runs were looked at; null unless the key is an administrator's.")] int? Runs,
    [property: Description("From creation until the model ran, where no machine had to boot; null: not seen.")] ModelTimeContract? WarmStart,
    [property: Description("The same with booting; null: not seen.")] ModelTimeContract? ColdStart,
    [property: Description("The model itself; null: not seen.")] ModelTimeContract? Predict);

[Description("How long something took, over the last runs.")]
internal sealed record ModelTimeContract(
    [property: Description("How many runs the two figures come from; null unless the key is an administrator's.")] int? Runs,
    [property: Description("Half of them took no longer.")] double MedianSeconds,
    [property: Description("19 of 20 took no longer.")] double P95Seconds);

[Description("How a model is kept warm.")]
internal sealed record KeepWarmContract(
    [property: Description("The alias under which that is set.")] string Alias,
    [property: Description("How long it may have nothing to do before it is run.")] int EveryMinutes,
    [property: Description("Null: not before what is told in `not_running` is gone, or the key is not an administrator's.")] DateTime? NextRunAt,
    [property: Description("US dollars: what today's runs cost, and unfinished ones may. Null unless the key is an administrator's.")] string? SpentTodayUsd,
    [property: Description("US dollars.")] string DailyLimitUsd,
    [property: Description("Why it is not run at present; null: nothing is in the way, or the key is not an administrator's.")] KeepWarmHindranceContract? NotRunning);

[Description("Why a model is not kept warm at present.")]
internal sealed record KeepWarmHindranceContract(
    [property: Description("`outside_hours`, `daily_limit`, `unfinished`, `no_price`, `no_input`, `upstream_unauthorized`, `upstream_out_of_credit`, `upstream_low_credit`, or a code of the problem documents.")] string Code,
    [property: Description("The same in a sentence.")] string Message);

[Description("Absolute addresses.")]
internal sealed record ModelUrlsContract(string Self, string Versions);

[Description("A page of the list of models.")]
internal sealed record ModelListContract(
    [property: Description("The models.")] IReadOnlyList<ModelContract> Data,
    [property: Description("Give it as `cursor` to get the next page; null at the end, and for a search.")] string? NextCursor,
    [property: Description("What a request that names no model gets: `Models:Default`.")] string Default,
    [property: Description("What came of `q`; null without it.")] ModelSearchContract? Search);

[Description("How far a search went.")]
internal sealed record ModelSearchContract(
    [property: Description("Whether the upstream was asked and answered. If not, only aliases were searched.")] bool UpstreamAnswered,
    [property: Description("Why it did not: a code of the problem documents. Null when it was not asked, because callers may name aliases only.")] string? Code,
    [property: Description("The upstream's results that are left out because they make no images: their output is described and holds no file, or the files of their example are no images.")] int LeftOut);

// The order: what a model has in common with a row of the list comes first.
[Description("All that is known of a model.")]
internal sealed record ModelDetailsContract : ModelContract
{
    [Description("`replicate`, or `sandbox` for a painted stand-in.")]
    [UpstreamWords]
    [JsonPropertyOrder(1)]
    public required string Upstream { get; init; }

    [Description("When version and inputs were read.")]
    [JsonPropertyOrder(1)]
    public required DateTime FetchedAt { get; init; }

    [Description("A JSON Schema (2020-12) that stands alone: the model's own names in display order, with defaults and what is allowed. Null when the model does not tell its inputs; then Replicate alone checks them.")]
    [JsonPropertyOrder(1)]
    public required JsonObject? InputSchema { get; init; }

    [Description("Common name to the model's own inputs that it sets. A common name that is not here is refused; `num_outputs: 1` is taken by every model.")]
    [JsonPropertyOrder(1)]
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> CommonNames { get; init; }

    [Description("A run that the upstream shows for the model; null when it shows none.")]
    [JsonPropertyOrder(1)]
    public required ModelExampleContract? Example { get; init; }

    [Description("A body for `POST /generate` that this model takes as it is.")]
    [JsonPropertyOrder(1)]
    public required JsonObject ExampleRequest { get; init; }
}

[Description("A run that the upstream shows for a model.")]
internal sealed record ModelExampleContract(
    [property: Description("Under the model's own names.")] JsonObject Input,
    [property: Description("Addresses of the files at the upstream. They are not stored here, and the upstream may have removed them.")] IReadOnlyList<string> Output);

[Description("A version of a community model.")]
internal sealed record ModelVersionContract(
    [property: Description("64 hexadecimal digits, to be named as `owner/name:version`.")] string Version,
    [property: Description("Null where the upstream does not tell.")] DateTime? CreatedAt,
    [property: Description("Whether a request that names the model as this address does runs this version.")] bool Used);
