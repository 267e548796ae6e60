using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Settings;

namespace GenApi.Core.Models.Inputs;

/// <summary>Maps the common names, which have one meaning for every model, to a model's own names.</summary>
public static class InputNames
{
    /// <summary>Returns whether callers may use the name next to <c>input</c>.</summary>
    public static bool IsCommon(string name) => CommonNames.Contains(name);

    /// <summary>
    /// Returns the common name that a model's own name or another service's name stands for; null for any other name, including a common
    /// one.
    /// </summary>
    public static string? Meaning(string name) => IsCommon(name) ? null : CommonNames.MeantBy(name);

    /// <summary>
    /// Maps an input and silently drops nothing: a value that the model has no input for is refused. A null is the same as an absent
    /// member.
    /// </summary>
    /// <param name="schema">The schema of the model.</param>
    /// <param name="common">Values by their common names.</param>
    /// <param name="input">Values by the model's own names, sent unchanged; undefined or null for none.</param>
    /// <param name="mask">The colour of a mask that the model repaints; the common name means white.</param>
    /// <exception cref="GenApiException">
    /// InvalidInput with all problems at once, by JSON path (<c>$.steps</c> or <c>$.input.scheduler</c>); InvalidRequest if two members set
    /// the same input of the model to different values.
    /// </exception>
    public static NormalisedInput Map(
        InputSchema schema, IReadOnlyDictionary<string, JsonElement> common, JsonElement input, MaskColour mask = MaskColour.White) =>
        Map(schema, common, input, mask, InputHints.None);

    /// <inheritdoc cref="Map(InputSchema, IReadOnlyDictionary{string, JsonElement}, JsonElement, MaskColour)"/>
    /// <param name="hints">Answers for names that the model does not have.</param>
    internal static NormalisedInput Map(
        InputSchema schema, IReadOnlyDictionary<string, JsonElement> common, JsonElement input, MaskColour mask, InputHints hints)
    {
        if (input.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Object))
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, "$.input", "must be an object with the model's own input names.");
        if (!schema.IsKnown)
            return UncheckedInput.Map(schema, common, input, mask);

        var slots = new InputSlots(schema, mask, hints);
        JsonElement width = default, height = default;
        foreach (var (name, value) in common)
        {
            if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
                continue;
            if (name == CommonNames.Width)
                width = value;
            else if (name == CommonNames.Height)
                height = value;
            else
                Set(slots, name, value);
        }
        if (input.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in input.EnumerateObject())
                slots.SetOwn(member);
        }
        // Last, because it depends on whether the caller chose an aspect ratio.
        ImageSize.Set(slots, width, height);
        slots.Check();
        InputDependants.Check(slots);
        return slots.ToInput();
    }

    /// <summary>
    /// Refuses a request without a prompt for a model that takes one: an image of the author's default prompt is hardly wanted, and billed.
    /// Any text in <c>input.prompt</c> is a prompt, including an empty one and the default itself.
    /// </summary>
    /// <param name="schema">The schema of the model.</param>
    /// <param name="common">Values by their common names.</param>
    /// <param name="input">Values by the model's own names.</param>
    /// <exception cref="GenApiException">InvalidRequest, naming <c>$.prompt</c>.</exception>
    public static void RequirePrompt(InputSchema schema, IReadOnlyDictionary<string, JsonElement> common, JsonElement input)
    {
        var isGiven = common.ContainsKey(CommonNames.Prompt)
            || (input.ValueKind == JsonValueKind.Object
                && input.TryGetProperty(CommonNames.Prompt, out var own) && own.ValueKind != JsonValueKind.Null);
        if (isGiven || !schema.Has(CommonNames.Prompt))
            return;
        var isDefault = schema.Find(CommonNames.Prompt)!.Default is not null;
        throw GenApiException.ForMember(
            ErrorKind.InvalidRequest, $"$.{CommonNames.Prompt}", "'prompt' is missing: say what to make."
            + (isDefault ? " For the model's own default prompt, give that in $.input.prompt; GET /models/{owner}/{name} shows it." : ""));
    }

    /// <summary>Returns the common names with a value that the model has no input for.</summary>
    internal static IReadOnlyList<string> Lacking(InputSchema schema, IReadOnlyDictionary<string, JsonElement> common)
    {
        if (!schema.IsKnown)
            return [];
        var targets = CommonTargets.Of(schema);
        return
        [
            .. common.Where(pair => pair.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
                && !targets.ContainsKey(pair.Key)
                && !(pair.Key == CommonNames.NumOutputs && OutputCounts.IsOne(pair.Value))).Select(pair => pair.Key),
        ];
    }

    private static void Set(InputSlots slots, string name, JsonElement value)
    {
        var slot = slots.Schema.SlotOfCommon(name);
        if (slot >= 0)
            slots.SetCommon(slot, name, InTheModelsTerms(slots.Schema.Properties[slot], name, value));
        else if (name != CommonNames.NumOutputs || !OutputCounts.IsOne(value))
            slots.RefuseCommon(name);
    }

    private static JsonElement InTheModelsTerms(InputProperty property, string name, JsonElement value) => name switch
    {
        CommonNames.Image when property.Rule.IsArray && value.ValueKind == JsonValueKind.String =>
            InArray(value),
        // A higher value follows the source image more closely, where prompt_strength follows it less.
        CommonNames.Strength when CommonNames.IsInverted(property.Name) && value.ValueKind == JsonValueKind.Number
            && value.TryGetDecimal(out var strength) => JsonElement.Parse(FormattableString.Invariant($"{1 - strength}")),
        CommonNames.OutputFormat when value.ValueKind == JsonValueKind.String => Format(property.Rule, value),
        _ => value,
    };

    /// <summary>Wraps a value in an array with one copy and no string, because it may be a data URI of megabytes.</summary>
    private static JsonElement InArray(JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        var list = new byte[raw.Length + 2];
        raw.CopyTo(list.AsSpan(1));
        (list[0], list[^1]) = ((byte)'[', (byte)']');
        return JsonDocument.Parse(list).RootElement;
    }

    /// <summary>Models call the same format jpg or jpeg; callers may use either.</summary>
    private static JsonElement Format(InputRule rule, JsonElement value)
    {
        var other = value.ValueEquals("jpeg"u8) ? "jpg" : value.ValueEquals("jpg"u8) ? "jpeg" : null;
        if (other is null || rule.Allowed.Any(allowed => CanonicalJson.AreEqual(allowed, value)))
            return value;
        var same = rule.Allowed.FirstOrDefault(allowed => allowed.ValueKind == JsonValueKind.String && allowed.ValueEquals(other));
        return same.ValueKind == JsonValueKind.Undefined ? value : same;
    }
}
