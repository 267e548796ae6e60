using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Hosting;

namespace GenApi.Generations;

[Description("One request to one model, from acceptance to stored images.")]
[Example(GenerationExample.Json)]
internal sealed record GenerationContract
{
    [Description("`gen_` and 26 characters. Ids sorted as text are in order of time.")]
    public required string Id { get; init; }

    [Description("`queued` → `starting` → `processing` → `storing` → `succeeded`, `failed` or `canceled`. The last three never change.")]
    [Words("GenerationStatus", typeof(GenerationStatus))]
    public required string Status { get; init; }

    [Description("`owner/name`.")]
    public required string Model { get; init; }

    [Description("64 hexadecimal digits. Null for official models, which offer no choice of versions.")]
    public required string? Version { get; init; }

    [Description("`replicate`, or `sandbox` for a painted stand-in.")]
    [UpstreamWords]
    public required string Upstream { get; init; }

    [Description("Replicate's id. Null until it is known.")]
    public required string? PredictionId { get; init; }

    [Description("The whole input sent upstream, in the model's own names; files stored here by their ids. Posted again as `input`, with "
        + "`model`, it is the same request.")]
    public required JsonElement Input { get; init; }

    [Description("The seed given or picked. Null if the model takes none.")]
    public required long? Seed { get; init; }

    [Description("The pictures, in the model's order. Empty until the status is `succeeded`.")]
    public required IReadOnlyList<ImageContract> Images { get; init; }

    [Description("Every output that is not a picture: video, sound, 3D models, archives, text. Empty until the status is `succeeded`.")]
    public required IReadOnlyList<FileContract> Files { get; init; }

    [Description("What the model returned as JSON, with the id of the stored image or file in place of each address. Null until the "
        + "generation ends, and if the model returned only a file or a list of files.")]
    public required JsonElement? Output { get; init; }

    [Description("Read from the model's log. Null until the log reports progress.")]
    public required ProgressContract? Progress { get; init; }

    [Description("Why the generation failed or, while the status is `storing`, why storing is being retried. Otherwise null.")]
    public required ErrorContract? Error { get; init; }

    [Description("How long each phase took.")]
    public required TimingContract Timing { get; init; }

    [Description("While it runs, what such a run usually costs; afterwards, what this run cost. Null if no price is known for the model, "
        + "or there is no basis for an estimate yet.")]
    public required CostContract? Cost { get; init; }

    [Description("The pairs given with the request, unchanged.")]
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    [Description("The account that made it and pays for it. Only in answers to that account and to administrators: absent if another "
        + "account's run answered your request.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AccountContract? Account { get; init; }

    [Description("The person for whom it was made, as its request named them (`user`, `X-OpenWebUI-User-Id`). Only in answers to the "
        + "account that made it and to administrators; absent if nobody was named.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EndUser { get; init; }

    [Description("Whether retention leaves it alone.")]
    public required bool Pinned { get; init; }

    [Description("When GenApi accepted the request.")]
    public required DateTime CreatedAt { get; init; }

    [Description("When the model began to run, by our clock; never before `created_at`. Null until then.")]
    public required DateTime? StartedAt { get; init; }

    [Description("When the generation reached a terminal status. Null until then.")]
    public required DateTime? CompletedAt { get; init; }

    [Description("Where to read, follow and cancel it.")]
    public required UrlsContract Urls { get; init; }

    [Description("Grows with every change of the generation. Only in events of `GET /events`; elsewhere absent.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Revision { get; init; }
}

[Description("A stored image.")]
internal sealed record ImageContract
{
    [Description("`img_` and 26 characters.")]
    public required string Id { get; init; }

    [Description("Absolute. The bytes behind it never change. Where API keys are in use, the link itself grants access, for a day "
        + "(`Images:LinkMinutes`); each read of the generation returns a valid one.")]
    public required string Url { get; init; }

    [Description("Its position among all images and files of the generation, from 0.")]
    public required int Index { get; init; }

    [Description("Its place in `output`, such as `images[0]`. Null if there is no `output`.")]
    public required string? Name { get; init; }

    [Description("The media type that the bytes have, whatever the sender claimed.")]
    public required string ContentType { get; init; }

    [Description("In pixels, as a viewer shows it: rotated and cropped as the file says. Null if the header does not tell.")]
    public required int? Width { get; init; }

    [Description("In pixels; as `width`.")]
    public required int? Height { get; init; }

    [Description("Size in bytes.")]
    public required long Bytes { get; init; }

    [Description("Of the bytes; 64 hexadecimal digits.")]
    public required string Sha256 { get; init; }
}

[Description("A stored output that is not a picture.")]
internal sealed record FileContract
{
    [Description("`fil_` and 26 characters.")]
    public required string Id { get; init; }

    [Description("Absolute. The bytes behind it never change. The link grants access as the `url` of an image does.")]
    public required string Url { get; init; }

    [Description("Its position among all images and files of the generation, from 0.")]
    public required int Index { get; init; }

    [Description("Its place in `output`, such as `video`. Null if there is no `output`.")]
    public required string? Name { get; init; }

    [Description("What the bytes are. `model` is a 3D model; `data` is anything else: JSON, arrays, weights, unknown formats.")]
    [Words("FileKind", typeof(FileKind), nameof(FileKind.Image))]
    public required string Kind { get; init; }

    [Description("The media type that the bytes have, whatever the sender claimed.")]
    public required string ContentType { get; init; }

    [Description("Of a video, in pixels as a player shows it. Null for other files, and if the container does not state it.")]
    public required int? Width { get; init; }

    [Description("In pixels; as `width`.")]
    public required int? Height { get; init; }

    [Description("The length of a video or sound in seconds, to the millisecond. Null for other files, and if the container does not "
        + "state it.")]
    public required double? Duration { get; init; }

    [Description("Size in bytes.")]
    public required long Bytes { get; init; }

    [Description("Of the bytes; 64 hexadecimal digits.")]
    public required string Sha256 { get; init; }
}

[Description("How far a run has got.")]
internal sealed record ProgressContract(
    [property: Description("From 0 to 1.")] double Percentage,
    [property: Description("Steps done.")] int Current,
    [property: Description("Steps in all.")] int Total);

[Description("Why a generation failed.")]
internal sealed record ErrorContract(
    [property: Description("A problem code.")] string Code,
    [property: Description("What happened, in a sentence.")] string Message,
    [property: Description("Whether the same request may succeed later. False if it would fail the same way, or be billed again for "
        + "nothing.")]
    bool Retryable)
{
    [Description("JSON path to what the upstream says is wrong there. Absent if no member of the input is to blame.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }
}

[Description("In seconds. Null for what has not happened yet. No value is negative, and setting the clock changes none.")]
internal sealed record TimingContract
{
    [Description("From acceptance by GenApi to acceptance upstream.")]
    public required double? QueuedSeconds { get; init; }

    [Description("From acceptance upstream to the start of the model.")]
    public required double? StartingSeconds { get; init; }

    [Description("How long the model ran, as measured upstream.")]
    public required double? PredictSeconds { get; init; }

    [Description("From the end of the run until every image was stored.")]
    public required double? StoringSeconds { get; init; }

    [Description("From acceptance to the terminal status.")]
    public required double? TotalSeconds { get; init; }

    [Description("Whether a machine had to boot: the start took much longer than this model's warm starts. Null until the model has "
        + "started.")]
    public required bool? ColdStart { get; init; }
}

[Description("The account that made a generation.")]
internal sealed record AccountContract(
    [property: Description("`key_…`, or a word for an account without a key, as in `GET /accounts/me`.")] string Id,
    [property: Description("The name that the key has now, or the word again.")] string Name);

[Description("What a run costs.")]
internal sealed record CostContract(
    [property: Description("US dollars, a decimal number to the millionth.")] string Usd,
    [property: Description("Whether the amount is calculated from the operator's price table; a bill may differ. In the sandbox: what "
        + "Replicate would have charged.")]
    bool Estimated);

[Description("Absolute addresses.")]
internal sealed record UrlsContract(
    [property: Description("The generation.")] string Self,
    [property: Description("Its event stream.")] string Events,
    [property: Description("Takes POST.")] string Cancel,
    [property: Description("The model's log.")] string Logs);

[Description("An image and the generation that made it.")]
internal sealed record ImageInfoContract(ImageContract Image, GenerationContract Generation)
{
    [Description("Whether the bytes carry Content Credentials (a C2PA manifest). GenApi stores it as it is and does not verify it. Null "
        + "if GenApi can't tell: the image is no PNG, JPEG, WebP or AVIF, or it is damaged, lost or larger than 64 MB.")]
    public required bool? ContentCredentials { get; init; }

    [Description("The picture as a blur of at most 25 bytes (ThumbHash), in base64. Null: not computed yet, or it can't be.")]
    public required string? Thumbhash { get; init; }
}

[Description("A file and the generation that made it.")]
internal sealed record FileInfoContract(FileContract File, GenerationContract Generation);
