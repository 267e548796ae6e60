namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>
/// The text of a condition in a graph of ComfyUI. Between a sampler and the nodes that encode texts there may be others, which change,
/// join or pass on conditions.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="role"><c>positive</c> or <c>negative</c>: which input to follow where a node has both.</param>
internal sealed class ComfyPrompt(ComfyGraph graph, string role)
{
    private const int MostParts = 20;

    // The models have several encoders, which mostly get the same text.
    private static readonly string[] TextInputs =
        ["text", "t5xxl", "text_g", "text_l", "clip_g", "clip_l", "prompt", "llama", "bert", "mt5xl"];

    private readonly HashSet<string> _seen = [];
    private readonly List<string> _parts = [];

    /// <summary>Null: there is none.</summary>
    public string? Text => _parts.Count > 0 ? string.Join("\n", _parts) : null;

    /// <summary>Counts the nodes that had a text.</summary>
    public int Parts => _parts.Count;

    /// <summary>The scale that a distilled model takes as part of its condition.</summary>
    public decimal? Guidance { get; private set; }

    /// <summary>The type of a node whose text is not in the graph; null: there is none.</summary>
    public string? Lost { get; private set; }

    /// <summary>Reads what an input of a node leads to.</summary>
    public void Read(ComfyNode node, string input)
    {
        if (graph.Linked(node, input) is { } linked)
            Read(linked, ComfyGraph.OutputOf(node, input) ?? 0);
    }

    private void Read(ComfyNode node, int output)
    {
        // A condition that is set to zero has no text, whatever it was made from.
        if (_parts.Count >= MostParts || !_seen.Add(node.Id) || !graph.MayVisit()
            || node.Type.Contains("ZeroOut", StringComparison.Ordinal))
            return;
        Guidance ??= graph.Number(node, "guidance");
        if (AddText(node))
            return;
        foreach (var input in InputsOf(node, output))
            Read(node, input);
    }

    /// <returns>Whether the node is one that encodes a text, so that the walk ends here.</returns>
    private bool AddText(ComfyNode node)
    {
        var inputs = TextInputs.Where(input => node[input] is not null).ToList();
        // Loaders that do everything take the text itself under the name that conditions have elsewhere.
        if (node.Word(role) is not null || (graph.Linked(node, role) is { } linked && linked.Inputs.Keys.All(IsNoCondition)))
            inputs.Add(role);
        if (inputs.Count == 0)
            return false;
        var texts = inputs.Select(input => graph.Text(node, input)?.Trim()).OfType<string>().Distinct().ToList();
        _parts.AddRange(texts.Where(text => text.Length > 0));
        if (texts.Count == 0)
            Lost ??= inputs.Select(input => graph.Linked(node, input)?.Type).FirstOrDefault() ?? node.Type;
        return true;
    }

    private static bool IsNoCondition(string input) =>
        input is not ("clip" or "positive" or "negative") && !input.StartsWith("conditioning", StringComparison.Ordinal);

    private List<string> InputsOf(ComfyNode node, int output)
    {
        if (graph.Linked(node, "positive") is not null && graph.Linked(node, "negative") is not null)
            return [output switch { 0 => "positive", 1 => "negative", _ => role }];
        var links = graph.Links(node).Select(link => link.Input).ToList();
        return links.Contains(role)
            ? [role]
            : [.. links.Where(input => input is "" or "cond" or "any" || input.StartsWith("conditioning", StringComparison.Ordinal))];
    }
}
