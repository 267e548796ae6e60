using GenApi.Core.Generations.Recovery;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Replicate;

namespace GenApi.Tests.Generations;

/// <summary>
/// Tests which prediction belongs to which generation when several have lost theirs. The results must agree, whichever generation asks.
/// </summary>
public sealed class OrphanAssignmentTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Each_takes_its_own_whoever_asks_first()
    {
        string[] inputs = ["""{"prompt":"a","seed":7}""", """{"prompt":"a","seed":7,"width":512}""", """{"prompt":"a","seed":8}"""];
        SentRun[] runs = [.. inputs.Select(input => Run(input))];
        Prediction[] made = [Made("3", inputs[2]), Made("2", inputs[1]), Made("1", inputs[0])];

        Assert.Equal(["1", "2", "3"], runs.Select(run => Decide(run, runs, made).Prediction?.Id));
        Assert.Equal(["1", "2", "3"], runs.Select(run => Decide(run, [.. runs.Reverse()], [.. made.Reverse()]).Prediction?.Id));
    }

    [Fact]
    public void What_fits_another_better_is_not_taken_and_counts_as_not_there()
    {
        SentRun[] runs = [Run("""{"prompt":"a"}"""), Run("""{"prompt":"a","width":512}""")];
        Prediction[] made = [Made("2", """{"prompt":"a","width":512}""")];

        Assert.Equal(OrphanFate.Missing, Decide(runs[0], runs, made).Fate);
        Assert.Equal("2", Decide(runs[1], runs, made).Prediction?.Id);
    }

    [Fact]
    public void Identical_requests_take_one_each_and_wait_for_each_other()
    {
        SentRun[] runs = [Run("""{"prompt":"a"}"""), Run("""{"prompt":"a"}""", 1), Run("""{"prompt":"a"}""", 2)];
        // A list can show one twice.
        Prediction[] made = [Made("1", """{"prompt":"a"}""", 2), Made("2", """{"prompt":"a"}""", 3), Made("1", """{"prompt":"a"}""", 2)];

        Assert.Equal(["1", "2", null], runs.Select(run => Decide(run, runs, made).Prediction?.Id));
        Assert.Equal(OrphanFate.Unclear, Decide(runs[2], runs, made).Fate);
    }

    [Fact]
    public void One_that_is_older_than_a_request_is_left_for_who_can_have_made_it()
    {
        SentRun[] runs = [Run("""{"prompt":"a"}""", 60), Run("""{"prompt":"a"}""")];
        Prediction[] made = [Made("late", """{"prompt":"a"}""", 61), Made("early", """{"prompt":"a"}""", 1)];

        Assert.Equal(["late", "early"], runs.Select(run => Decide(run, runs, made).Prediction?.Id));
    }

    /// <summary>A canceled generation, or one that ended without a result, leaves an image to one that still wants it.</summary>
    [Fact]
    public void Who_wants_a_picture_comes_first()
    {
        SentRun[] runs = [Run("""{"prompt":"a"}"""), Run("""{"prompt":"a"}"""), Run("""{"prompt":"a"}""", 1)];
        runs[0].Generation.MarkCanceled(Now);
        runs[1].Generation.RequestCancel(Now);
        Prediction[] made = [Made("1", """{"prompt":"a"}""", 1)];

        Assert.Equal("1", Decide(runs[2], runs, made).Prediction?.Id);
        Assert.Equal(OrphanFate.Unclear, Decide(runs[1], runs, made).Fate);
    }

    [Fact]
    public void A_guess_counts_only_after_the_settling_time()
    {
        SentRun[] runs = [Run("""{"prompt":"a"}""")];
        Prediction[] made = [Made("1", """{"prompt":"a","more":1}""")];

        Assert.Equal(OrphanFate.Unclear, Decide(runs[0], runs, made, isSettled: false).Fate);
        Assert.Equal("1", Decide(runs[0], runs, made).Prediction?.Id);
    }

    [Fact]
    public void A_guess_is_the_nearest_one_and_nobody_elses()
    {
        SentRun[] runs = [Run("""{"prompt":"a","seed":1}"""), Run("""{"prompt":"a","seed":1,"more":1}""")];
        Prediction[] made = [Made("1", """{"prompt":"a","seed":1,"more":1,"id":"x"}"""), Made("2", """{"prompt":"a","seed":1,"id":"y"}""")];

        Assert.Equal(["2", "1"], runs.Select(run => Decide(run, runs, made).Prediction?.Id));
        Assert.Equal(OrphanFate.Missing, Decide(runs[0], runs, [made[0]]).Fate);
    }

    [Fact]
    public void What_two_different_requests_may_have_made_is_neither_taken_nor_passed_over()
    {
        SentRun[] runs = [Run("""{"prompt":"a","one":1}"""), Run("""{"prompt":"a","two":1}""")];
        Prediction[] made = [Made("1", """{"prompt":"a","one":1,"two":1}""")];

        Assert.All(runs, run => Assert.Equal(OrphanFate.Unclear, Decide(run, runs, made).Fate));
        Assert.Equal("1", Decide(runs[0], [runs[0]], made).Prediction?.Id);
    }

    [Fact]
    public void Identical_requests_share_out_guesses_too()
    {
        SentRun[] runs = [Run("""{"prompt":"a"}"""), Run("""{"prompt":"a"}""", 1), Run("""{"prompt":"a"}""", 2)];
        Prediction[] made = [Made("1", """{"prompt":"a","id":"x"}""", 2), Made("2", """{"prompt":"a","id":"y"}""", 3)];

        Assert.Equal(["1", "2", null], runs.Select(run => Decide(run, runs, made).Prediction?.Id));
    }

    private static SentRun Run(string input, int seconds = 0) =>
        new(SentRunTests.Sent(input, at: Now.AddSeconds(seconds)), InputSchema.Unknown);

    private static Prediction Made(string id, string input, int seconds = 0) =>
        SentRunTests.Seen(input, id: id, at: Now.AddSeconds(seconds));

    private static OrphanFinding Decide(SentRun self, SentRun[] all, Prediction[] made, bool isSettled = true) => OrphanAssignment.Decide(
        self, all, made,
        (run, prediction) => prediction.CreatedAt < run.Generation.SubmittingAt ? null : run.DistanceTo(prediction, SentRunTests.NoFiles),
        isSettled);
}
