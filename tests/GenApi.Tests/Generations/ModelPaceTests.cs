using GenApi.Core.Generations.Execution;

namespace GenApi.Tests.Generations;

public sealed class ModelPaceTests
{
    private static readonly DateTimeOffset Accepted = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0d, 0)]
    [InlineData(1.5, 1500)]
    // Longer than we saw it run, because its clock is ahead of ours.
    [InlineData(60d, 4000)]
    [InlineData(null, 4000)]
    public void A_run_took_what_the_upstream_measured_and_never_longer_than_was_seen(double? upstreamSeconds, int milliseconds)
    {
        var took = PollSchedule.Duration(Accepted, Accepted.AddSeconds(4), upstreamSeconds);

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), took);
    }
}
