using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using GenApi.Core.Accounts;
using GenApi.Core.Generations;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Webhooks;
using GenApi.Hosting;

namespace GenApi.Generations;

/// <summary>
/// The body of POST /generate, and the only description of it: <see cref="GenerateRequestReader"/> checks by it, the API document shows it,
/// and the table of docs/api/generate.md is made from that. A member whose value is null counts as absent.
/// </summary>
[Description("What to make. A member that is not listed is refused. A member whose value is null counts as absent.")]
internal sealed record GenerateRequest
{
    internal const int MostPairs = 16, LongestPairKey = 64, LongestPairValue = 512;

    private const int LongestModel = 256;
    private const int LongestWord = 64;

    [Description("What the picture shows; not only spaces. Required if the model has an input `prompt`, even one with a default.")]
    [MinLength(1), MaxLength(InputLimits.LongestPrompt), NotBlank]
    public string? Prompt { get; init; }

    [Description("An alias (`GET /models` lists them), `owner/name`, `owner/name:version`, or the address of the model's page. Absent: "
        + "the service's default model (`Models:Default`).")]
    [MinLength(1), MaxLength(LongestModel), NotBlank]
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

    [Description("The same seed and input make the same picture. Absent: GenApi picks a seed if the model takes one, and reports it, so "
        + "every image can be made again.")]
    [Range(typeof(long), "0", "9223372036854775807")]
    public long? Seed { get; init; }

    [Description("How many images to make.")]
    [Range(1, int.MaxValue)]
    public int? NumOutputs { get; init; }

    [Description("Denoising steps.")]
    [Range(1, int.MaxValue)]
    public int? Steps { get; init; }

    [Description("How closely to follow the prompt.")]
    public double? Guidance { get; init; }

    [Description("A picture to start from: an http(s) URL, a data URI, or the id of an image (`img_…`) or an upload (`upl_…`).")]
    [FileReference]
    public string? Image { get; init; }

    [Description("Where to repaint `image`: white is repainted, black stays. Takes the same forms as `image`. GenApi inverts the mask "
        + "for a model that repaints black.")]
    [FileReference]
    public string? Mask { get; init; }

    [Description("How far to depart from `image`, from 0 to 1.")]
    [Range(0d, 1d)]
    public double? Strength { get; init; }

    [Description("Such as `png`, `jpg` or `webp`, if the model offers a choice. `jpg` and `jpeg` are the same.")]
    [MinLength(1), MaxLength(LongestWord)]
    public string? OutputFormat { get; init; }

    [Description("The model's own names and values, sent unchanged. A name from above may not be repeated with another value.")]
    public IReadOnlyDictionary<string, JsonElement>? Input { get; init; }

    [Description("`auto`: a request that names its seed gets the stored answer to the same request. `reuse`: the newest answer to the "
        + "same request, whatever its seed. `refresh`: always a new run. Absent: `Generations:DefaultCache`.")]
    [Words("CacheMode", typeof(CacheMode))]
    public string? Cache { get; init; }

    [Description("Where to send events of the generation: an https URL at a public address. Each request with a webhook gets its own "
        + "messages, also when the answer comes from the store or from a shared run.")]
    [MaxLength(WebhookTargets.LongestUrl)]
    public string? Webhook { get; init; }

    [Description("Which events to send: `start` when the model begins to run, `progress` while it runs, `completed` at the end, whatever "
        + "the outcome. Absent: `completed`.")]
    [MinLength(1), Words("WebhookEvent", typeof(WebhookEvents))]
    public IReadOnlyList<string>? WebhookEventsFilter { get; init; }

    [Description("The person for whom you ask, by your own name for them. Usage is reported and budgets are kept for each of them. The "
        + "header `X-OpenWebUI-User-Id` does the same and goes before it.")]
    [MinLength(1), MaxLength(EndUser.LongestId), NotBlank]
    public string? User { get; init; }

    [BoundsDescription(
        "Up to {0} pairs of strings, returned unchanged. A key has 1 to {1} characters, a value at most {2}.",
        MostPairs, LongestPairKey, LongestPairValue)]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
