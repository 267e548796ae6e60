using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GenApi.Doors.Automatic1111;

/// <summary>The member <c>info</c> of an answer with images. The web UI sends it as a string that holds this JSON.</summary>
internal sealed record WebUiInfo
{
    public required string Prompt { get; init; }

    public required IReadOnlyList<string> AllPrompts { get; init; }

    public required string NegativePrompt { get; init; }

    public required IReadOnlyList<string> AllNegativePrompts { get; init; }

    /// <summary>-1: the model takes none.</summary>
    public required long Seed { get; init; }

    public required IReadOnlyList<long> AllSeeds { get; init; }

    public long Subseed { get; init; } = -1;

    public required IReadOnlyList<long> AllSubseeds { get; init; }

    public double SubseedStrength { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required string? SamplerName { get; init; }

    public required double? CfgScale { get; init; }

    public required int? Steps { get; init; }

    public required int BatchSize { get; init; }

    public bool RestoreFaces { get; init; }

    public string? FaceRestorationModel { get; init; }

    public required string SdModelName { get; init; }

    public required string? SdModelHash { get; init; }

    public string? SdVaeName { get; init; }

    public string? SdVaeHash { get; init; }

    public int SeedResizeFromW { get; init; } = -1;

    public int SeedResizeFromH { get; init; } = -1;

    public required double? DenoisingStrength { get; init; }

    public IReadOnlyDictionary<string, string> ExtraGenerationParams { get; init; } = new Dictionary<string, string>();

    public int IndexOfFirstImage { get; init; }

    /// <summary>The settings of each image, in the text that is inside the image too.</summary>
    public required IReadOnlyList<string> Infotexts { get; init; }

    public IReadOnlyList<string> Styles { get; init; } = [];

    /// <summary>UTC, as yyyyMMddHHmmss.</summary>
    public required string JobTimestamp { get; init; }

    public int ClipSkip { get; init; } = 1;

    public bool IsUsingInpaintingConditioning { get; init; }

    public required string Version { get; init; }

    /// <summary>Facts that the web UI has no words for.</summary>
    public required WebUiNotes Genapi { get; init; }
}

/// <summary>Facts about the generations behind an answer.</summary>
/// <param name="Generations">The ids of the generations, one for each image.</param>
/// <param name="Ignored">The members that had no effect.</param>
/// <param name="Adjusted">The members that got another value, with that value.</param>
/// <param name="Failures">Why images are missing, one sentence for each.</param>
internal sealed record WebUiNotes(
    IReadOnlyList<string> Generations, IReadOnlyCollection<string> Ignored, IReadOnlyDictionary<string, string> Adjusted,
    IReadOnlyList<string> Failures);

/// <summary>The member <c>parameters</c> of an answer: the request as it was understood.</summary>
internal sealed record WebUiParameters
{
    public required string Prompt { get; init; }

    public required string NegativePrompt { get; init; }

    public required long Seed { get; init; }

    public required int? Steps { get; init; }

    public required double? CfgScale { get; init; }

    public required int? Width { get; init; }

    public required int? Height { get; init; }

    public required int BatchSize { get; init; }

    public required int NIter { get; init; }

    public required string? SamplerName { get; init; }

    public required string? Scheduler { get; init; }

    public required double? DenoisingStrength { get; init; }

    public required IReadOnlyDictionary<string, string> OverrideSettings { get; init; }

    public required bool SendImages { get; init; }

    /// <summary>Always null: an answer does not repeat images.</summary>
    public object? InitImages { get; }
}

/// <summary>An item of <c>sd-models</c>.</summary>
/// <param name="Title">The name that selects the model: its alias.</param>
/// <param name="ModelName">The name for people.</param>
/// <param name="Hash">The first ten digits of the version; null: the model has none.</param>
/// <param name="Sha256">The version; null: the model has none.</param>
/// <param name="Filename"><c>owner/name</c>, with the version if there is one.</param>
/// <param name="Config">Always null.</param>
internal sealed record WebUiModel(string Title, string ModelName, string? Hash, string? Sha256, string Filename, string? Config);

/// <summary>An item of <c>samplers</c>.</summary>
internal sealed record WebUiSampler(string Name, IReadOnlyList<string> Aliases, IReadOnlyDictionary<string, string> Options);

/// <summary>An item of <c>schedulers</c>.</summary>
internal sealed record WebUiScheduler(
    string Name, string Label, IReadOnlyList<string>? Aliases, double? DefaultRho, bool? NeedInnerModel);

/// <summary>An item of <c>upscalers</c>.</summary>
internal sealed record WebUiUpscaler(string Name, string? ModelName, string? ModelPath, string? ModelUrl, double? Scale);

/// <summary>The answer of <c>progress</c>.</summary>
/// <param name="Progress">0 to 1.</param>
/// <param name="EtaRelative">Seconds until the end; 0: not known.</param>
/// <param name="State">The state.</param>
/// <param name="CurrentImage">Always null: models at Replicate show no unfinished images.</param>
/// <param name="Textinfo">Always null.</param>
internal sealed record WebUiProgress(double Progress, double EtaRelative, WebUiState State, string? CurrentImage, string? Textinfo);

/// <summary>The state in <see cref="WebUiProgress"/>.</summary>
internal sealed record WebUiState(
    bool Skipped, bool Interrupted, bool StoppingGeneration, string Job, int JobCount, string JobTimestamp, int JobNo, int SamplingStep,
    int SamplingSteps);

/// <summary>The answer of <c>png-info</c>.</summary>
internal sealed record WebUiPngInfo(
    string Info, IReadOnlyDictionary<string, string> Items, IReadOnlyDictionary<string, JsonElement> Parameters);

/// <summary>A problem in the web UI's form.</summary>
/// <param name="Error">Our code.</param>
/// <param name="Detail">The sentence.</param>
/// <param name="Body">Always empty.</param>
/// <param name="Errors">All problems, one a line.</param>
/// <param name="GenerationId">The generation that it is about; absent if there is none.</param>
internal sealed record WebUiProblem(
    string Error, string Detail, string Body, string Errors,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? GenerationId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WebUiInfo))]
[JsonSerializable(typeof(WebUiParameters))]
[JsonSerializable(typeof(IReadOnlyList<WebUiModel>))]
[JsonSerializable(typeof(IReadOnlyList<WebUiSampler>))]
[JsonSerializable(typeof(IReadOnlyList<WebUiScheduler>))]
[JsonSerializable(typeof(IReadOnlyList<WebUiUpscaler>))]
[JsonSerializable(typeof(WebUiProgress))]
[JsonSerializable(typeof(WebUiPngInfo))]
[JsonSerializable(typeof(WebUiProblem))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSerializable(typeof(string))]
internal sealed partial class WebUiJsonContext : JsonSerializerContext
{
    /// <inheritdoc cref="GenApi.Hosting.Health.ApiJsonContext.Answers"/>
    public static WebUiJsonContext Answers => field ??= new(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
