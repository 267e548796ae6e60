using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Hosting;

namespace GenApi.Generations;

[Description("One request to one model, from its acceptance to its images.")]
[Example(GenerationExample.Json)]
internal sealed record GenerationContract
{
    [Description("`gen_` and 26 characters. Sorted as text they are in the order of time.")]
    public required string Id { get; init; }

    [Description("`queued` → `starting` → `processing` → `storing` → `succeeded`, `failed` or `canceled`. The last three never change.")]
    [Words("GenerationStatus", typeof(GenerationStatus))]
    public required string Status { get; init; }

    [Description("`owner/name`.")]
    public required string Model { get; init; }

    [Description("64 hexadecimal digits; null for official models, which have no versions to choose from.")]
    public required string? Version { get; init; }

    [Description("`replicate`, or `sandbox` for a painted stand-in.")]
    [UpstreamWords]
    public required string Upstream { get; init; }

    [Description("Replicate's id, once it is known.")]
    public required string? PredictionId { get; init; }

    [Description("The whole input sent upstream, files that are kept here by their ids. It can be posted again as it is.")]
    public required JsonElement Input { get; init; }

    [Description("Null when the model takes none.")]
    public required long? Seed { get; init; }

    [Description("Empty until the status is `succeeded`.")]
    public required IReadOnlyList<ImageContract> Images { get; init; }

    [Description("What the model put out that is no picture: videos, sound, models, archives, texts. Empty until the status is `succeeded`.")]
    public required IReadOnlyList<FileContract> Files { get; init; }

    [Description("What the model returned, as JSON, with the id of an image or file in the place of each that is kept here. Null until it has ended, and where the model returned a file or a list of files and nothing else.")]
    public required JsonElement? Output { get; init; }

    [Description("As read from the model's log; null until it tells any.")]
    public required ProgressContract? Progress { get; init; }

    [Description("Why it failed, or why storing is being tried again.")]
    public required ErrorContract? Error { get; init; }

    public required TimingContract Timing { get; init; }

    [Description("While it runs, what such runs usually cost; then what this one did. Null when no price is known for the model, or nothing to go by.")]
    public required CostContract? Cost { get; init; }

    [Description("The pairs given with the request.")]
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    [Description("Whether it is kept whatever the operator's rules of retention say.")]
    public required bool Pinned { get; init; }

    public required DateTime CreatedAt { get; init; }

    [Description("When the model began to run, by our clock: never before `created_at`.")]
    public required DateTime? StartedAt { get; init; }

    public required DateTime? CompletedAt { get; init; }

    public required UrlsContract Urls { get; init; }
}

[Description("A stored image.")]
internal sealed record ImageContract
{
    public required string Id { get; init; }

    [Description("Absolute; the bytes behind it never change. Where API keys are in use it carries the right to be read without one, for a day (`Images:LinkMinutes`); each read of the generation gives a new one.")]
    public required string Url { get; init; }

    [Description("Its place among the images and files of its generation together, from 0.")]
    public required int Index { get; init; }

    [Description("Where it stands in `output`, such as `images[0]`; null where there is no `output`.")]
    public required string? Name { get; init; }

    public required string ContentType { get; init; }

    [Description("In pixels, as it is shown: turned and cropped as the file asks for it. Null where the file does not tell.")]
    public required int? Width { get; init; }

    [Description("In pixels, as `width`.")]
    public required int? Height { get; init; }

    public required long Bytes { get; init; }

    [Description("Of the bytes, 64 hexadecimal digits.")]
    public required string Sha256 { get; init; }
}

[Description("A stored output that is no picture.")]
internal sealed record FileContract
{
    [Description("`fil_` and 26 characters.")]
    public required string Id { get; init; }

    [Description("Absolute; the bytes behind it never change. It carries the right to be read as the `url` of an image does.")]
    public required string Url { get; init; }

    [Description("Its place among the images and files of its generation together, from 0.")]
    public required int Index { get; init; }

    [Description("Where it stands in `output`, such as `video`; null where there is no `output`.")]
    public required string? Name { get; init; }

    [Description("What it is, by its bytes. `model` is one in three dimensions; `data` is everything that is none of the others.")]
    [Words("FileKind", typeof(FileKind), nameof(FileKind.Image))]
    public required string Kind { get; init; }

    public required string ContentType { get; init; }

    public required long Bytes { get; init; }

    [Description("Of the bytes, 64 hexadecimal digits.")]
    public required string Sha256 { get; init; }
}

[Description("How far a run is.")]
internal sealed record ProgressContract(
    [property: Description("From 0 to 1.")] double Percentage,
    [property: Description("Steps done.")] int Current,
    [property: Description("Steps in all.")] int Total);

[Description("Why a generation failed.")]
internal sealed record ErrorContract(
    [property: Description("A code of the problem documents.")] string Code,
    [property: Description("What happened, in a sentence.")] string Message,
    [property: Description("Whether the same request may succeed a little later. It is false where it would end the same way, and cost as much.")] bool Retryable)
{
    [Description("JSON path to what the upstream says is wrong there; absent where no member of the input is to blame.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }
}

[Description("In seconds; null what has not happened yet.")]
internal sealed record TimingContract
{
    [Description("From acceptance here to acceptance upstream.")]
    public required double? QueuedSeconds { get; init; }

    [Description("From acceptance upstream to the start of the model.")]
    public required double? StartingSeconds { get; init; }

    [Description("How long the model ran, as the upstream measured.")]
    public required double? PredictSeconds { get; init; }

    [Description("From the upstream's end until every image was kept.")]
    public required double? StoringSeconds { get; init; }

    public required double? TotalSeconds { get; init; }

    [Description("Whether a machine had to be booted for it: the start took much longer than this model's warm starts. Null until it has started.")]
    public required bool? ColdStart { get; init; }
}

[Description("What a run costs.")]
internal sealed record CostContract(
    [property: Description("A decimal number in US dollars.")] string Usd,
    [property: Description("Whether it is worked out by the price table of this service rather than certain. In the sandbox: what Replicate would have asked.")] bool Estimated);

[Description("Absolute addresses.")]
internal sealed record UrlsContract(string Self, string Events, string Cancel, string Logs);

[Description("An image and the generation that made it.")]
internal sealed record ImageInfoContract(ImageContract Image, GenerationContract Generation);

[Description("A file and the generation that made it.")]
internal sealed record FileInfoContract(FileContract File, GenerationContract Generation);
