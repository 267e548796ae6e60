using GenApi.Core.Generations;
using GenApi.Core.Generations.Recovery;
using GenApi.Core.Replicate;

namespace GenApi.Tests.Generations;

/// <summary>Tests the time that a creation allows its run, by which a prediction shows which generation made it.</summary>
public sealed class CreationMarkTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    [Theory]
    [InlineData(5, 5, 1)]
    [InlineData(77, 71, 4)]
    [InlineData(900, 840, 31)]
    [InlineData(86_400, 86_340, 31)]
    public void It_takes_a_tenth_and_a_minute_at_most(int longest, int shortest, int marks)
    {
        var times = Enumerable.Range(0, 2000)
            .Select(n => RunLimit.Of(Guid.CreateVersion7(Now.AddSeconds(n)), TimeSpan.FromSeconds(longest)).TotalSeconds)
            .Distinct().Order().ToList();

        Assert.Equal((shortest, longest, marks), (times[0], times[^1], times.Count));
        Assert.All(times, seconds => Assert.Equal(0, (longest - seconds) % 2));
    }

    [Fact]
    public void It_depends_on_the_id_alone()
    {
        // It survives restarts and updates, because earlier predictions show it.
        var id = new Guid("019b7c3e-5d3f-7a51-8c1e-0d2f4b6a8c9e");

        Assert.Equal(TimeSpan.FromSeconds(900 - 0x9e8c6a4bu % 31 * 2), RunLimit.Of(id, Longest));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0.03, true)]
    [InlineData(-1, true)]
    [InlineData(1, true)]
    [InlineData(-2, false)]
    [InlineData(2, false)]
    [InlineData(1.04, true)]
    [InlineData(1.96, false)]
    [InlineData(-2.04, false)]
    [InlineData(600, false)]
    // A time that is not made of whole seconds shows nothing.
    [InlineData(0.3, null)]
    [InlineData(-2.5, null)]
    public void It_is_read_from_the_deadline(double off, bool? shown)
    {
        var generation = SentRunTests.Sent("{}");
        var own = generation.DeadlineAt!.Value - generation.SubmittingAt!.Value;

        Assert.Equal(RunLimit.Of(generation.Id, Longest), own);
        Assert.Equal(shown, CreationMark.IsShown(generation, Longest, Shown(own + TimeSpan.FromSeconds(off))));
    }

    [Fact]
    public void A_row_from_before_or_a_copy_that_another_service_sent_on_is_still_known()
    {
        var before = SentRunTests.Sent("{}");
        var other = TimeSpan.FromMinutes(30);

        Assert.True(CreationMark.IsShown(before, other, Shown(before.DeadlineAt!.Value - before.SubmittingAt!.Value)));
        Assert.True(CreationMark.IsShown(before, other, Shown(RunLimit.Of(before.Id, other))));
        Assert.False(CreationMark.IsShown(before, other, Shown(TimeSpan.FromMinutes(5))));
        Assert.Null(CreationMark.IsShown(before, other, new Prediction { Id = "a", CreatedAt = Now }));
        Assert.Null(CreationMark.IsShown(before, other, new Prediction { Id = "a", Deadline = Now }));
    }

    private static Prediction Shown(TimeSpan span) => new() { Id = "a", CreatedAt = Now, Deadline = Now + span };
}
