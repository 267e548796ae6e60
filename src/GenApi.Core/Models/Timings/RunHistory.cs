namespace GenApi.Core.Models.Timings;

/// <summary>
/// Holds the last runs of one model and version in memory, and evaluates them. All its times are by one clock that no one can set.
/// </summary>
internal sealed class RunHistory
{
    /// <summary>A hundred runs settle a 95th percentile, and still follow a model that has become faster.</summary>
    public const int Remembered = 100;

    /// <summary>
    /// The most runs among them that are not typical of callers' runs. Otherwise a model kept warm would forget within hours how long
    /// callers' runs take, and what they cost.
    /// </summary>
    private const int MostUntypical = Remembered / 2;

    /// <summary>Fewer runs do not show a distribution.</summary>
    private const int Enough = 5;

    /// <summary>The number of recent runs that set the poll schedule: they follow a change of speed at once.</summary>
    private const int Recent = 24;

    /// <summary>
    /// Warm starts take tenths of a second (0.006 s and 0.14 s in recorded answers), boots from some seconds to minutes. The upstream
    /// reports queueing and booting as one number. A model whose warm starts queue therefore gets more time: five times its usual warm
    /// start, up to a limit that no queue should reach unnoticed.
    /// </summary>
    private static readonly TimeSpan ShortestBoot = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan LongestQueue = TimeSpan.FromSeconds(15);
    private const double TimesTheWarmStart = 5;

    /// <summary>No machine is shut down within a minute after its run has ended.</summary>
    private static readonly TimeSpan SurelyUp = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private ModelRun[] _runs = [];
    private DateTimeOffset? _seenRunningAt;
    private int _rows;

    /// <param name="runs">All runs, oldest first.</param>
    public RunHistory(IEnumerable<ModelRun> runs)
    {
        foreach (var run in runs)
        {
            _runs = With(run);
            _rows++;
        }
    }

    /// <summary>The stamp of the reading of its rows; see <see cref="Caching.CacheAge"/>.</summary>
    public long ReadAt { get; init; }

    /// <summary>The numbers of the rows in memory.</summary>
    public IReadOnlyList<long> Numbers => [.. Snapshot().Runs.Select(run => run.Number)];

    /// <summary>The time at which the model was last seen running or ending.</summary>
    public DateTimeOffset? LastActiveAt
    {
        get
        {
            var (runs, seen) = Snapshot();
            var ended = runs.Length == 0 ? null : (DateTimeOffset?)runs[^1].EndedAt;
            return ended is null || seen > ended ? seen : ended;
        }
    }

    /// <returns>True if rows that are no longer in memory should be deleted.</returns>
    public bool Add(ModelRun run)
    {
        lock (_lock)
        {
            _runs = With(run);
            if (++_rows < 2 * Remembered)
                return false;
            _rows = Remembered;
            return true;
        }
    }

    /// <summary>Returns the history of the runs that had ended by then.</summary>
    public RunHistory EndedBefore(DateTimeOffset at) => new(Snapshot().Runs.Where(run => run.EndedAt < at));

    /// <summary>Takes over what an earlier reading has learned since, which no row says.</summary>
    public RunHistory SeenAsIn(RunHistory earlier)
    {
        if (earlier.Snapshot().SeenRunningAt is { } seen)
            SeenRunning(seen);
        return this;
    }

    public void SeenRunning(DateTimeOffset at)
    {
        lock (_lock)
            _seenRunningAt = _seenRunningAt > at ? _seenRunningAt : at;
    }

    /// <summary>Returns how long the model had been idle when a run was accepted; null for the first, and while another one ran.</summary>
    public TimeSpan? IdleBefore(DateTimeOffset acceptedAt)
    {
        var (runs, _) = Snapshot();
        return runs.Length > 0 && acceptedAt - runs[^1].EndedAt is var idle && idle >= TimeSpan.Zero ? idle : null;
    }

    /// <summary>Returns whether a start of this length was a boot.</summary>
    public bool IsCold(TimeSpan starting)
    {
        var (runs, _) = Snapshot();
        var warm = Sorted(runs, run => run.IsCold == false ? run.StartingSeconds : null);
        var usual = warm.Length < Enough ? TimeSpan.Zero : TimeSpan.FromSeconds(Percentile(warm, 0.5)) * TimesTheWarmStart;
        return starting >= (usual < ShortestBoot ? ShortestBoot : usual > LongestQueue ? LongestQueue : usual);
    }

    public ModelTimings At(DateTimeOffset now, bool isOfficial)
    {
        var (runs, _) = Snapshot();
        return new(
            WarmthAt(now, isOfficial), LastActiveAt, runs.Length,
            Measured(Sorted(runs, run => run.IsCold == false ? run.StartingSeconds : null)),
            Measured(Sorted(runs, run => run.IsCold == true ? run.StartingSeconds : null)),
            Measured(Sorted(runs, run => run.PredictSeconds)));
    }

    /// <summary>Returns the seconds of a run with this much work; null while too few were seen.</summary>
    public TypicalTime? PredictSeconds(int work)
    {
        var (runs, _) = Snapshot();
        var perWork = Sorted(runs, run => run.PredictSeconds / run.Work);
        return perWork.Length < Enough ? null : new(Percentile(perWork, 0.5) * work, Percentile(perWork, 0.95) * work);
    }

    /// <summary>The seconds of a run, whatever its input; null while too few were seen.</summary>
    public double? UsualSeconds =>
        Sorted(Snapshot().Runs, run => run.PredictSeconds) is { Length: >= Enough } seen ? Percentile(seen, 0.5) : null;

    /// <summary>The median of the seconds of the runs seen, however few, and whatever their input; null if none was seen.</summary>
    public double? AnySeconds => Typical(Sorted(Snapshot().Runs, run => run.PredictSeconds))?.MedianSeconds;

    /// <summary>The seconds of queueing and booting; null if none was seen.</summary>
    public TypicalTime? StartingSeconds => Typical(Sorted(Snapshot().Runs, run => run.StartingSeconds));

    /// <summary>The interval after acceptance in which runs usually end; null if none was seen.</summary>
    public (TimeSpan Soonest, TimeSpan Usual)? Ends
    {
        get
        {
            var (runs, _) = Snapshot();
            var took = runs.Where(run => run.TookSeconds is not null).TakeLast(Recent)
                .Select(run => run.TookSeconds!.Value).Order().ToArray();
            // The lowest tenth, so that one lucky run does not make all others be polled too early.
            return took.Length == 0 ? null : (TimeSpan.FromSeconds(took[took.Length / 10]), TimeSpan.FromSeconds(took[took.Length / 2]));
        }
    }

    /// <summary>
    /// Finds the newest run that says something about such a pause: one that started warm after a pause as long or longer, or cold after
    /// one as short or shorter. Models that others keep busy stay warm whatever we do, rare ones go cold within minutes; the history shows
    /// which it is.
    /// </summary>
    private Warmth WarmthAt(DateTimeOffset now, bool isOfficial)
    {
        var (runs, _) = Snapshot();
        if (LastActiveAt is not { } last)
            return Warmth.Unknown;
        var idle = (now - last).TotalSeconds;
        foreach (var run in runs.Reverse())
        {
            if (run is { IsCold: { } cold, IdleSeconds: { } pause } && (cold ? pause <= idle : pause >= idle))
                return cold ? Warmth.Cold : Warmth.Warm;
        }
        if (idle < SurelyUp.TotalSeconds)
            return Warmth.Warm;
        // Replicate keeps machines of official models up for everyone.
        return isOfficial && runs.LastOrDefault(run => run.IsCold is not null) is { IsCold: false } ? Warmth.Warm : Warmth.Unknown;
    }

    private ModelRun[] With(ModelRun run)
    {
        List<ModelRun> runs = [.. _runs, run];
        if (runs.Count > Remembered)
        {
            var hasTooManyUntypical = runs.Count(each => each.PredictSeconds is null) > MostUntypical;
            runs.RemoveAt(hasTooManyUntypical ? runs.FindIndex(each => each.PredictSeconds is null) : 0);
        }
        return [.. runs];
    }

    private static MeasuredTime? Measured(double[] sorted) =>
        Typical(sorted) is { } time ? new(sorted.Length, time.MedianSeconds, time.P95Seconds) : null;

    private static TypicalTime? Typical(double[] sorted) =>
        sorted.Length == 0 ? null : new(Percentile(sorted, 0.5), Percentile(sorted, 0.95));

    /// <summary>Returns the smallest value that this share of all values does not exceed.</summary>
    private static double Percentile(double[] sorted, double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1];

    private static double[] Sorted(ModelRun[] runs, Func<ModelRun, double?> figure) => [.. runs.Select(figure).OfType<double>().Order()];

    private (ModelRun[] Runs, DateTimeOffset? SeenRunningAt) Snapshot()
    {
        lock (_lock)
            return (_runs, _seenRunningAt);
    }
}
