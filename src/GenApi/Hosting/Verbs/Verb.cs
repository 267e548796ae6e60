namespace GenApi.Hosting.Verbs;

/// <summary>Something that the executable does instead of serving, and then ends.</summary>
/// <param name="Name">The first word of the command line, or the first two: <c>keys create</c>.</param>
/// <param name="Summary">One line for the list.</param>
/// <param name="RunAsync">Gives the exit code.</param>
internal sealed record Verb(string Name, string Summary, Func<VerbCall, Task<int>> RunAsync)
{
    /// <summary>Above this many, the usage names the required options only.</summary>
    private const int MostInUsage = 6;

    /// <summary>The words that must follow the name, in their order.</summary>
    public IReadOnlyList<VerbWord> Words { get; init; } = [];

    /// <summary>Its own options. Everything else that begins with two dashes is a setting of the service, or unknown.</summary>
    public IReadOnlyList<VerbOption> Options { get; init; } = [];

    public VerbStore Store { get; init; }

    /// <summary>The exit code when it could not do its work at all.</summary>
    public int Refused { get; init; } = 2;

    /// <summary>What may follow the executable, in one line.</summary>
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

    /// <summary>What <c>--help</c> says of it.</summary>
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

/// <summary>What a verb does with the data directory.</summary>
internal enum VerbStore
{
    /// <summary>It does not use it.</summary>
    None,

    /// <summary>It only reads, beside a running service too: it makes no file, takes no lock and changes no row.</summary>
    Read,

    /// <summary>It may write.</summary>
    Write,
}

/// <summary>A word that must follow a verb.</summary>
/// <param name="Name">Without the brackets.</param>
/// <param name="Help">One line.</param>
internal sealed record VerbWord(string Name, string Help)
{
    public string Form => $"<{Name}>";
}

/// <summary>An option of a verb.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Value">What its value stands for; null: it takes none.</param>
/// <param name="Help">One line.</param>
internal sealed record VerbOption(string Name, string? Value, string Help)
{
    public bool IsRequired { get; init; }

    public string Form => Value is null ? Name : $"{Name} <{Value}>";
}
