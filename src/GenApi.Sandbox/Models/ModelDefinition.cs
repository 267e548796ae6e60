namespace GenApi.Sandbox.Models;

internal enum OutputShape
{
    ListOfFiles,
    SingleFile,

    /// <summary>A string that names no file.</summary>
    Text,
}

internal enum LogStyle
{
    /// <summary>Seed, prompt and a tqdm bar, as the Stable Diffusion family prints.</summary>
    Bar,

    /// <summary>A few words, as models print that Replicate only forwards to.</summary>
    Words,

    /// <summary>No log at all.</summary>
    None,
}

/// <summary>The end of a test model's run.</summary>
internal enum Ending
{
    Succeeds,
    Fails,
    Refuses,
    Empty,
    Aborts,
    Partial,
}

internal sealed record ModelVersion(string Id, string CreatedAt);

/// <summary>A model of the catalogue: its inputs, its times and its output.</summary>
internal sealed record ModelDefinition(string Owner, string Name, string Description)
{
    /// <summary>Newest first; empty for a model that was made and not trained yet.</summary>
    public required IReadOnlyList<ModelVersion> Versions { get; init; }
    public required IReadOnlyList<InputProperty> Inputs { get; init; }
    public required string CreatedAt { get; init; }

    /// <summary>True if the model is official: called by name, always warm, its version shown as <c>hidden</c>.</summary>
    public bool Official { get; init; } = true;

    /// <summary>
    /// The output as JSON, for models that return more than pictures (see <see cref="MixedModels"/>). Null: files in the shape of
    /// <see cref="Output"/>.
    /// </summary>
    public string? OutputTemplate { get; init; }

    public OutputShape Output { get; init; } = OutputShape.ListOfFiles;
    /// <summary>True if the output holds no file. The stream of such a model has another address.</summary>
    public bool MakesText =>
        Output == OutputShape.Text || OutputTemplate is { } template && !template.Contains('$', StringComparison.Ordinal);

    public LogStyle Log { get; init; } = LogStyle.Bar;
    public Ending Ending { get; init; } = Ending.Succeeds;
    public long RunCount { get; init; }

    /// <summary>The input of the model's example, as JSON with a seed.</summary>
    public string ExampleInput { get; init; } = """{"prompt":"a lighthouse above a quiet sea, oil painting","seed":7}""";

    public string CogVersion { get; init; } = "0.11.3";

    /// <summary>The part of a run that does not depend on the number of steps.</summary>
    public TimeSpan BaseTime { get; init; } = TimeSpan.FromSeconds(0.3);

    public TimeSpan StepTime { get; init; } = TimeSpan.Zero;

    /// <summary>The boot time, added before the first run and after idling. Zero: always warm.</summary>
    public TimeSpan BootTime { get; init; } = TimeSpan.Zero;

    /// <summary>Boots before every run, even right after another one.</summary>
    public bool AlwaysCold { get; init; }

    /// <summary>The flux family reads seed 0 as "choose one".</summary>
    public bool ZeroSeedIsRandom { get; init; }

    /// <summary>The mask is black where the model paints. Most models paint where it is white.</summary>
    public bool PaintsBlackOfMasks { get; init; }

    /// <summary>True if a caller made the model for itself.</summary>
    public bool IsPrivate { get; init; }

    public string FullName => $"{Owner}/{Name}";

    public InputProperty? Find(string input) => Inputs.FirstOrDefault(p => p.Name == input);

    /// <summary>Returns the <c>version</c> that a prediction made with <paramref name="id"/> shows.</summary>
    public string ShownVersion(string id) => Official ? "hidden" : id;
}
