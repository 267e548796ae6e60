using System.Text.Json;
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

    /// <summary>One spells a default out and the other does not, so the prediction of the first fits both.</summary>
    [Fact]
    public void What_is_equal_to_one_is_not_given_to_another_that_it_only_resembles()
    {
        SentRun[] runs = [Run("""{"prompt":"a"}""", schema: WidthIs512), Run("""{"prompt":"a","width":512}""", 1, WidthIs512)];
        Prediction[] made = [Made("1", """{"prompt":"a","width":512}""", 2)];

        Assert.Equal(OrphanFate.Unclear, Decide(runs[0], runs, made).Fate);
        Assert.Equal("1", Decide(runs[1], runs, made).Prediction?.Id);
        // The next one is left for the first.
        Assert.Equal("2", Decide(runs[0], runs, [.. made, Made("2", """{"prompt":"a","width":512}""", 3)]).Prediction?.Id);
    }

    [Fact]
    public void Of_several_guesses_the_nearest_one_is_taken()
    {
        SentRun[] runs = [Run("""{"prompt":"a"}""")];
        Prediction[] made =
        [
            Made("far", """{"prompt":"a","one":1,"two":2}"""), Made("near", """{"prompt":"a","one":1}""", 1),
            Made("farther", """{"prompt":"a","one":1,"two":2,"three":3}""", 2),
        ];

        Assert.Equal((OrphanFate.Found, "near"), (Decide(runs[0], runs, made).Fate, Decide(runs[0], runs, made).Prediction?.Id));
        Assert.Equal(OrphanFate.Unclear, Decide(runs[0], runs, made, isSettled: false).Fate);
    }

    [Fact]
    public void A_guess_is_not_taken_from_another_that_it_fits_as_well_while_an_equal_one_shares_it()
    {
        var alike = Run("""{"prompt":"a","one":1}""");
        SentRun[] runs = [alike, Run("""{"prompt":"a","two":1}""", 1), Run("""{"prompt":"a","one":1}""", 2)];
        Prediction[] both = [Made("1", """{"prompt":"a","one":1,"two":1}""", 3)];
        Prediction[] own = [Made("1", """{"prompt":"a","one":1,"more":1}""", 3), Made("2", """{"prompt":"a","one":1,"more":2}""", 4)];

        Assert.All(runs, run => Assert.Equal(OrphanFate.Unclear, Decide(run, runs, both).Fate));
        Assert.Equal(["1", null, "2"], runs.Select(run => Decide(run, runs, own).Prediction?.Id));
        Assert.Equal(OrphanFate.Missing, Decide(runs[1], runs, own).Fate);
    }

    [Fact]
    public void Generations_that_have_ended_do_not_move_the_others_on()
    {
        SentRun[] runs = [Run("""{"prompt":"a"}"""), Run("""{"prompt":"a"}""", 1), Run("""{"prompt":"a"}""", 2)];
        runs[0].Generation.MarkFailed(Core.Errors.ErrorKind.UpstreamTimeout, "Not found.", Now);
        Prediction[] made = [Made("1", """{"prompt":"a","id":"x"}""", 3), Made("2", """{"prompt":"a","id":"y"}""", 4)];

        Assert.Equal(["1", "2"], runs[1..].Select(run => Decide(run, runs, made).Prediction?.Id));
    }

    private static readonly InputSchema WidthIs512 = InputSchema.Parse(JsonElement.Parse(
        """
        {"components":{"schemas":{"Input":{"type":"object","properties":{
            "prompt":{"type":"string"},"width":{"type":"integer","default":512}}}}}}
        """));

    private static SentRun Run(string input, int seconds = 0, InputSchema? schema = null) =>
        new(SentRunTests.Sent(input, at: Now.AddSeconds(seconds)), schema ?? InputSchema.Unknown);

    private static Prediction Made(string id, string input, int seconds = 0) =>
        SentRunTests.Seen(input, id: id, at: Now.AddSeconds(seconds));

    private static OrphanFinding Decide(SentRun self, SentRun[] all, Prediction[] made, bool isSettled = true) => OrphanAssignment.Decide(
        self, all, made,
        (run, prediction) => prediction.CreatedAt < run.Generation.SubmittingAt ? null : run.DistanceTo(prediction, SentRunTests.NoFiles),
        isSettled);
}
