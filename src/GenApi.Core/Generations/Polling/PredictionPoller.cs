using System.Diagnostics.CodeAnalysis;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Polling;

/// <summary>
/// Looks at running predictions, for everybody. With few in flight each is asked for by itself. Above that, looks that fall due close together share pages of the upstream's
/// list, each a hundred rows, so that the calls do not grow with the number in flight. The list is entered where the predictions of a round stand, by the time they were
/// made. It only ever tells what is in it: who is not found, or whose page fails, is asked for by itself.
/// </summary>
internal sealed partial class PredictionPoller(
    ReplicateClient replicate, InFlightLimit places, IOptions<ReplicateOptions> options, TimeProvider time, ILogger<PredictionPoller> logger)
{
    /// <summary>So many in flight are looked at one by one: at four looks for a run of a few seconds that is about Replicate's 3,000 calls a minute.</summary>
    public const int Few = 50;

    private const int PageRows = 100;

    /// <summary>Fewer rows than this tell nothing of how close together predictions are made.</summary>
    private const int TellingRows = 10;

    private static readonly TimeSpan ShortestRound = TimeSpan.FromSeconds(0.5);

    /// <summary>Creations and looks may tell times that differ by milliseconds (recordings).</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    /// <summary>How far our clock may be from the upstream's, where only our own times are known.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestPageSpan = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestPageSpan = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private List<Poll> _waiting = [];
    private bool _isGoingRound;
    private long _roundBegunAt;
    private TimeSpan _round;

    /// <summary>How much time a page covers; a guess on the long side, which the next page corrects.</summary>
    private TimeSpan _pageSpan = LongestPageSpan;

    public ReplicateClient Replicate => replicate;

    /// <summary>How the prediction of a run is doing. Not to be asked for the same run again before it has answered.</summary>
    /// <param name="run">Has a prediction.</param>
    /// <param name="wantsLog">Somebody follows the progress, which rows of the list do not tell.</param>
    /// <param name="stopping">Ends the wait.</param>
    /// <exception cref="GenApiException">As <see cref="ReplicateClient.GetAsync"/>.</exception>
    public async Task<Prediction> LookAsync(GenerationRun run, bool wantsLog, CancellationToken stopping)
    {
        var id = run.Generation.PredictionId!;
        if (places.Taken > Few && await ListedAsync(LookFor(run, id, wantsLog), stopping) is { } row && (!row.IsTerminal || IsWhole(row)))
            return row;
        return await replicate.GetAsync(id, stopping);
    }

    private Poll LookFor(GenerationRun run, string id, bool wantsLog)
    {
        if (run.PredictionCreatedAt is { } at)
            return new Poll(id, at - Margin, at + Margin, wantsLog);
        var accepted = replicate.Clock.Correct(run.Generation.AcceptedAt!.Value, run.Now);
        return new Poll(id, (run.Generation.SubmittingAt ?? accepted) - Skew, accepted + Skew, wantsLog);
    }

    /// <summary>A row that lacks what the end of a run is to be recorded with is followed by a look at the whole; a log may say why a run failed.</summary>
    private static bool IsWhole(Prediction row) =>
        row.Logs is not null && row.TotalSeconds is not null && (row.Status != PredictionStatus.Succeeded || (row.Output is not null && row.PredictSeconds is not null));

    private Task<Prediction?> ListedAsync(Poll look, CancellationToken stopping)
    {
        lock (_lock)
        {
            _waiting.Add(look);
            if (!_isGoingRound)
            {
                _isGoingRound = true;
                _ = Task.Run(() => GoRoundAsync(stopping), CancellationToken.None);
            }
        }
        return look.Told.WaitAsync(stopping);
    }

    /// <summary>Rounds until nobody waits. Who comes after a rest is not kept waiting: its round begins at once, and with one look in it is a plain one.</summary>
    private async Task GoRoundAsync(CancellationToken stopping)
    {
        while (true)
        {
            if (_round - time.GetElapsedTime(_roundBegunAt) is var rest && rest > TimeSpan.Zero)
                await Task.Delay(rest, time, stopping).ContinueWith(static _ => { }, TaskScheduler.Default);
            List<Poll> looks;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _isGoingRound = false;
                    return;
                }
                (looks, _waiting) = (_waiting, []);
            }
            await RoundAsync(looks, stopping);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever went wrong, nobody may be left waiting: everybody looks alone, and meets it there.")]
    private async Task RoundAsync(List<Poll> looks, CancellationToken stopping)
    {
        _roundBegunAt = time.GetTimestamp();
        var pages = 0;
        try
        {
            foreach (var each in looks.Where(look => look.WantsLog).Take(LogsAtOnce))
                each.Tell(null);
            var clusters = PollCluster.Of(looks.Where(look => !look.Told.IsCompleted), _pageSpan);
            pages = (await Task.WhenAll(clusters.Select(cluster => WalkAsync(cluster, stopping)))).Sum();
            if (pages == 0)
                _pageSpan = Within(_pageSpan * 2);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // So do all who wait.
        }
        catch (Exception failure)
        {
            Log.RoundFailed(logger, looks.Count, failure);
        }
        foreach (var look in looks)
            look.Tell(null);
        // Half of the calls that are not creations are for pages, the other half for all else.
        var earned = TimeSpan.FromMinutes(2d * pages / options.Value.ReadsPerMinute);
        _round = earned > ShortestRound ? earned : ShortestRound;
    }

    /// <summary>Of those who follow the progress so many are looked at by themselves in a round: a quarter of the calls.</summary>
    private int LogsAtOnce => Math.Max(1, (int)(options.Value.ReadsPerMinute / 4d * ShortestRound.TotalMinutes));

    /// <returns>How many pages it took.</returns>
    private async Task<int> WalkAsync(PollCluster cluster, CancellationToken stopping)
    {
        var expected = cluster.PagesAt(_pageSpan);
        // A page is larger than a look, so it has to stand for several.
        if (cluster.Looks.Count <= 2 * expected)
            return 0;
        var waiting = new Dictionary<string, Poll>(cluster.Looks.Count);
        foreach (var look in cluster.Looks)
            waiting.TryAdd(look.Id, look);
        var pages = 0;
        string? next = null;
        try
        {
            do
            {
                pages++;
                var page = await replicate.ListAsync(cluster.Oldest, cluster.Newest, next, stopping);
                foreach (var row in page.Predictions)
                {
                    if (waiting.Remove(row.Id, out var look))
                        look.Tell(row);
                }
                Learn(page.Predictions);
                next = page.NextUrl;
            }
            while (next is not null && waiting.Count > 1 && pages <= 2 * expected);
        }
        catch (GenApiException fault)
        {
            Log.PageFailed(logger, waiting.Count, fault.Code);
        }
        return pages;
    }

    private void Learn(IReadOnlyList<Prediction> rows)
    {
        if (rows.Count >= TellingRows && rows[0].CreatedAt - rows[^1].CreatedAt is { } span)
            _pageSpan = Within(span * PageRows / rows.Count);
    }

    private static TimeSpan Within(TimeSpan span) =>
        span > LongestPageSpan ? LongestPageSpan : span < ShortestPageSpan ? ShortestPageSpan : span;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The upstream's list could not be read ({Code}); {Count} predictions are looked at one by one")]
        public static partial void PageFailed(ILogger logger, int count, string code);

        [LoggerMessage(2, LogLevel.Error, "Looking at {Count} predictions together failed; they are looked at one by one")]
        public static partial void RoundFailed(ILogger logger, int count, Exception failure);
    }
}
