using System.Text.Json;

namespace GenApi.Core.Models;

/// <summary>
/// The input of a model that tells nothing about its inputs: sent under the names it came by, and checked by the upstream alone.
/// </summary>
internal static class UncheckedInput
{
    public static NormalisedInput Map(InputSchema schema, IReadOnlyDictionary<string, JsonElement> common, JsonElement input)
    {
        var problems = new InputProblems();
        var members = new Dictionary<string, (JsonElement Value, string Path)>(StringComparer.Ordinal);
        foreach (var (name, value) in common)
        {
            if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
                continue;
            // Where models disagree about the name, guessing would cost money.
            if (CommonNames.OwnNames(name) is [var own, ..] && own == name)
                members[name] = (value, $"$.{name}");
            else
                problems.Refuse($"$.{name}", "this model does not tell its inputs: put the value into $.input under the model's own name");
        }
        if (input.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in input.EnumerateObject())
            {
                var path = InputProblems.PathOf(member.Name);
                if (member.Value.ValueKind == JsonValueKind.Null)
                    continue;
                if (!members.TryAdd(member.Name, (member.Value, path)) && !CanonicalJson.AreEqual(members[member.Name].Value, member.Value))
                    problems.Contradict(members[member.Name].Path, path, member.Name);
            }
        }
        foreach (var (value, path) in members.Values)
        {
            if (CanonicalText.HasLoneSurrogate(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(value)))
                problems.Refuse(path, "must be valid Unicode: it holds half of a surrogate pair");
        }
        problems.ThrowIfAny();
        return new NormalisedInput(schema, [.. members.Select(member => KeyValuePair.Create(member.Key, member.Value.Value))]);
    }
}
