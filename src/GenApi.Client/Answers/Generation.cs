using System.Text.Json;

namespace GenApi.Client;

/// <summary>One request to one model, from its acceptance to its pictures.</summary>
public sealed record Generation
{
    /// <summary><c>gen_</c> and 26 characters. Sorted as text (ordinal), ids are in the order of time.</summary>
    public string Id { get; init; } = "";

    /// <summary>How far it is.</summary>
    public GenerationStatus Status { get; init; }

    /// <summary><c>owner/name</c>.</summary>
    public string Model { get; init; } = "";

    /// <summary>64 hexadecimal digits; null for official models, which have no versions to choose from.</summary>
    public string? Version { get; init; }

    /// <summary><c>replicate</c>, or <c>sandbox</c> for a painted stand-in.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>Replicate's id, once it is known.</summary>
    public string? PredictionId { get; init; }

    /// <summary>The whole input sent to the model, in the model's own names.</summary>
    public JsonElement Input { get; init; }

    /// <summary>Given or picked; null when the model takes none.</summary>
    public long? Seed { get; init; }

    /// <summary>The pictures, in the order of the model; empty until it has succeeded.</summary>
    public IReadOnlyList<GeneratedImage> Images { get => field ?? []; init; }

    /// <summary>Everything else that the model put out, such as a video; empty until it has succeeded.</summary>
    public IReadOnlyList<GeneratedFile> Files { get => field ?? []; init; }

    /// <summary>
    /// What the model returned as JSON, with ids in the place of files; null where that is a file or a list of files and nothing else.
    /// </summary>
    public JsonElement? Output { get; init; }

    /// <summary>The model's own count of its steps; null until it tells any.</summary>
    public GenerationProgress? Progress { get; init; }

    /// <summary>Why it failed; while it is storing, why that is being tried again; else null.</summary>
    public GenerationError? Error { get; init; }

    /// <summary>How long its phases took.</summary>
    public GenerationTiming Timing { get => field ?? new(); init; }

    /// <summary>What it costs; null when no price is known.</summary>
    public GenerationCost? Cost { get; init; }

    /// <summary>The pairs given with the request.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get => field ?? new Dictionary<string, string>(); init; }

    /// <summary>Whether it is kept whatever the operator's rules of retention say.</summary>
    public bool Pinned { get; init; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the model began to run.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Absolute addresses.</summary>
    public GenerationUrls Urls { get => field ?? new(); init; }

    /// <summary>Whether it has ended, whichever way.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsFinished => Status is GenerationStatus.Succeeded or GenerationStatus.Failed or GenerationStatus.Canceled;
}

/// <summary>Bytes that a model put out and the service keeps: <see cref="GeneratedImage"/> or <see cref="GeneratedFile"/>.</summary>
public abstract record GenerationOutput
{
    private protected GenerationOutput()
    {
    }

    /// <summary><c>img_</c> or <c>fil_</c> and 26 characters.</summary>
    public string Id { get; init; } = "";

    /// <summary>Absolute. Where API keys are in use it can be fetched without one, for about a day.</summary>
    public string Url { get; init; } = "";

    /// <summary>Its place among the images and files of the generation together, from 0.</summary>
    public int Index { get; init; }

    /// <summary>Its place in <see cref="Generation.Output"/>, such as <c>images[0]</c>; null where there is no output.</summary>
    public string? Name { get; init; }

    /// <summary>What the bytes are, such as <c>image/png</c>.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>How many bytes it has.</summary>
    public long Bytes { get; init; }

    /// <summary>SHA-256 of the bytes, in 64 hexadecimal digits.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Its route, from the service's address on.</summary>
    internal abstract string Path { get; }
}

/// <summary>A picture.</summary>
public sealed record GeneratedImage : GenerationOutput
{
    /// <summary>In pixels, as a viewer shows it; null where the file does not tell.</summary>
    public int? Width { get; init; }

    /// <summary>In pixels, as <see cref="Width"/>.</summary>
    public int? Height { get; init; }

    internal override string Path => $"images/{Route.Segment(Id)}";
}

/// <summary>An output that is no picture.</summary>
public sealed record GeneratedFile : GenerationOutput
{
    /// <summary>
    /// <c>video</c>, <c>audio</c>, <c>model</c> (in three dimensions), <c>archive</c>, <c>document</c>, <c>text</c> or <c>data</c>.
    /// </summary>
    public string Kind { get; init; } = "";

    internal override string Path => $"files/{Route.Segment(Id)}";
}
