using System.Text.Json;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Settings;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Builds the input of a model that does not describe its inputs: it is sent under the given names, and only the upstream checks it.
/// </summary>
internal static class UncheckedInput
{
    /// <summary>
    /// Returns the name itself if most models call it that; null if they call it differently, because guessing would cost money.
    /// </summary>
    public static string? OwnName(string common) =>
        CommonNames.OwnNames(common) is [var own, ..] && own == common ? own : null;

    public static NormalisedInput Map(
        InputSchema schema, IReadOnlyDictionary<string, JsonElement> common, JsonElement input,
        MaskColour mask = MaskColour.White)
    {
        var problems = new InputProblems();
        var members = new Dictionary<string, (JsonElement Value, string Path)>(StringComparer.Ordinal);
        var inverts = mask == MaskColour.Black
            && common.TryGetValue(CommonNames.Mask, out var given) && given.ValueKind == JsonValueKind.String;
        foreach (var (name, value) in common)
        {
            if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
                continue;
            if (OwnName(name) is { } own)
                members[own] = (value, $"$.{name}");
            else
            {
                problems.Refuse(
                    $"$.{name}", "this model does not describe its inputs: put the value into $.input under the model's own name");
            }
        }
        if (input.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in input.EnumerateObject())
            {
                var path = InputProblems.PathOf(member.Name);
                if (member.Value.ValueKind == JsonValueKind.Null)
                    continue;
                if (!members.TryAdd(member.Name, (member.Value, path))
                    && (!CanonicalJson.AreEqual(members[member.Name].Value, member.Value) || (inverts && member.Name == CommonNames.Mask)))
                    problems.Contradict(members[member.Name].Path, path, member.Name);
            }
        }
        foreach (var (name, (value, path)) in members)
        {
            if (InputSizes.PromptProblem(name, value) is { } tooLong)
                problems.Refuse(path, tooLong);
            if (CanonicalText.HasLoneSurrogate(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(value)))
                problems.Refuse(path, "must be valid Unicode: it holds half of a surrogate pair");
        }
        if (inverts && !InputFiles.IsHeld(common[CommonNames.Mask]))
            problems.Refuse($"$.{CommonNames.Mask}", MaskPolarity.CanNotInvert(CommonNames.Mask));
        problems.ThrowIfAny();
        List<InputFile>? files = null;
        // The model does not say which of its inputs are files. A value with the form of an id, or base64 in a data URI, can hardly be
        // anything else.
        foreach (var (name, (value, path)) in members)
        {
            var position = new InputFile(name, null, path, "") { MustBeInverted = inverts && name == CommonNames.Mask };
            InputFiles.Add(ref files, value, position, isPathWhole: false, isSurelyFile: path is "$.image" or "$.mask");
        }
        List<KeyValuePair<string, JsonElement>> values = [.. members.Select(member => KeyValuePair.Create(member.Key, member.Value.Value))];
        InputSizes.Check(values, files, ref problems);
        problems.ThrowIfAny();
        return new NormalisedInput(schema, [.. values], files);
    }
}
