using System.Text.Json;

namespace GenApi.Client;

/// <summary>One request to one model, from its acceptance to its pictures.</summary>
public sealed record Generation
{
    /// <summary><c>gen_</c> and 26 characters. Sorted as text (ordinal), ids are in the order of time.</summary>
    public string Id { get; init; } = "";

    /// <summary>The status.</summary>
    public GenerationStatus Status { get; init; }

    /// <summary><c>owner/name</c>.</summary>
    public string Model { get; init; } = "";

    /// <summary>The version, 64 hexadecimal digits; null for official models, which have no versions to choose from.</summary>
    public string? Version { get; init; }

    /// <summary><c>replicate</c>, or <c>sandbox</c> for a painted stand-in.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>Replicate's id, once it is known.</summary>
    public string? PredictionId { get; init; }

    /// <summary>The whole input sent to the model, in the model's own names.</summary>
    public JsonElement Input { get; init; }

    /// <summary>The seed, given or picked; null if the model takes none.</summary>
    public long? Seed { get; init; }

    /// <summary>The pictures, in the model's order; empty until the generation has succeeded.</summary>
    public IReadOnlyList<GeneratedImage> Images { get => field ?? []; init; }

    /// <summary>All other output, such as a video; empty until the generation has succeeded.</summary>
    public IReadOnlyList<GeneratedFile> Files { get => field ?? []; init; }

    /// <summary>The model's output as JSON, with ids in place of files; null if the output is only a file or a list of files.</summary>
    public JsonElement? Output { get; init; }

    /// <summary>The model's own step count; null until it reports one.</summary>
    public GenerationProgress? Progress { get; init; }

    /// <summary>The reason for a failure or, while storing, for a repeated attempt; else null.</summary>
    public GenerationError? Error { get; init; }

    /// <summary>The durations of its phases.</summary>
    public GenerationTiming Timing { get => field ?? new(); init; }

    /// <summary>The cost; null if no price is known.</summary>
    public GenerationCost? Cost { get; init; }

    /// <summary>The key-value pairs of the request.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get => field ?? new Dictionary<string, string>(); init; }

    /// <summary>
    /// The account that made it and pays for it. Null if another account made it (unless this key has the right <c>admin</c>), and in
    /// webhooks.
    /// </summary>
    public GenerationAccount? Account { get; init; }

    /// <summary>
    /// The person for whom it was made, as its request named them: <see cref="GenerateRequest.User"/>. Null if it named nobody, if another
    /// key made the generation (unless this key has the right <c>admin</c>), and in webhooks.
    /// </summary>
    public string? EndUser { get; init; }

    /// <summary>True if the generation is exempt from the operator's retention rules.</summary>
    public bool Pinned { get; init; }

    /// <summary>The time of acceptance.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time at which the model began to run.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The time at which it ended.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>The absolute addresses.</summary>
    public GenerationUrls Urls { get => field ?? new(); init; }

    /// <summary>True if the generation has ended: it succeeded, failed or was canceled.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsFinished => Status is GenerationStatus.Succeeded or GenerationStatus.Failed or GenerationStatus.Canceled;
}

/// <summary>Output bytes that the service stores: <see cref="GeneratedImage"/> or <see cref="GeneratedFile"/>.</summary>
public abstract record GenerationOutput
{
    private protected GenerationOutput()
    {
    }

    /// <summary><c>img_</c> or <c>fil_</c> and 26 characters.</summary>
    public string Id { get; init; } = "";

    /// <summary>The absolute address. It can be fetched without an API key for about a day.</summary>
    public string Url { get; init; } = "";

    /// <summary>Its place among the images and files of the generation together, from 0.</summary>
    public int Index { get; init; }

    /// <summary>Its place in <see cref="Generation.Output"/>, such as <c>images[0]</c>; null where there is no output.</summary>
    public string? Name { get; init; }

    /// <summary>The content type, such as <c>image/png</c>.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>The number of bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>SHA-256 of the bytes, in 64 hexadecimal digits.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>The route, relative to the service's address.</summary>
    internal abstract string Path { get; }
}

/// <summary>A picture.</summary>
public sealed record GeneratedImage : GenerationOutput
{
    /// <summary>In pixels, as a viewer shows it; null if the file does not say.</summary>
    public int? Width { get; init; }

    /// <summary>In pixels, as <see cref="Width"/>.</summary>
    public int? Height { get; init; }

    internal override string Path => Route.Image(Id);
}

/// <summary>An output that is not a picture.</summary>
public sealed record GeneratedFile : GenerationOutput
{
    /// <summary>
    /// <c>video</c>, <c>audio</c>, <c>model</c> (in three dimensions), <c>archive</c>, <c>document</c>, <c>text</c> or <c>data</c>.
    /// </summary>
    public string Kind { get; init; } = "";

    /// <summary>The width of a video in pixels, as a player shows it; null if the file does not say.</summary>
    public int? Width { get; init; }

    /// <summary>The height of a video in pixels, as <see cref="Width"/>.</summary>
    public int? Height { get; init; }

    /// <summary>The length of a video or sound in seconds; null if the file does not say.</summary>
    public double? Duration { get; init; }

    internal override string Path => $"files/{Route.Segment(Id)}";
}
