using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Tells which inputs say how many images a run makes, and which say how much larger than its source an image becomes, by what models call
/// them. An input that is taken
/// for one by mistake reserves too much; one that is missed spends what nobody has.
/// </summary>
internal static partial class OutputCounts
{
    private const long Most = 1_000_000_000;

    private static readonly FrozenSet<string> Whole = FrozenSet.Create(StringComparer.Ordinal,
        "n", "num", "count", "amount", "quantity", "batch", "batches", "samples", "outputs", "images", "pictures", "results", "variations", "variants", "copies", "repeat", "repeats");

    /// <summary>What an input's name says beside <see cref="Outputs"/> when it counts them.</summary>
    private static readonly FrozenSet<string> Counters = FrozenSet.Create(StringComparer.Ordinal,
        "n", "num", "nb", "nr", "no", "number", "numbers", "count", "counts", "amount", "quantity", "max", "maximum", "total", "size", "per", "of", "many", "limit");

    private static readonly FrozenSet<string> Outputs = FrozenSet.Create(StringComparer.Ordinal,
        "output", "outputs", "image", "images", "img", "imgs", "picture", "pictures", "photo", "photos", "sample", "samples", "result", "results", "variation", "variations",
        "variant", "variants", "generation", "generations", "candidate", "candidates", "copy", "copies", "batch", "batches", "iter", "iters", "sticker", "stickers", "logo", "logos");

    /// <summary>What else such a name may be about: the size of an image, the steps of a sampler, the images that go in.</summary>
    private static readonly FrozenSet<string> NotOutputs = FrozenSet.Create(StringComparer.Ordinal,
        "step", "steps", "inference", "width", "height", "side", "pixel", "pixels", "megapixels", "resolution", "dimension", "dimensions", "quality", "input", "inputs", "reference", "references",
        "ref", "source", "control", "seed", "guidance", "scale", "strength", "weight", "length", "tokens", "colors", "colours", "fps", "frame", "frames", "sampling", "rate", "tile", "tiles", "crop",
        "bytes", "mb", "kb", "edge");

    private static readonly FrozenSet<string> Scales = FrozenSet.Create(StringComparer.Ordinal,
        "scale", "scaling", "upscale", "upscaling", "upscaler", "outscale", "rescale", "resize", "zoom", "enlarge", "magnification", "magnify");

    /// <summary>Scales of something other than the picture.</summary>
    private static readonly FrozenSet<string> OtherScales = FrozenSet.Create(StringComparer.Ordinal,
        "guidance", "cfg", "lora", "loras", "conditioning", "controlnet", "control", "adapter", "ip", "prompt", "text", "negative", "attention", "noise", "pag", "style", "identity", "face", "id",
        "color", "colour", "grey", "gray", "model", "type", "method", "mode");

    /// <summary>Whether an input of a schema says how many images are made.</summary>
    public static bool IsCount(InputProperty property) => MayBeANumber(property.Rule)
        && (IsCount(property.Name) || (property.Rule.Types.HasFlag(InputTypes.Integer) && property.Description is { } text && Described().IsMatch(text) && !DescribedInputs().IsMatch(text) && !Words(property.Name).Any(NotOutputs.Contains)));

    /// <summary>The same by the name alone.</summary>
    public static bool IsCount(string name)
    {
        var words = Words(name).ToList();
        if (Whole.Contains(string.Join('_', words)))
            return true;
        return words.Exists(Outputs.Contains) && words.Exists(Counters.Contains)
            && !words.Exists(NotOutputs.Contains)
            // A size of images is no number of them, a size of a batch is.
            && (!words.Contains("size") || words.Exists(word => word is "batch" or "sample" or "samples"));
    }

    /// <summary>Whether an input makes the image larger than the one that goes in.</summary>
    public static bool IsScale(InputProperty property) => MayBeANumber(property.Rule) && IsScale(property.Name);

    /// <inheritdoc cref="IsScale(InputProperty)"/>
    public static bool IsScale(string name)
    {
        var words = Words(name).ToList();
        return words.Exists(Scales.Contains) && !words.Exists(OtherScales.Contains);
    }

    /// <summary>Whether each line of the prompt makes images of its own while this is true.</summary>
    public static bool IsBatchOfPrompts(string name) => Words(name).ToList() is var words
        && words.Exists(word => word is "batch" or "batched" or "multiple" or "multi" or "split") && words.Exists(word => word is "prompt" or "prompts");

    /// <summary>
    /// A number, or a text that models read as one (<c>"9"</c>, <c>"1e1"</c>), rounded up; at least 1, since a run makes something, and at
    /// most a billion. Null for
    /// anything else.
    /// </summary>
    internal static long? Number(JsonElement value) =>
        value.ValueKind is JsonValueKind.Number or JsonValueKind.String
        && double.TryParse((value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()).Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && !double.IsNaN(number)
            ? (long)Math.Clamp(Math.Ceiling(number), 1, Most)
            : null;

    private static bool MayBeANumber(InputRule rule) => rule.Types == InputTypes.Any
        || (rule.Types & (InputTypes.Integer | InputTypes.Number)) != 0
        || (rule.Types.HasFlag(InputTypes.String) && rule.Allowed.Any(value => Number(value) is not null || Times().IsMatch(value.ToString())))
        || rule.AnyOf.Any(MayBeANumber);

    /// <summary><c>numOutputs</c>, <c>num-outputs</c> and <c>num_outputs</c> are the same words.</summary>
    private static IEnumerable<string> Words(string name) => Word().Matches(name).Select(match => match.Value.ToLowerInvariant());

    [GeneratedRegex(@"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"^[xX×]?[0-9]{1,3}(?:\.[0-9]{1,3})?[xX×]?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Times();

    [GeneratedRegex(
        @"\b(?:number|amount|quantity|count|maximum|how many|batch size)\b[^.]{0,30}?\b(?:outputs?|images?|pictures?|photos?|samples?|results?|variations?|generations?|batch)\b",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Described();

    [GeneratedRegex(@"\b(?:steps?|input images?|reference images?|pixels?|megapixels?|width|height|resolution|size of|tokens|colou?rs|frames)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex DescribedInputs();
}
