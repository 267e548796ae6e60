using System.Text.Json;

namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>
/// Reads ComfyUI: the graph that ran. The walk starts at the sampler of the first pass and follows its links to prompts, size and model.
/// </summary>
internal sealed class ComfyReader
{
    private static readonly string[] ModelNames = ["ckpt_name", "unet_name", "model_name"],
        LatentInputs = ["latent_image", "latent", "samples", "optional_latent", ""],
        ModelInputs = ["model", "guider", "MODEL", "unet", ""], ScheduleInputs = ["sigmas", ""];

    private readonly ComfyGraph _graph;
    private readonly PictureSettings _settings = new(SettingsSource.Comfyui);

    private ComfyReader(ComfyGraph graph) => _graph = graph;

    /// <returns>Null if the picture is not by ComfyUI.</returns>
    public static PictureSettings? Read(EmbeddedTexts texts)
    {
        if (ToolJson.ParseObject(texts.Find("prompt")) is { } root && ComfyGraph.Read(root) is { } graph)
            return new ComfyReader(graph).Read();
        if (ToolJson.ParseObject(texts.Find("workflow"))?.Member("nodes") is null)
            return null;
        var settings = new PictureSettings(SettingsSource.Comfyui);
        settings.Note("The file holds only the workflow of ComfyUI's editor, not the graph that ran. Nothing can be carried over.");
        return settings;
    }

    private PictureSettings Read()
    {
        var samplers = Samplers();
        if (samplers.Count == 0)
        {
            _settings.Note("The graph has no sampler of a known form. Nothing can be carried over.");
            return _settings;
        }
        var sizes = samplers.ToDictionary(sampler => sampler.Id, EmptyLatentOf);
        var first = samplers.Find(sampler => sizes[sampler.Id] is not null) ?? samplers[0];
        if (samplers.Count > 1)
            _settings.Note($"The picture was made in {samplers.Count} passes. The request has the settings of the first one.");
        ReadSampler(first);
        ReadSize(first, sizes[first.Id]);
        ReadModel(first);
        ToolNotes.AddOns(_settings.Prompt, _settings);
        _settings.NoteLeftOut();
        return _settings;
    }

    /// <summary>Returns the samplers that lead to a picture that was saved; without such a node, all.</summary>
    private List<ComfyNode> Samplers()
    {
        var all = _graph.Nodes.Where(IsSampler).ToList();
        var reached = new HashSet<string>();
        var open = new Stack<ComfyNode>(_graph.Nodes.Where(node => _graph.Linked(node, "images") is not null
            && (node.Type.Contains("Save", StringComparison.Ordinal) || node.Type.Contains("Preview", StringComparison.Ordinal))));
        while (open.TryPop(out var node) && _graph.MayVisit())
        {
            if (!reached.Add(node.Id))
                continue;
            foreach (var (_, linked) in _graph.Links(node))
                open.Push(linked);
        }
        var saved = all.Where(sampler => reached.Contains(sampler.Id)).ToList();
        return saved.Count > 0 ? saved : all;
    }

    /// <summary>A sampler takes a seed, and conditions or a guider that has them.</summary>
    private bool IsSampler(ComfyNode node) =>
        (_graph.Linked(node, "guider") is not null || _graph.Linked(node, "positive") is not null)
        && (node["seed"] ?? node["noise_seed"] ?? node["noise"]) is not null;

    private void ReadSampler(ComfyNode sampler)
    {
        var guider = _graph.Linked(sampler, "guider");
        var conditions = guider ?? sampler;
        var positive = new ComfyPrompt(_graph, "positive");
        positive.Read(conditions, _graph.Linked(conditions, "positive") is not null ? "positive" : "conditioning");
        var negative = new ComfyPrompt(_graph, "negative");
        negative.Read(conditions, "negative");
        (_settings.Prompt, _settings.NegativePrompt) = (Text("positive", positive), Text("negative", negative));
        _settings.Seed = Number("seed", sampler) ?? Number("noise_seed", sampler)
            ?? Number("noise_seed", _graph.Linked(sampler, "noise")) ?? Number("seed", _graph.Linked(sampler, "noise"));
        var schedule = _graph.Follow(_graph.Linked(sampler, "sigmas"), ScheduleInputs, node => node["steps"] is not null);
        _settings.Steps = Number("steps", sampler) ?? Number("steps", schedule);
        var scale = Number("cfg", sampler) ?? Number("cfg", guider);
        // A distilled model takes its guidance as part of the condition.
        if (positive.Guidance is { } guidance)
            _settings.Add("guidance", JsonSerializer.SerializeToElement(guidance));
        _settings.Guidance = positive.Guidance ?? scale;
        Word("sampler_name", sampler, _graph.Linked(sampler, "sampler"));
        Word("scheduler", sampler, schedule);
        if ((Number("denoise", sampler) ?? Number("denoise", schedule)) is < 1)
            ToolNotes.FromPicture(_settings);
        _settings.Carry("positive", "negative", "seed", "noise_seed", "steps", "cfg", "guidance", "denoise");
    }

    private string? Text(string name, ComfyPrompt prompt)
    {
        if (prompt.Lost is { } type)
        {
            _settings.Note($"The {name} prompt comes from a node {PictureSettings.Quoted(type)}, whose text is made while the graph runs. "
                + "It was left out.");
        }
        if (prompt.Text is not { } text)
            return null;
        _settings.Add(name, text);
        if (prompt.Parts > 1)
            _settings.Note($"The {name} prompt was combined from {prompt.Parts} parts. The request has them one after the other.");
        return text;
    }

    /// <summary>Finds the empty picture that a sampler starts from; null if another sampler comes before it, or there is none.</summary>
    private ComfyNode? EmptyLatentOf(ComfyNode sampler)
    {
        var found = _graph.Follow(LatentOf(sampler), LatentInputs, node => IsSampler(node) || SizeOf(node) is not null);
        return found is not null && SizeOf(found) is not null ? found : null;
    }

    private ComfyNode? LatentOf(ComfyNode sampler) =>
        LatentInputs.Select(input => _graph.Linked(sampler, input)).FirstOrDefault(found => found is not null);

    /// <summary>Returns the size of an empty picture; null for a node that only changes another one.</summary>
    private (decimal Width, decimal Height)? SizeOf(ComfyNode node)
    {
        if (LatentOf(node) is not null)
            return null;
        var width = _graph.Number(node, "width") ?? _graph.Number(node, "empty_latent_width");
        var height = _graph.Number(node, "height") ?? _graph.Number(node, "empty_latent_height");
        return width is { } wide && height is { } high ? (wide, high) : null;
    }

    private void ReadSize(ComfyNode sampler, ComfyNode? latent)
    {
        if (latent is not null && SizeOf(latent) is { } size)
        {
            (_settings.Width, _settings.Height) = size;
            _settings.Add("width", JsonSerializer.SerializeToElement(size.Width));
            _settings.Add("height", JsonSerializer.SerializeToElement(size.Height));
            _settings.Carry("width", "height");
        }
        else if (_graph.Follow(LatentOf(sampler), LatentInputs, node => _graph.Linked(node, "pixels") is not null) is not null)
            ToolNotes.FromPicture(_settings);
    }

    private void ReadModel(ComfyNode sampler)
    {
        var loras = new List<string>();
        var loader = _graph.Follow(
            sampler, ModelInputs, node => ModelNames.Any(name => node.Word(name) is not null),
            node =>
            {
                if (node.Word("lora_name") is { } lora)
                    loras.Add(lora);
            });
        foreach (var name in ModelNames)
        {
            if (loader?.Word(name) is not { } model)
                continue;
            _settings.Add(name, model);
            _settings.Carry(name);
            _settings.Checkpoint = model;
            break;
        }
        if (loras.Count == 0)
            return;
        _settings.Add("lora_name", JsonSerializer.SerializeToElement(loras));
        _settings.Carry("lora_name");
        ToolNotes.Loras(loras, _settings);
    }

    private decimal? Number(string name, ComfyNode? node)
    {
        var number = _graph.Number(node, name);
        if (number is { } value)
            _settings.Add(name, JsonSerializer.SerializeToElement(value));
        return number;
    }

    private void Word(string name, params ReadOnlySpan<ComfyNode?> nodes)
    {
        foreach (var node in nodes)
        {
            if (_graph.Text(node, name) is { } word)
            {
                _settings.Add(name, word);
                return;
            }
        }
    }
}
