using System.Diagnostics.CodeAnalysis;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Polling;

/// <summary>
/// Polls running predictions, for all runs. With few in flight each is read separately. Above that, polls that fall due close together
/// share pages of the upstream's list, each of a hundred rows, so the calls do not grow with the number in flight. A round enters the list
/// by the time at which its predictions were made. A prediction that is not found, or whose page fails, is read separately.
/// </summary>
internal sealed partial class PredictionPoller(
    ReplicateClient replicate, UpstreamClock upstreamClock, InFlightLimit limit, IOptions<ReplicateOptions> options, TimeProvider time,
    ILogger<PredictionPoller> logger)
{
    /// <summary>
    /// At most this many in flight are polled one by one. At four polls for a run of a few seconds, that is about Replicate's 3,000 calls a
    /// minute.
    /// </summary>
    private const int MostPolledAlone = 50;

    private const int PageRows = 100;

    /// <summary>Fewer rows than this do not show how close together predictions are made.</summary>
    private const int TellingRows = 10;

    private static readonly TimeSpan ShortestRound = TimeSpan.FromSeconds(0.5);

    /// <summary>Creations and polls may report times that differ by milliseconds (recordings).</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    /// <summary>The greatest difference to expect between our clock and the upstream's, if only our own times are known.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestPageSpan = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestPageSpan = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private List<Poll> _waiting = [];
    private bool _isGoingRound;
    private long _roundBegunAt;
    private TimeSpan _round;

    /// <summary>The time that a page covers. The first value is a long guess, which the next page corrects.</summary>
    private TimeSpan _pageSpan = LongestPageSpan;

    /// <summary>Reads the prediction of a run. Do not call it again for the same run before it has returned.</summary>
    /// <param name="run">Has a prediction.</param>
    /// <param name="wantsLog">Whether somebody follows the progress, which rows of the list do not show.</param>
    /// <param name="stopping">Ends the wait.</param>
    /// <exception cref="GenApiException">As <see cref="ReplicateClient.GetAsync"/>.</exception>
    public async Task<Prediction> PollAsync(GenerationRun run, bool wantsLog, CancellationToken stopping)
    {
        var id = run.Generation.PredictionId!;
        if (limit.Count > MostPolledAlone && await ListedAsync(PollOf(run, id, wantsLog), stopping) is { } row
            && (!row.IsTerminal || IsWhole(row)))
            return row;
        return await replicate.GetAsync(id, stopping);
    }

    private Poll PollOf(GenerationRun run, string id, bool wantsLog)
    {
        if (run.PredictionCreatedAt is { } at)
            return new Poll(id, at - Margin, at + Margin, wantsLog);
        var accepted = upstreamClock.Correct(run.Generation.AcceptedAt!.Value, run.Now);
        return new Poll(id, (run.Generation.SubmittingAt ?? accepted) - Skew, accepted + Skew, wantsLog);
    }

    /// <summary>
    /// Returns whether a row has everything that is recorded at the end of a run. That includes the log, which may say why the run failed.
    /// If anything is missing, the whole prediction is read.
    /// </summary>
    private static bool IsWhole(Prediction row) => row.Logs is not null && row.TotalSeconds is not null
        && (row.Status != PredictionStatus.Succeeded || (row.Output is not null && row.PredictSeconds is not null));

    private Task<Prediction?> ListedAsync(Poll poll, CancellationToken stopping)
    {
        lock (_lock)
        {
            _waiting.Add(poll);
            if (!_isGoingRound)
            {
                _isGoingRound = true;
                _ = Task.Run(() => GoRoundAsync(stopping), CancellationToken.None);
            }
        }
        return poll.Result.WaitAsync(stopping);
    }

    /// <summary>
    /// Makes rounds until no poll waits. A poll that comes after a rest does not wait: its round begins at once, and with one poll in it
    /// the prediction is read separately.
    /// </summary>
    private async Task GoRoundAsync(CancellationToken stopping)
    {
        while (true)
        {
            if (_round - time.GetElapsedTime(_roundBegunAt) is var rest && rest > TimeSpan.Zero)
                await Task.Delay(rest, time, stopping).ContinueWith(static _ => { }, TaskScheduler.Default);
            List<Poll> polls;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _isGoingRound = false;
                    return;
                }
                (polls, _waiting) = (_waiting, []);
            }
            await RoundAsync(polls, stopping);
        }
    }

    [SuppressMessage(
        "Design", "CA1031",
        Justification = "Whatever went wrong, no poll may be left waiting: each reads its prediction and meets the fault.")]
    private async Task RoundAsync(List<Poll> polls, CancellationToken stopping)
    {
        _roundBegunAt = time.GetTimestamp();
        var pages = 0;
        try
        {
            foreach (var each in polls.Where(poll => poll.WantsLog).Take(LogsAtOnce))
                each.Complete(null);
            var clusters = PollCluster.Of(polls.Where(poll => !poll.Result.IsCompleted), _pageSpan);
            pages = (await Task.WhenAll(clusters.Select(cluster => WalkAsync(cluster, stopping)))).Sum();
            if (pages == 0)
                _pageSpan = Within(_pageSpan * 2);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // All polls that wait end the same way.
        }
        catch (Exception failure)
        {
            Log.RoundFailed(logger, polls.Count, failure);
        }
        foreach (var poll in polls)
            poll.Complete(null);
        // Half of the calls that are not creations are for pages, the other half for everything else.
        var earned = TimeSpan.FromMinutes(2d * pages / options.Value.ReadsPerMinute);
        _round = earned > ShortestRound ? earned : ShortestRound;
    }

    /// <summary>The number of polls that want a log and read their prediction separately in a round: a quarter of the calls.</summary>
    private int LogsAtOnce => Math.Max(1, (int)(options.Value.ReadsPerMinute / 4d * ShortestRound.TotalMinutes));

    /// <returns>How many pages it took.</returns>
    private async Task<int> WalkAsync(PollCluster cluster, CancellationToken stopping)
    {
        var expected = cluster.PagesAt(_pageSpan);
        // A page costs more than a single poll, so it has to replace several.
        if (cluster.Polls.Count <= 2 * expected)
            return 0;
        var waiting = new Dictionary<string, Poll>(cluster.Polls.Count);
        foreach (var poll in cluster.Polls)
            waiting.TryAdd(poll.Id, poll);
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
                    if (waiting.Remove(row.Id, out var poll))
                        poll.Complete(row);
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
        [LoggerMessage(1, LogLevel.Information,
            "The upstream's list could not be read ({Code}); {Count} predictions are polled one by one")]
        public static partial void PageFailed(ILogger logger, int count, string code);

        [LoggerMessage(2, LogLevel.Error, "Polling {Count} predictions together failed; they are polled one by one")]
        public static partial void RoundFailed(ILogger logger, int count, Exception failure);
    }
}
