using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using GenApi.Core.Generations;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Webhooks;
using GenApi.Hosting;

namespace GenApi.Generations;

/// <summary>
/// The body of POST /generate as the documentation shows it; <c>GenerateRequestReader</c> reads it, strictly, and a test compares the two.
/// A member whose value is null counts as absent.
/// </summary>
[Description("What to make. A member that is not listed is refused, and one whose value is null counts as absent.")]
internal sealed record GenerateRequest
{
    internal const int LongestModel = 256;
    internal const int LongestWord = 64;

    [Description("What the picture shows. Required unless the model takes none.")]
    [MinLength(1), MaxLength(InputLimits.LongestPrompt)]
    public string? Prompt { get; init; }

    [Description("An alias (GET /models lists them), `owner/name`, `owner/name:version`, or the address of the model's page. Absent: the service's default model.")]
    [MinLength(1), MaxLength(LongestModel)]
    public string? Model { get; init; }

    [Description("What the picture must not show.")]
    [MaxLength(InputLimits.LongestPrompt)]
    public string? NegativePrompt { get; init; }

    [Description("In pixels.")]
    [Range(1, int.MaxValue)]
    public int? Width { get; init; }

    [Description("In pixels.")]
    [Range(1, int.MaxValue)]
    public int? Height { get; init; }

    [Description("Such as `16:9`, for models that take no width and height.")]
    [MinLength(1), MaxLength(LongestWord)]
    public string? AspectRatio { get; init; }

    [Description("The same seed and input make the same picture. Absent: GenApi picks one, where the model takes one, and tells it.")]
    [Range(0, long.MaxValue)]
    public long? Seed { get; init; }

    [Description("How many images.")]
    [Range(1, int.MaxValue)]
    public int? NumOutputs { get; init; }

    [Description("Denoising steps.")]
    [Range(1, int.MaxValue)]
    public int? Steps { get; init; }

    [Description("How closely to follow the prompt.")]
    public double? Guidance { get; init; }

    [Description("A picture to begin from: an http(s) URL, a data URI, or the id of an image (`img_…`) or an upload (`upl_…`).")]
    public string? Image { get; init; }

    [Description("Where to paint anew: white. As `image`; for a model that repaints black it is inverted.")]
    public string? Mask { get; init; }

    [Description("How far to go from `image`, 0 to 1.")]
    [Range(0d, 1d)]
    public double? Strength { get; init; }

    [Description("Such as `png`, `jpg` or `webp`, where the model lets one choose.")]
    [MinLength(1), MaxLength(LongestWord)]
    public string? OutputFormat { get; init; }

    [Description("The model's own names, sent as they are. It may not repeat a name from above with another value.")]
    public IReadOnlyDictionary<string, JsonElement>? Input { get; init; }

    [Description("`auto`: a request that names its seed is answered from the store when the same has been made before. `reuse`: the newest result of the same request, whatever its seed. `refresh`: always made anew.")]
    [Words("CacheMode", typeof(CacheMode))]
    public string? Cache { get; init; }

    [Description("Where to tell of the generation: an https URL at a public address. Each request with one is told, also when it is answered from the store or joins a run.")]
    [MaxLength(WebhookTargets.LongestUrl)]
    public string? Webhook { get; init; }

    [Description("What to tell of: `start` when the model begins to run, `progress` while it runs, `completed` at the end, whichever. Absent: `completed`.")]
    [MinLength(1), Words("WebhookEvent", typeof(WebhookEvents))]
    public IReadOnlyList<string>? WebhookEventsFilter { get; init; }

    [Description("Up to 16 pairs of strings (keys of at most 64, values of at most 512 characters), given back as they came.")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
