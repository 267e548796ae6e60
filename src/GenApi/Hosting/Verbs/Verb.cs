namespace GenApi.Hosting.Verbs;

/// <summary>A command that the executable runs to its end instead of serving.</summary>
/// <param name="Name">The first word of the command line, or the first two: <c>keys create</c>.</param>
/// <param name="Summary">One line for the list of verbs.</param>
/// <param name="RunAsync">Runs the verb and returns the exit code.</param>
internal sealed record Verb(string Name, string Summary, Func<VerbCall, Task<int>> RunAsync)
{
    /// <summary>The number of options above which the usage names only the required ones.</summary>
    private const int MostInUsage = 6;

    /// <summary>The words that must follow the name, in order.</summary>
    public IReadOnlyList<VerbWord> Words { get; init; } = [];

    /// <summary>The options of this verb. Any other argument that begins with two dashes is a setting of the service, or unknown.</summary>
    public IReadOnlyList<VerbOption> Options { get; init; } = [];

    public VerbStore Store { get; init; }

    /// <summary>The exit code if the verb could not do its work at all.</summary>
    public int Refused { get; init; } = 2;

    /// <summary>The arguments after the executable, in one line.</summary>
    public string Usage
    {
        get
        {
            var shown = Options.Count > MostInUsage ? Options.Where(option => option.IsRequired) : Options;
            var options = shown.Select(option => option.IsRequired ? option.Form : $"[{option.Form}]");
            var others = Options.Count > MostInUsage ? " [<option> …]" : "";
            return string.Join(' ', [Name, .. Words.Select(word => word.Form), .. options]) + others;
        }
    }

    /// <summary>The text of <c>--help</c>.</summary>
    public string Help
    {
        get
        {
            var rows = Words.Select(word => (word.Form, word.Help)).Concat(Options.Select(option => (option.Form, option.Help))).ToList();
            var width = rows.Select(row => row.Form.Length).DefaultIfEmpty(0).Max();
            var lines = rows.Select(row => $"  {row.Form.PadRight(width)}  {row.Help}\n");
            return $"Usage: {Usage} [--<setting> <value> …]\n\n{Summary}\n{(rows.Count > 0 ? "\n" : "")}{string.Concat(lines)}";
        }
    }
}

/// <summary>The use of the data directory by a verb.</summary>
internal enum VerbStore
{
    /// <summary>It does not use the directory.</summary>
    None,

    /// <summary>It only reads, also next to a running service. It creates no file, takes no lock and changes no row.</summary>
    Read,

    /// <summary>It may write.</summary>
    Write,
}

/// <summary>A word that must follow a verb.</summary>
/// <param name="Name">The name, without brackets.</param>
/// <param name="Help">One line.</param>
internal sealed record VerbWord(string Name, string Help)
{
    public string Form => $"<{Name}>";
}

/// <summary>An option of a verb.</summary>
/// <param name="Name">The name, with its dashes.</param>
/// <param name="Value">The name of its value; null if it takes none.</param>
/// <param name="Help">One line.</param>
internal sealed record VerbOption(string Name, string? Value, string Help)
{
    public bool IsRequired { get; init; }

    public string Form => Value is null ? Name : $"{Name} <{Value}>";
}
