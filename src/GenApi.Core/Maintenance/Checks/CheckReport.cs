namespace GenApi.Core.Maintenance.Checks;

/// <summary>What a check of the store found.</summary>
public sealed class CheckReport
{
    /// <summary>Of one kind, so many are told one by one; the others are counted. Repairs know no such bound.</summary>
    private const int MostTold = 200;

    private readonly Dictionary<string, int> _told = [];
    private readonly List<CheckFinding> _findings = [];

    internal CheckReport(string directory, bool isRunning) => (Directory, IsRunning) = (directory, isRunning);

    /// <summary>The data directory, in full.</summary>
    public string Directory { get; }

    /// <summary>A service owned it meanwhile, so what it was in the middle of could not be judged.</summary>
    public bool IsRunning { get; }

    /// <summary>The first of each kind.</summary>
    public IReadOnlyList<CheckFinding> Findings => _findings;

    /// <summary>All that are wrong, by kind.</summary>
    public SortedDictionary<string, int> Problems { get; } = new(StringComparer.Ordinal);

    /// <summary>Those of <see cref="Problems"/> that were repaired.</summary>
    public int Repaired { get; private set; }

    /// <summary>What the service mends by itself, at its next start or in its daily sweep: what a crash leaves as a rule.</summary>
    public SortedDictionary<string, int> SelfMending { get; } = new(StringComparer.Ordinal);

    /// <summary>Worth knowing, and nothing to mend.</summary>
    public SortedDictionary<string, int> Notes { get; } = new(StringComparer.Ordinal);

    public long Generations { get; internal set; }

    /// <summary>Rows that need bytes.</summary>
    public long References { get; internal set; }

    /// <summary>Blobs read from end to end.</summary>
    public long BlobsRead { get; internal set; }

    public long BytesRead { get; internal set; }

    public TimeSpan Took { get; internal set; }

    /// <summary>Why the data directory does not remember this check; null: it does.</summary>
    public string? NotWritten { get; internal set; }

    /// <inheritdoc cref="MaintenanceRun.LedgerLine"/>
    internal long? LedgerLine { get; set; }

    public int ProblemCount => Problems.Values.Sum();

    /// <summary>Nothing is wrong, or nothing is any more.</summary>
    public bool IsSound => ProblemCount == Repaired;

    internal void Problem(string kind, string subject, string sentence, string? repair = null)
    {
        Problems[kind] = Problems.GetValueOrDefault(kind) + 1;
        if (repair is not null)
            Repaired++;
        Tell(new CheckFinding(CheckWeight.Problem, kind, subject, sentence, repair));
    }

    /// <summary>What the service mends by itself; a repair may have done it now.</summary>
    internal void Mending(string kind, string subject, string sentence, string? repair = null)
    {
        SelfMending[kind] = SelfMending.GetValueOrDefault(kind) + 1;
        Tell(new CheckFinding(CheckWeight.SelfMending, kind, subject, sentence, repair));
    }

    internal void Note(string kind, int count, string sentence)
    {
        if (count == 0)
            return;
        Notes[kind] = Notes.GetValueOrDefault(kind) + count;
        Tell(new CheckFinding(CheckWeight.Note, kind, "", sentence, null));
    }

    private void Tell(CheckFinding finding)
    {
        var told = _told[finding.Kind] = _told.GetValueOrDefault(finding.Kind) + 1;
        if (told <= MostTold)
            _findings.Add(finding);
    }
}

/// <param name="Weight">Whether anything has to be done about it.</param>
/// <param name="Kind">A stable word, such as <c>blob_missing</c>.</param>
/// <param name="Subject">What it is about: an id, a blob key, a file.</param>
/// <param name="Sentence">What is wrong with it.</param>
/// <param name="Repair">What was done about it; null: nothing.</param>
public sealed record CheckFinding(CheckWeight Weight, string Kind, string Subject, string Sentence, string? Repair);
