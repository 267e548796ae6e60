using System.Text.Json.Nodes;

namespace GenApi.Client;

/// <summary>
/// What to make. A member that is null is not sent. The service checks every value against the model before anything is billed.
/// </summary>
public sealed record GenerateRequest
{
    /// <summary>What the picture shows: 1 to 32,000 characters.</summary>
    public string? Prompt { get; init; }

    /// <summary>An alias such as <c>sdxl</c>, <c>owner/name</c> or <c>owner/name:version</c>. Null: the service's default model.</summary>
    public string? Model { get; init; }

    /// <summary>What the picture must not show.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>In pixels, from 1.</summary>
    public int? Width { get; init; }

    /// <summary>In pixels, from 1.</summary>
    public int? Height { get; init; }

    /// <summary>Such as <c>16:9</c>.</summary>
    public string? AspectRatio { get; init; }

    /// <summary>
    /// From 0. The same seed and input make the same picture, and are answered from the store. Null: the service picks one.
    /// </summary>
    public long? Seed { get; init; }

    /// <summary>How many pictures, from 1.</summary>
    public int? NumOutputs { get; init; }

    /// <summary>Denoising steps, from 1.</summary>
    public int? Steps { get; init; }

    /// <summary>How closely to follow the prompt.</summary>
    public double? Guidance { get; init; }

    /// <summary>
    /// A picture to begin from: an http(s) URL, a data URI, or the id of an image (<c>img_…</c>) or an upload (<c>upl_…</c>).
    /// </summary>
    public string? Image { get; init; }

    /// <summary>Where to repaint: white. In the forms of <see cref="Image"/>, which it needs.</summary>
    public string? Mask { get; init; }

    /// <summary>How far to go from <see cref="Image"/>, 0 to 1.</summary>
    public double? Strength { get; init; }

    /// <summary>Such as <c>png</c>, <c>jpg</c> or <c>webp</c>.</summary>
    public string? OutputFormat { get; init; }

    /// <summary>The model's own names and values, sent as they are.</summary>
    public JsonObject? Input { get; init; }

    /// <summary>
    /// <c>auto</c> (null): a request with a seed is answered from the store. <c>reuse</c>: any seed. <c>refresh</c>: always made again.
    /// </summary>
    public string? Cache { get; init; }

    /// <summary>Where the service reports the end: an https URL.</summary>
    public string? Webhook { get; init; }

    /// <summary>Some of <c>start</c>, <c>progress</c> and <c>completed</c>; null: <c>completed</c>.</summary>
    public IReadOnlyList<string>? WebhookEventsFilter { get; init; }

    /// <summary>Up to 16 pairs (keys of 1 to 64, values of at most 512 characters), given back with the generation.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>
    /// The request of an earlier generation: its model and version, its whole input with the seed, and its metadata. After a failed or
    /// canceled one it makes a new run; after one that succeeded
    /// it is answered from the store. Webhooks are not in it, since a generation does not tell them.
    /// </summary>
    public static GenerateRequest Again(Generation generation)
    {
        ArgumentNullException.ThrowIfNull(generation);
        return new()
        {
            Model = generation.Version is { } version ? $"{generation.Model}:{version}" : generation.Model,
            Input = JsonObject.Create(generation.Input),
            Metadata = generation.Metadata.Count == 0 ? null : generation.Metadata,
        };
    }
}
