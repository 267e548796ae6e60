using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Recognises inputs that set the number of images, and inputs that enlarge an image, by the names that models use. An input mistaken for
/// one reserves too much budget; a missed one spends money that no budget has.
/// </summary>
internal static partial class OutputCounts
{
    private const long Most = 1_000_000_000;

    private static readonly FrozenSet<string> Whole = FrozenSet.Create(StringComparer.Ordinal,
        "n", "num", "count", "amount", "quantity", "batch", "batches", "samples", "outputs", "images", "pictures", "results",
        "variations", "variants", "copies", "repeat", "repeats");

    /// <summary>The words that, next to one of <see cref="Outputs"/>, make a name a count.</summary>
    private static readonly FrozenSet<string> Counters = FrozenSet.Create(StringComparer.Ordinal,
        "n", "num", "nb", "nr", "no", "number", "numbers", "count", "counts", "amount", "quantity", "max", "maximum", "total", "size",
        "per", "of", "many", "limit");

    private static readonly FrozenSet<string> Outputs = FrozenSet.Create(StringComparer.Ordinal,
        "output", "outputs", "image", "images", "img", "imgs", "picture", "pictures", "photo", "photos", "sample", "samples", "result",
        "results", "variation", "variations", "variant", "variants", "generation", "generations", "candidate", "candidates", "copy",
        "copies", "batch", "batches", "iter", "iters", "sticker", "stickers", "logo", "logos");

    /// <summary>The words for other subjects: the size of an image, the steps of a sampler, input images.</summary>
    private static readonly FrozenSet<string> NotOutputs = FrozenSet.Create(StringComparer.Ordinal,
        "step", "steps", "inference", "width", "height", "side", "pixel", "pixels", "megapixels", "resolution", "dimension",
        "dimensions", "quality", "input", "inputs", "reference", "references", "ref", "source", "control", "seed", "guidance", "scale",
        "strength", "weight", "length", "tokens", "colors", "colours", "fps", "frame", "frames", "sampling", "rate", "tile", "tiles",
        "crop", "bytes", "mb", "kb", "edge");

    private static readonly FrozenSet<string> Scales = FrozenSet.Create(StringComparer.Ordinal,
        "scale", "scaling", "upscale", "upscaling", "upscaler", "outscale", "rescale", "resize", "zoom", "enlarge", "magnification",
        "magnify");

    /// <summary>The scales of something other than the image.</summary>
    private static readonly FrozenSet<string> OtherScales = FrozenSet.Create(StringComparer.Ordinal,
        "guidance", "cfg", "lora", "loras", "conditioning", "controlnet", "control", "adapter", "ip", "prompt", "text", "negative",
        "attention", "noise", "pag", "style", "identity", "face", "id", "color", "colour", "grey", "gray", "model", "type", "method",
        "mode");

    /// <summary>Returns whether a value asks for one image, which a model without a number of images makes.</summary>
    public static bool IsOne(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && InputCheck.TryInteger(value, out var count) && count == 1;

    /// <summary>Returns whether an input of a schema sets the number of images.</summary>
    public static bool IsCount(InputProperty property) => MayBeANumber(property.Rule)
        && (IsCount(property.Name) || (property.Rule.Types.HasFlag(InputTypes.Integer) && IsDescribedAsCount(property)));

    /// <summary>Returns whether the name says that an input sets the number of images.</summary>
    public static bool IsCount(string name)
    {
        var words = Words(name).ToList();
        if (Whole.Contains(string.Join('_', words)))
            return true;
        return words.Exists(Outputs.Contains) && words.Exists(Counters.Contains)
            && !words.Exists(NotOutputs.Contains)
            // The size of an image is not a number of images; the size of a batch is.
            && (!words.Contains("size") || words.Exists(word => word is "batch" or "sample" or "samples"));
    }

    /// <summary>Returns whether an input makes the output larger than the input image.</summary>
    public static bool IsScale(InputProperty property) => MayBeANumber(property.Rule) && IsScale(property.Name);

    /// <inheritdoc cref="IsScale(InputProperty)"/>
    public static bool IsScale(string name)
    {
        var words = Words(name).ToList();
        return words.Exists(Scales.Contains) && !words.Exists(OtherScales.Contains);
    }

    /// <summary>Returns whether each line of the prompt makes its own images while this input is true.</summary>
    public static bool IsBatchOfPrompts(string name) => Words(name).ToList() is var words
        && words.Exists(word => word is "batch" or "batched" or "multiple" or "multi" or "split")
        && words.Exists(word => word is "prompt" or "prompts");

    /// <summary>
    /// Reads a number, or a text that models read as one (<c>"9"</c>, <c>"1e1"</c>), rounded up. It is at least 1, since a run makes
    /// something, and at most a billion. Null for anything else.
    /// </summary>
    internal static long? Number(JsonElement value)
    {
        if (value.ValueKind is not (JsonValueKind.Number or JsonValueKind.String))
            return null;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && !double.IsNaN(number)
            ? (long)Math.Clamp(Math.Ceiling(number), 1, Most)
            : null;
    }

    private static bool IsDescribedAsCount(InputProperty property) => property.Description is { } text
        && Described().IsMatch(text) && !DescribedInputs().IsMatch(text) && !Words(property.Name).Any(NotOutputs.Contains);

    private static bool MayBeANumber(InputRule rule) => rule.Types == InputTypes.Any
        || (rule.Types & (InputTypes.Integer | InputTypes.Number)) != 0
        || (rule.Types.HasFlag(InputTypes.String)
            && rule.Allowed.Any(value => Number(value) is not null || Times().IsMatch(value.ToString())))
        || rule.AnyOf.Any(MayBeANumber);

    /// <summary>Splits a name into words: <c>numOutputs</c>, <c>num-outputs</c> and <c>num_outputs</c> are equal.</summary>
    private static IEnumerable<string> Words(string name) => Word().Matches(name).Select(match => match.Value.ToLowerInvariant());

    [GeneratedRegex(@"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"^[xX×]?[0-9]{1,3}(?:\.[0-9]{1,3})?[xX×]?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Times();

    [GeneratedRegex(
        @"\b(?:number|amount|quantity|count|maximum|how many|batch size)\b[^.]{0,30}?"
        + @"\b(?:outputs?|images?|pictures?|photos?|samples?|results?|variations?|generations?|batch)\b",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Described();

    [GeneratedRegex(
        @"\b(?:steps?|input images?|reference images?|pixels?|megapixels?|width|height|resolution|size of|tokens|colou?rs|frames)\b",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex DescribedInputs();
}
