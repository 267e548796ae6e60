using System.Collections.Concurrent;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations;

/// <summary>
/// When to look at a running prediction: seldom before this model's runs usually end, then closely, then ever more slowly. The history is
/// the model's last runs; it is read from the database the first time, so it survives restarts.
/// </summary>
internal sealed class ModelPace(IDbContextFactory<GenApiDbContext> contexts)
{
    private const int Remembered = 24;
    private const double Growth = 1.4;

    private static readonly TimeSpan Closest = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan FirstUnknown = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Somebody watches the progress: Replicate's own clients look twice a second, its documentation advises one to two seconds.</summary>
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, History> _histories = new(StringComparer.Ordinal);

    /// <summary>Adds a run that has ended.</summary>
    /// <param name="model"><c>owner/name</c>.</param>
    /// <param name="took">From acceptance to the end.</param>
    public void Add(string model, TimeSpan took) => _histories.GetOrAdd(model, static _ => new History()).Add(took);

    /// <summary>How long to wait from now until the next look.</summary>
    public async Task<TimeSpan> UntilNextLookAsync(GenerationRun run, DateTimeOffset now, bool isWatched, CancellationToken cancellationToken)
    {
        var model = run.Generation.Model;
        if (!_histories.TryGetValue(model, out var history))
            history = _histories.GetOrAdd(model, await LoadAsync(model, cancellationToken));
        var elapsed = now - run.Generation.AcceptedAt!.Value;
        var pause = history.Range is { } range ? Known(range, elapsed, run) : Unknown(run.Looks);
        return isWatched && pause > Watched ? Watched : pause;
    }

    /// <summary>No history: steps that grow with the waiting, so that any run is noticed within a fraction of its own length.</summary>
    private static TimeSpan Unknown(int looks) => Shorter(FirstUnknown * Math.Pow(Growth, looks), Longest);

    private static TimeSpan Known((TimeSpan Soonest, TimeSpan Usual) range, TimeSpan elapsed, GenerationRun run)
    {
        // A look just before the soonest end seen, and until then one a quarter of the way, which shows a failure or a cold start early.
        var opens = range.Soonest * 0.98;
        if (elapsed < opens)
        {
            var early = range.Usual / 4;
            return run.Looks == 0 && early > TimeSpan.FromMilliseconds(500) ? Shorter(early, opens - elapsed) : opens - elapsed;
        }
        // From there a step is 3 % of the usual run (120 ms at 4 s), growing as the run outlasts its kind.
        var step = Longer(range.Usual * 0.03, Closest);
        return Shorter(step * Math.Pow(Growth, Math.Max(0, run.LateLooks++ - 2)), Longest);
    }

    private async Task<History> LoadAsync(string model, CancellationToken cancellationToken)
    {
        var history = new History();
        var runs = await contexts.ReadAsync(db => db.Set<Generation>().AsNoTracking()
            .Where(generation => generation.Model == model)
            .OrderByDescending(generation => generation.CreatedAt)
            .Take(Remembered * 2)
            .Select(generation => new { generation.AcceptedAt, generation.StoringAt, generation.UpstreamSeconds })
            .ToListAsync(cancellationToken), cancellationToken);
        foreach (var run in runs.Where(run => run.StoringAt is not null && run.AcceptedAt is not null).Take(Remembered).Reverse())
            history.Add(Took(run.AcceptedAt!.Value, run.StoringAt!.Value, run.UpstreamSeconds));
        return history;
    }

    /// <summary>
    /// The upstream's own figure where it tells one, 0 included; ours contains the wait until we looked, so a history of it would never
    /// become shorter again.
    /// </summary>
    public static TimeSpan Took(DateTimeOffset acceptedAt, DateTimeOffset seenAt, double? upstreamSeconds)
    {
        var seen = seenAt - acceptedAt;
        return upstreamSeconds is >= 0 ? Shorter(TimeSpan.FromSeconds(upstreamSeconds.Value), seen) : seen;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private sealed class History
    {
        private readonly Lock _lock = new();
        private readonly Queue<TimeSpan> _runs = new(Remembered);

        public (TimeSpan Soonest, TimeSpan Usual)? Range { get; private set; }

        public void Add(TimeSpan took)
        {
            lock (_lock)
            {
                if (_runs.Count == Remembered)
                    _runs.Dequeue();
                _runs.Enqueue(took);
                var sorted = _runs.Order().ToArray();
                // The tenth part from below, so that one lucky run does not make all others be looked at too early.
                Range = (sorted[sorted.Length / 10], sorted[sorted.Length / 2]);
            }
        }
    }
}
