using System.Text.Json;

namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>A node of a graph of ComfyUI. An input is a value, or a link to another node and the number of its output.</summary>
internal sealed record ComfyNode(string Id, string Type, IReadOnlyDictionary<string, JsonElement> Inputs)
{
    /// <summary>Returns an input; null if there is none.</summary>
    public JsonElement? this[string name] => Inputs.TryGetValue(name, out var value) ? value : null;

    /// <summary>Returns an input that is a text; otherwise null.</summary>
    public string? Word(string name) => this[name] is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}

/// <summary>
/// A graph of ComfyUI as it ran. It comes from outside: links may go round in circles and lead nowhere, so every walk remembers where it
/// was, and all walks together have a limit.
/// </summary>
internal sealed class ComfyGraph
{
    private const int MostNodes = 5000, MostInputs = 200, MostVisits = 50_000, DeepestValue = 10;

    /// <summary>The inputs under which nodes that only pass on a number or a text hold it.</summary>
    private static readonly string[] ValueNames = ["value", "seed", "noise_seed", "int", "float", "number", "Value", "Number"],
        TextNames = ["populated_text", "text", "string", "value", "prompt", "Text", "String", "wildcard_text"];

    /// <summary>The inputs of nodes that join texts.</summary>
    private static readonly string[][] JoinedNames =
        [["string_a", "string_b"], ["text_a", "text_b", "text_c", "text_d"], ["text1", "text2"], ["string1", "string2"]];

    private readonly Dictionary<string, ComfyNode> _nodes;
    private int _visitsLeft = MostVisits;

    private ComfyGraph(Dictionary<string, ComfyNode> nodes) => _nodes = nodes;

    /// <summary>In the order of the graph.</summary>
    public IEnumerable<ComfyNode> Nodes => _nodes.Values;

    /// <returns>Null if the object is no graph.</returns>
    public static ComfyGraph? Read(JsonElement root)
    {
        var nodes = new Dictionary<string, ComfyNode>();
        foreach (var member in root.EnumerateObject().Take(MostNodes))
        {
            if (member.Value.Text("class_type") is { } type && member.Value.Member("inputs") is { ValueKind: JsonValueKind.Object } inputs)
            {
                var named = new Dictionary<string, JsonElement>();
                foreach (var input in inputs.EnumerateObject().Take(MostInputs).Where(input => input.Value.ValueKind != JsonValueKind.Null))
                    named[input.Name] = input.Value;
                nodes[member.Name] = new ComfyNode(member.Name, type, named);
            }
        }
        return nodes.Count > 0 ? new ComfyGraph(nodes) : null;
    }

    /// <summary>Counts a step of a walk; false if the walks of this graph have been too long.</summary>
    public bool MayVisit() => --_visitsLeft >= 0;

    /// <summary>Returns the node to which an input is linked; null for a value, and for a link that leads nowhere.</summary>
    public ComfyNode? Linked(ComfyNode node, string input) => node[input] is { } value ? Linked(value) : null;

    /// <summary>Returns the number of the output to which an input is linked; null for a value.</summary>
    public static int? OutputOf(ComfyNode node, string input) =>
        node[input] is { ValueKind: JsonValueKind.Array } link && link.GetArrayLength() == 2
            && link[1].ValueKind == JsonValueKind.Number && link[1].TryGetInt32(out var output)
                ? output
                : null;

    /// <summary>Lists the linked inputs of a node.</summary>
    public IEnumerable<(string Input, ComfyNode Node)> Links(ComfyNode node)
    {
        foreach (var (input, value) in node.Inputs)
        {
            if (Linked(value) is { } linked)
                yield return (input, linked);
        }
    }

    /// <summary>Returns a number, given as a value or by a node that passes one on.</summary>
    public decimal? Number(ComfyNode? node, string input, int depth = 0)
    {
        if (node?[input] is not { } value || depth > DeepestValue || !MayVisit())
            return null;
        if (ToolJson.Number(value) is { } number)
            return number;
        return Linked(value) is { } linked
            ? ValueNames.Prepend(input).Select(name => Number(linked, name, depth + 1)).FirstOrDefault(found => found is not null)
            : null;
    }

    /// <summary>Returns a text, given as a value or by nodes that pass one on or join several.</summary>
    public string? Text(ComfyNode? node, string input, int depth = 0)
    {
        if (node?[input] is not { } value || depth > DeepestValue || !MayVisit())
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        if (Linked(value) is not { } linked)
            return null;
        foreach (var name in TextNames)
        {
            if (Text(linked, name, depth + 1) is { } text)
                return text;
        }
        foreach (var names in JoinedNames)
        {
            var parts = names.Select(name => Text(linked, name, depth + 1)).Where(part => !string.IsNullOrEmpty(part)).ToList();
            if (parts.Count > 0)
                return string.Join(linked.Word("delimiter") ?? " ", parts);
        }
        return null;
    }

    /// <summary>
    /// Follows the first of these inputs that is linked, node after node, until one fits; null if none does.
    /// </summary>
    public ComfyNode? Follow(ComfyNode? node, string[] inputs, Func<ComfyNode, bool> fits, Action<ComfyNode>? passed = null)
    {
        var seen = new HashSet<string>();
        while (node is not null && seen.Add(node.Id) && MayVisit())
        {
            if (fits(node))
                return node;
            passed?.Invoke(node);
            var from = node;
            node = inputs.Select(input => Linked(from, input)).FirstOrDefault(next => next is not null);
        }
        return null;
    }

    private ComfyNode? Linked(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2 && value[1].ValueKind == JsonValueKind.Number
            ? _nodes.GetValueOrDefault(value[0].ValueKind == JsonValueKind.String ? value[0].GetString()! : value[0].GetRawText())
            : null;
}
