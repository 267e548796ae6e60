namespace GenApi.Hosting;

/// <summary>Something that the executable does instead of serving, and then ends.</summary>
/// <param name="Name">The first word of the command line.</param>
/// <param name="Usage">What may follow it.</param>
/// <param name="Summary">One line for the list.</param>
/// <param name="RunAsync">Gives the exit code.</param>
internal sealed record Verb(string Name, string Usage, string Summary, Func<VerbCall, Task<int>> RunAsync)
{
    /// <summary>Lines about its options, where the usage can't hold them.</summary>
    public string Details { get; init; } = "";

    /// <summary>Options without a value, such as <c>--repair</c>. Every other option is a setting of the service.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>Options with a value.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>How many words must follow.</summary>
    public int Words { get; init; }

    /// <summary>How many may.</summary>
    public int MostWords { get => Math.Max(field, Words); init; }

    /// <summary>The exit code when it could not do its work at all.</summary>
    public int Refused { get; init; } = 2;
}

/// <param name="Services">All of the service, nothing of it started.</param>
/// <param name="Words">What followed the verb.</param>
/// <param name="Options">The verb's own options that were given; the value of a flag is empty.</param>
/// <param name="Stopping">The operator ends it (Ctrl-C, SIGTERM).</param>
internal sealed record VerbCall(IServiceProvider Services, IReadOnlyList<string> Words, IReadOnlyDictionary<string, string> Options, CancellationToken Stopping)
{
    public IConfiguration Configuration => Services.GetRequiredService<IConfiguration>();

    public bool Has(string option) => Options.ContainsKey(option);
}
