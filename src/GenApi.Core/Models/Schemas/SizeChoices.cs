using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GenApi.Core.Models.Schemas;

/// <summary>A choice that stands for a shape or a size.</summary>
internal readonly record struct SizeChoice(JsonElement Value, int Width, int Height);

/// <summary>A choice that stands for a number of pixels, in units of 1024 × 1024.</summary>
internal readonly record struct AmountChoice(JsonElement Value, double Megapixels);

/// <summary>The choices of one input.</summary>
/// <param name="Slot">The position of the input in the schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Choices">In the order of the schema; never empty.</param>
internal sealed record ChoiceList<T>(int Slot, string Name, IReadOnlyList<T> Choices);

/// <summary>
/// The sizes that a model offers instead of width and height, read once from its lists of choices: <c>16:9</c>, <c>1024x1024</c>, <c>768 ×
/// 1360 (Portrait)</c>, <c>0.25</c>, <c>1 MP</c>, <c>2K</c>. Other choices (<c>match_input_image</c>, <c>None</c>) are not sizes.
/// </summary>
internal sealed partial class SizeChoices
{
    /// <summary>The input that sets a number of pixels.</summary>
    public const string Megapixels = "megapixels";

    /// <summary>Inputs that list sizes such as <c>1024x1024</c>.</summary>
    internal static readonly string[] ListsOfSizes = ["size", "resolution", "image_size"];

    public SizeChoices(IReadOnlyList<InputProperty> properties)
    {
        Ratios = Lists<SizeChoice>(properties, [CommonNames.AspectRatio], (value, text, _) => Pair(Ratio().Match(text), value))
            .FirstOrDefault();
        Sizes = Lists<SizeChoice>(properties, ListsOfSizes, (value, text, _) => Pair(Size().Match(text), value));
        Amounts = Lists<AmountChoice>(
            properties, [Megapixels, .. ListsOfSizes], (value, text, name) => AmountOf(Amount().Match(text), value, name));
        Custom = Lists<JsonElement>(
            properties, [CommonNames.AspectRatio, .. ListsOfSizes], (value, text, _) => text == "custom" ? value : null).FirstOrDefault();
    }

    /// <summary>The shapes; null if the model lists none.</summary>
    public ChoiceList<SizeChoice>? Ratios { get; }

    public IReadOnlyList<ChoiceList<SizeChoice>> Sizes { get; }

    public IReadOnlyList<ChoiceList<AmountChoice>> Amounts { get; }

    /// <summary>The input that must be set to custom before width and height count; null if there is none.</summary>
    public ChoiceList<JsonElement>? Custom { get; }

    private static List<ChoiceList<T>> Lists<T>(
        IReadOnlyList<InputProperty> properties, string[] names, Func<JsonElement, string, string, T?> read)
        where T : struct
    {
        var lists = new List<ChoiceList<T>>();
        foreach (var name in names)
        {
            for (var slot = 0; slot < properties.Count; slot++)
            {
                if (properties[slot].Name != name)
                    continue;
                var choices = properties[slot].Rule.Allowed.Select(value => read(value, TextOf(value), name)).OfType<T>().ToList();
                if (choices.Count > 0)
                    lists.Add(new ChoiceList<T>(slot, name, choices));
            }
        }
        return lists;
    }

    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static SizeChoice? Pair(Match match, JsonElement value) => match.Success
        && int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is var width and > 0
        && int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture) is var height and > 0
            ? new SizeChoice(value, width, height) : null;

    private static AmountChoice? AmountOf(Match match, JsonElement value, string name)
    {
        if (!match.Success)
            return null;
        var number = double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        double? megapixels = match.Groups[2].ValueSpan switch
        {
            // 1024 as a "resolution" is a side, not a number of megapixels.
            [] => name == Megapixels ? number : null,
            // 2K is a square of 2048.
            ['k' or 'K'] => number * number,
            _ => number,
        };
        return megapixels > 0 ? new AmountChoice(value, megapixels.Value) : null;
    }

    [GeneratedRegex(@"^([0-9]{1,5}):([0-9]{1,5})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Ratio();

    [GeneratedRegex(@"^([0-9]{2,5}) ?[x×*] ?([0-9]{2,5})(?: .*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Size();

    [GeneratedRegex(@"^([0-9]{1,4}(?:\.[0-9]{1,4})?) ?(MP|mp|K|k)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Amount();
}
