namespace GenApi.Core.Maintenance.Checks;

/// <summary>The findings of a store check.</summary>
public sealed class CheckReport
{
    /// <summary>The most findings of one kind that are listed; further ones are only counted. Repairs have no such limit.</summary>
    private const int MostListed = 200;

    private readonly Dictionary<string, int> _counts = [];
    private readonly List<CheckFinding> _findings = [];

    internal CheckReport(string directory, bool isRunning) => (Directory, IsRunning) = (directory, isRunning);

    /// <summary>The full path of the data directory.</summary>
    public string Directory { get; }

    /// <summary>A service used it during the check, so work in progress could not be judged.</summary>
    public bool IsRunning { get; }

    /// <summary>The first findings of each kind.</summary>
    public IReadOnlyList<CheckFinding> Findings => _findings;

    /// <summary>The number of problems, by kind.</summary>
    public SortedDictionary<string, int> Problems { get; } = new(StringComparer.Ordinal);

    /// <summary>The number of <see cref="Problems"/> that were repaired.</summary>
    public int Repaired { get; private set; }

    /// <summary>Findings that the service repairs itself, at its next start or in its daily sweep; crashes usually leave some.</summary>
    public SortedDictionary<string, int> SelfMending { get; } = new(StringComparer.Ordinal);

    /// <summary>Findings that need no repair.</summary>
    public SortedDictionary<string, int> Notes { get; } = new(StringComparer.Ordinal);

    public long Generations { get; internal set; }

    /// <summary>Rows that need bytes.</summary>
    public long References { get; internal set; }

    /// <summary>Blobs that were read completely.</summary>
    public long BlobsRead { get; internal set; }

    public long BytesRead { get; internal set; }

    /// <summary>All bytes are to be read, also those of a store that compares them itself.</summary>
    internal bool IsDeep { get; init; }

    /// <summary>Blobs whose length alone was compared.</summary>
    internal int BlobsNotRead { get; set; }

    public TimeSpan Took { get; internal set; }

    /// <summary>The reason why the data directory has no record of this check; null: it has one.</summary>
    public string? NotWritten { get; internal set; }

    /// <inheritdoc cref="MaintenanceRun.LedgerLine"/>
    internal long? LedgerLine { get; set; }

    public int ProblemCount => Problems.Values.Sum();

    /// <summary>There were no problems, or all are repaired.</summary>
    public bool IsSound => ProblemCount == Repaired;

    internal void Problem(string kind, string subject, string sentence, string? repair = null)
    {
        Problems[kind] = Problems.GetValueOrDefault(kind) + 1;
        if (repair is not null)
            Repaired++;
        Add(new CheckFinding(CheckWeight.Problem, kind, subject, sentence, repair));
    }

    /// <summary>Adds a finding that the service repairs itself; a repair may have done it now.</summary>
    internal void Mending(string kind, string subject, string sentence, string? repair = null)
    {
        SelfMending[kind] = SelfMending.GetValueOrDefault(kind) + 1;
        Add(new CheckFinding(CheckWeight.SelfMending, kind, subject, sentence, repair));
    }

    internal void Note(string kind, int count, string sentence)
    {
        if (count == 0)
            return;
        Notes[kind] = Notes.GetValueOrDefault(kind) + count;
        Add(new CheckFinding(CheckWeight.Note, kind, "", sentence, null));
    }

    private void Add(CheckFinding finding)
    {
        var count = _counts[finding.Kind] = _counts.GetValueOrDefault(finding.Kind) + 1;
        if (count <= MostListed)
            _findings.Add(finding);
    }
}

/// <summary>One finding of a store check.</summary>
/// <param name="Weight">Whether it needs an action.</param>
/// <param name="Kind">A stable code, such as <c>blob_missing</c>.</param>
/// <param name="Subject">The id, blob key or file that it is about.</param>
/// <param name="Sentence">The finding in words.</param>
/// <param name="Repair">The repair that was done; null: none.</param>
public sealed record CheckFinding(CheckWeight Weight, string Kind, string Subject, string Sentence, string? Repair);
