using GenApi.Core.Generations;

namespace GenApi.Tests.Generations;

/// <summary>Tests what polls of a run change in its row, and which of them are worth saving.</summary>
public sealed class ObservedRunTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void A_poll_is_worth_saving_only_if_it_shows_something_new()
    {
        var row = TransitionTests.Starting();

        Assert.False(row.Observe(false, null, null, null, null));
        Assert.Equal(GenerationStatus.Starting, row.Status);
        Assert.True(row.Observe(true, null, null, null, null));
        Assert.False(row.Observe(true, null, null, null, null));
        // Reports come out of order.
        Assert.False(row.Observe(false, null, null, null, null));
        Assert.Equal(GenerationStatus.Processing, row.Status);

        Assert.True(row.Observe(true, At.AddSeconds(1), true, null, null));
        Assert.False(row.Observe(true, At.AddSeconds(9), false, null, null));
        Assert.Equal((At.AddSeconds(1), true), (row.StartedAt, row.IsColdStart));

        Assert.True(row.Observe(true, null, null, "one", null));
        Assert.False(row.Observe(true, null, null, "one", null));
        Assert.False(row.Observe(true, null, null, "", null));
        Assert.False(row.Observe(true, null, null, null, null));
        Assert.Equal("one", row.Logs);
        Assert.True(row.Observe(true, null, null, "two", null));
        Assert.Equal("two", row.Logs);
    }

    [Fact]
    public void A_start_that_is_seen_later_is_written_down_even_if_the_run_was_seen_before()
    {
        var row = TransitionTests.Starting();

        Assert.True(row.Observe(false, At.AddSeconds(1), false, null, null));
        Assert.Equal((GenerationStatus.Starting, At.AddSeconds(1), false), (row.Status, row.StartedAt, row.IsColdStart));
    }

    [Theory]
    // What was seen first, what then, whether it counts.
    [InlineData(1, 4, 1, 4, false)]
    [InlineData(1, 4, 2, 8, false)]
    [InlineData(1, 4, 2, 4, true)]
    [InlineData(2, 4, 1, 4, false)]
    [InlineData(3, 4, 6, 10, false)]
    [InlineData(1, 4, 1, 2, true)]
    [InlineData(5, 10, 3, 5, true)]
    public void Progress_only_grows(int current, int total, int laterCurrent, int laterTotal, bool counts)
    {
        var row = TransitionTests.Starting();
        Assert.True(row.Observe(true, null, null, null, (current, total)));

        Assert.Equal(counts, row.Observe(true, null, null, null, (laterCurrent, laterTotal)));

        Assert.Equal(
            counts ? (laterCurrent, laterTotal) : (current, total), (row.ProgressCurrent!.Value, row.ProgressTotal!.Value));
    }

    [Fact]
    public void Only_a_run_under_way_is_observed()
    {
        Generation[] others =
        [
            TransitionTests.Queued(), TransitionTests.Sent(), TransitionTests.Storing(), TransitionTests.Succeeded(),
        ];

        foreach (var row in others)
            Assert.Throws<InvalidOperationException>(() => row.Observe(true, null, null, null, null));
    }

    [Theory]
    [InlineData(Generation.MostLogCharacters - 1, 0)]
    [InlineData(Generation.MostLogCharacters, 0)]
    [InlineData(Generation.MostLogCharacters + 1, 1)]
    [InlineData(Generation.MostLogCharacters + 500, 500)]
    public void A_long_log_loses_its_beginning(int length, int lost)
    {
        var row = TransitionTests.Starting();
        var log = string.Concat(Enumerable.Range(0, length).Select(at => (char)('a' + at % 26)));

        Assert.True(row.Observe(true, null, null, log, null));

        Assert.Equal(log[lost..], row.Logs);
    }
}
