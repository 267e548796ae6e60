using System.Text.Json.Nodes;

namespace GenApi.Client;

/// <summary>
/// A request to generate. A member that is null is not sent. The service checks every value against the model before anything is billed.
/// </summary>
public sealed record GenerateRequest
{
    /// <summary>The description of the picture: 1 to 32,000 characters.</summary>
    public string? Prompt { get; init; }

    /// <summary>An alias such as <c>sdxl</c>, <c>owner/name</c> or <c>owner/name:version</c>. Null: the service's default model.</summary>
    public string? Model { get; init; }

    /// <summary>The things that the picture must not show.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>In pixels, from 1.</summary>
    public int? Width { get; init; }

    /// <summary>In pixels, from 1.</summary>
    public int? Height { get; init; }

    /// <summary>The shape, such as <c>16:9</c>.</summary>
    public string? AspectRatio { get; init; }

    /// <summary>
    /// The seed, from 0. The same seed and input make the same picture, and the store answers them. Null: the service picks one.
    /// </summary>
    public long? Seed { get; init; }

    /// <summary>The number of pictures, from 1.</summary>
    public int? NumOutputs { get; init; }

    /// <summary>Denoising steps, from 1.</summary>
    public int? Steps { get; init; }

    /// <summary>The strength with which the model follows the prompt.</summary>
    public double? Guidance { get; init; }

    /// <summary>
    /// A picture to begin from: an http(s) URL, a data URI, or the id of an image (<c>img_…</c>) or an upload (<c>upl_…</c>).
    /// </summary>
    public string? Image { get; init; }

    /// <summary>A mask, white where the model repaints. It has the forms of <see cref="Image"/>, which it requires.</summary>
    public string? Mask { get; init; }

    /// <summary>The distance from <see cref="Image"/>, 0 to 1.</summary>
    public double? Strength { get; init; }

    /// <summary>The file format, such as <c>png</c>, <c>jpg</c> or <c>webp</c>.</summary>
    public string? OutputFormat { get; init; }

    /// <summary>Inputs under the model's own names, sent unchanged.</summary>
    public JsonObject? Input { get; init; }

    /// <summary>
    /// <c>auto</c> (null): the store answers a request with a seed. <c>reuse</c>: any seed. <c>refresh</c>: always a new run.
    /// </summary>
    public string? Cache { get; init; }

    /// <summary>The https URL to which the service reports the end.</summary>
    public string? Webhook { get; init; }

    /// <summary>The reported events, from <c>start</c>, <c>progress</c> and <c>completed</c>; null: <c>completed</c>.</summary>
    public IReadOnlyList<string>? WebhookEventsFilter { get; init; }

    /// <summary>
    /// The person for whom you ask, by your own name for them: 1 to 128 characters. Usage is reported and budgets are kept for each person.
    /// </summary>
    public string? User { get; init; }

    /// <summary>Up to 16 pairs (keys of 1 to 64, values of at most 512 characters), returned with the generation.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>
    /// Builds the request of an earlier generation: its model and version, its whole input with the seed, its metadata, and the person for
    /// whom it was made. After a failed or canceled generation it makes a new run; after a successful one the store answers it. It has no
    /// webhook, because generations do not show theirs.
    /// </summary>
    public static GenerateRequest Again(Generation generation)
    {
        ArgumentNullException.ThrowIfNull(generation);
        return new()
        {
            Model = generation.Version is { } version ? $"{generation.Model}:{version}" : generation.Model,
            Input = JsonObject.Create(generation.Input),
            User = generation.EndUser,
            Metadata = generation.Metadata.Count == 0 ? null : generation.Metadata,
        };
    }
}
