using GenApi.Core.Models.Timings;

namespace GenApi.Tests.Models;

/// <summary>The evaluation of past runs: whether a start was cold, whether the next one will be, and how long a run takes.</summary>
public sealed class RunHistoryTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0.2, false)]
    [InlineData(2.4, false)]
    [InlineData(2.5, true)]
    [InlineData(90, true)]
    public void Without_a_history_a_start_of_some_seconds_is_a_boot(double seconds, bool isCold) =>
        Assert.Equal(isCold, new RunHistory([]).IsCold(TimeSpan.FromSeconds(seconds)));

    [Theory]
    // A model whose warm starts queue for a second is not cold at four.
    [InlineData(1, 4.9, false)]
    [InlineData(1, 5, true)]
    // Fast starts do not turn a hitch of a second into a boot, and no queue is long enough to hide a boot.
    [InlineData(0.05, 2, false)]
    [InlineData(2.4, 11.9, false)]
    [InlineData(2.4, 12, true)]
    public void A_start_is_measured_by_the_warm_starts_of_its_model(double usual, double seconds, bool isCold)
    {
        var history = new RunHistory(
            [.. Enumerable.Range(0, 5).Select(_ => Run(starting: usual)),
                .. Enumerable.Range(0, 5).Select(_ => Run(starting: 60, cold: true))]);

        Assert.Equal(isCold, history.IsCold(TimeSpan.FromSeconds(seconds)));
    }

    [Theory]
    // Never run; run a moment ago.
    [InlineData("", 0, Warmth.Unknown)]
    [InlineData("?", 30, Warmth.Warm)]
    [InlineData("?", 600, Warmth.Unknown)]
    // It has started warm after ten minutes, so it is warm after five, and unknown after eleven.
    [InlineData("w600", 300, Warmth.Warm)]
    [InlineData("w600", 660, Warmth.Unknown)]
    // It was cold after ten minutes, so it is cold after an hour.
    [InlineData("c600", 3600, Warmth.Cold)]
    [InlineData("c600", 300, Warmth.Unknown)]
    [InlineData("w240 c600", 200, Warmth.Warm)]
    [InlineData("w240 c600", 700, Warmth.Cold)]
    // The newest informative run decides: the model has become busy, or rare.
    [InlineData("c600 w3600", 1800, Warmth.Warm)]
    [InlineData("w3600 c600", 1800, Warmth.Cold)]
    // One that boots before every run is cold at once.
    [InlineData("c1", 20, Warmth.Cold)]
    public void Whether_the_next_start_is_warm_is_read_from_the_pauses_before_earlier_ones(string runs, int idleSeconds, Warmth expected)
    {
        var history = new RunHistory(runs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => Run(
            starting: 1, cold: text[0] == 'c',
            idle: text.Length > 1 ? double.Parse(text[1..], System.Globalization.CultureInfo.InvariantCulture) : null)));

        Assert.Equal(expected, history.At(Now.AddSeconds(idleSeconds), isOfficial: false).State);
    }

    [Fact]
    public void An_official_model_is_warm_for_as_long_as_its_last_start_was()
    {
        var later = Now.AddDays(3);

        Assert.Equal(Warmth.Warm, new RunHistory([Run(starting: 0.2)]).At(later, isOfficial: true).State);
        Assert.Equal(Warmth.Unknown, new RunHistory([Run(starting: 0.2)]).At(later, isOfficial: false).State);
        Assert.Equal(Warmth.Unknown, new RunHistory([]).At(later, isOfficial: true).State);
    }

    [Fact]
    public void A_model_seen_at_work_is_warm_before_its_run_has_ended()
    {
        var history = new RunHistory([]);
        history.SeenRunning(Now);
        history.SeenRunning(Now.AddSeconds(-5));

        var timings = history.At(Now.AddSeconds(10), isOfficial: false);

        Assert.Equal((Warmth.Warm, (DateTimeOffset?)Now, 0), (timings.State, timings.LastRunAt, timings.Runs));
    }

    [Fact]
    public void A_run_beside_another_tells_nothing_of_pauses()
    {
        var history = new RunHistory([Run()]);

        Assert.Null(history.IdleBefore(Now.AddSeconds(-1)));
        Assert.Equal(TimeSpan.FromSeconds(7), history.IdleBefore(Now.AddSeconds(7)));
        Assert.Null(new RunHistory([]).IdleBefore(Now));
    }

    [Fact]
    public void The_last_hundred_runs_count_and_median_and_p95_are_figures_of_theirs()
    {
        var history = new RunHistory(Enumerable.Range(1, 200).Select(seconds => Run(starting: seconds, predict: seconds)));
        var deletions = Enumerable.Range(0, 250).Count(_ => history.Add(Run()));

        // There are two hundred rows; each time the oldest hundred go.
        Assert.Equal(3, deletions);
        history = new RunHistory(Enumerable.Range(1, 200).Select(seconds => Run(starting: seconds, predict: seconds * 2)));
        var timings = history.At(Now, isOfficial: false);
        Assert.Equal(100, timings.Runs);
        Assert.Equal((new MeasuredTime(100, 150, 195), null), (timings.WarmStart, timings.ColdStart));
        Assert.Equal(new MeasuredTime(100, 300, 390), timings.Predict);
    }

    [Fact]
    public void Runs_that_only_keep_a_model_warm_do_not_push_out_what_callers_runs_took()
    {
        var all = Enumerable.Range(1, 80).Select(seconds => Run(predict: seconds))
            .Concat(Enumerable.Range(1, 300).Select(seconds => Run(starting: 0.1 * seconds))).ToList();
        var history = new RunHistory(all.Take(150));
        foreach (var run in all.Skip(150))
            history.Add(run);

        foreach (var timings in new[] { history.At(Now, isOfficial: false), new RunHistory(all).At(Now, isOfficial: false) })
        {
            Assert.Equal((100, 50, 50), (timings.Runs, timings.Predict!.Runs, timings.WarmStart!.Runs));
            Assert.Equal((55, 29.8), (timings.Predict.MedianSeconds, Math.Round(timings.WarmStart.P95Seconds, 3)));
        }
    }

    [Fact]
    public void Warm_and_cold_starts_are_told_apart()
    {
        var timings = new RunHistory([Run(starting: 0.2), Run(starting: 90, cold: true), Run(starting: 0.4), Run()])
            .At(Now, isOfficial: false);

        Assert.Equal((4, new MeasuredTime(2, 0.2, 0.4), new MeasuredTime(1, 90, 90)), (timings.Runs, timings.WarmStart, timings.ColdStart));
    }

    [Fact]
    public void The_time_of_a_run_grows_with_its_images_and_steps()
    {
        var history = new RunHistory(Enumerable.Range(0, 5).Select(at => Run(predict: 5 + at, work: 50)));

        Assert.Equal(7, history.PredictSeconds(50)!.Value.MedianSeconds, 6);
        Assert.Equal(9, history.PredictSeconds(50)!.Value.P95Seconds, 6);
        Assert.Equal(28, history.PredictSeconds(200)!.Value.MedianSeconds, 6);
        Assert.Null(new RunHistory(Enumerable.Range(0, 4).Select(_ => Run(predict: 5))).PredictSeconds(1));
    }

    private static ModelRun Run(double? starting = null, bool cold = false, double? idle = null, double? predict = null, int work = 1) =>
        new()
        {
            Upstream = "replicate",
            Model = "me/mine",
            Version = "",
            EndedAt = Now,
            StartingSeconds = starting,
            PredictSeconds = predict,
            TookSeconds = predict,
            Work = work,
            IsCold = starting is null ? null : cold,
            IdleSeconds = idle,
        };
}
