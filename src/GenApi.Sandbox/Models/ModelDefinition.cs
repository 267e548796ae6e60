namespace GenApi.Sandbox.Models;

internal enum OutputShape
{
    ListOfFiles,
    SingleFile,
}

internal enum LogStyle
{
    /// <summary>Seed, prompt and a tqdm bar, as the Stable Diffusion family prints.</summary>
    Bar,

    /// <summary>A few words, as the models that Replicate only passes on print.</summary>
    Words,
}

/// <summary>How a run of a test model ends.</summary>
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

/// <summary>A model of the catalogue: what it takes, how long it needs and what it gives.</summary>
internal sealed record ModelDefinition(string Owner, string Name, string Description)
{
    public required IReadOnlyList<ModelVersion> Versions { get; init; }
    public required IReadOnlyList<InputProperty> Inputs { get; init; }
    public required string CreatedAt { get; init; }

    /// <summary>Official models are called by name, are always warm and show their version as <c>hidden</c>.</summary>
    public bool Official { get; init; } = true;

    /// <summary>The output as JSON, for models that return more than pictures; see <see cref="MixedModels"/>. Null: files as <see cref="Output"/> says.</summary>
    public string? OutputTemplate { get; init; }

    public OutputShape Output { get; init; } = OutputShape.ListOfFiles;
    public LogStyle Log { get; init; } = LogStyle.Bar;
    public Ending Ending { get; init; } = Ending.Succeeds;
    public long RunCount { get; init; }

    /// <summary>The input of the run that the model shows as its example, as JSON; it names its seed.</summary>
    public string ExampleInput { get; init; } = """{"prompt":"a lighthouse above a quiet sea, oil painting","seed":7}""";

    public string CogVersion { get; init; } = "0.11.3";

    /// <summary>The part of a run that does not depend on the number of steps.</summary>
    public TimeSpan BaseTime { get; init; } = TimeSpan.FromSeconds(0.3);

    public TimeSpan StepTime { get; init; } = TimeSpan.Zero;

    /// <summary>Added before the first run and after idling. Zero for a model that is always warm.</summary>
    public TimeSpan BootTime { get; init; } = TimeSpan.Zero;

    /// <summary>Boots before every run, whatever was run before.</summary>
    public bool AlwaysCold { get; init; }

    /// <summary>The flux family reads seed 0 as "choose one".</summary>
    public bool ZeroSeedIsRandom { get; init; }

    /// <summary>Its mask is black where to paint; of most models it is white there.</summary>
    public bool PaintsBlackOfMasks { get; init; }

    public string FullName => $"{Owner}/{Name}";

    public InputProperty? Find(string input) => Inputs.FirstOrDefault(p => p.Name == input);

    /// <summary>What <c>version</c> says in a prediction that was made with <paramref name="id"/>.</summary>
    public string ShownVersion(string id) => Official ? "hidden" : id;
}
