using GenApi.Core.Replicate.Calls;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Replicate;

/// <summary>The rules of one kind of call, by a clock that the test moves.</summary>
public sealed class CallLaneTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(600)]
    [InlineData(3000)]
    [InlineData(37)]
    [InlineData(6)]
    [InlineData(2)]
    [InlineData(1)]
    public void No_minute_wherever_it_begins_has_more_than_the_limit_and_most_of_it_is_used(int perMinute)
    {
        var lane = new CallLimiter(int.MaxValue, CallRate.Within(perMinute), _time);
        List<TimeSpan> calls = [];

        var step = TimeSpan.FromMilliseconds(20);
        for (var at = TimeSpan.Zero; at < TimeSpan.FromMinutes(5); at += step, _time.Advance(step))
        {
            // As greedily as possible, except for a rest that fills the bucket again.
            if (at < TimeSpan.FromMinutes(2) || at > TimeSpan.FromMinutes(3.5))
                calls.AddRange(lane.Take(int.MaxValue).Select(_ => at));
        }

        Assert.All(
            calls, (from, index) => Assert.InRange(
                calls.Skip(index).TakeWhile(at => at < from + TimeSpan.FromMinutes(1)).Count(), 1, perMinute));
        Assert.InRange(calls.Count(at => at < TimeSpan.FromMinutes(2)), Math.Max(1, perMinute), 2 * perMinute);
    }

    [Fact]
    public void The_upstream_that_takes_one_at_a_time_gets_six_a_minute_and_none_too_early()
    {
        var lane = new CallLimiter(32, CallRate.OneByOne(6), _time);
        List<double> calls = [];

        for (var second = 0.0; second < 60; second += 0.1, _time.Advance(TimeSpan.FromSeconds(0.1)))
            calls.AddRange(lane.Take(10).Select(_ => second));

        Assert.Equal(6, calls.Count);
        Assert.All(calls.Skip(1).Zip(calls, (later, earlier) => later - earlier), gap => Assert.InRange(gap, 10.1, 10.5));
    }

    [Fact]
    public async Task Who_waits_goes_in_the_order_of_arrival_and_whoever_leaves_holds_nobody_up()
    {
        var lane = new CallLimiter(32, new CallRate(1, 1), _time);
        Assert.Single(lane.Take(5));
        using var leaving = new CancellationTokenSource();
        var first = lane.EnterAsync(leaving.Token).AsTask();
        var second = lane.EnterAsync(Cancel).AsTask();
        var third = lane.EnterAsync(Cancel).AsTask();

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _time.Advance(TimeSpan.FromSeconds(1));

        await second.WaitAsync(Cancel);
        Assert.False(third.IsCompleted);
        Assert.Empty(lane.Take(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        await third.WaitAsync(Cancel);
    }

    [Fact]
    public async Task So_many_are_under_way_at_once_and_the_next_goes_when_one_ends()
    {
        var lane = new CallLimiter(2, new CallRate(100, 1), _time);
        var rights = lane.Take(5);
        var next = lane.EnterAsync(Cancel).AsTask();

        Assert.Equal(2, rights.Count);
        Assert.False(next.IsCompleted);
        rights[0].Dispose();
        rights[0].Dispose();

        await next.WaitAsync(Cancel);
        Assert.Empty(lane.Take(1));
    }

    [Fact]
    public void A_right_that_was_not_used_is_there_again()
    {
        var lane = new CallLimiter(32, new CallRate(1, 0.001), _time);
        lane.Take(1)[0].Dispose();
        var right = Assert.Single(lane.Take(1));
        right.IsSpent = true;

        right.Dispose();

        Assert.Empty(lane.Take(1));
    }

    [Fact]
    public void After_a_refusal_nothing_goes_for_its_time_and_then_one_at_a_time()
    {
        var lane = new CallLimiter(32, new CallRate(60, 9), _time);

        lane.Hold(TimeSpan.FromSeconds(30));
        // An earlier, longer hold stands.
        lane.Hold(TimeSpan.FromSeconds(5));

        _time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.Empty(lane.Take(9));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Single(lane.Take(9));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(9, lane.Take(20).Count);
    }

    [Theory]
    [InlineData(null, 5)]
    [InlineData(1e9, 600)]
    public void A_hold_without_a_time_or_without_reason_has_one_of_its_own(double? seconds, double holds)
    {
        var lane = new CallLimiter(32, new CallRate(60, 9), _time);

        lane.Hold(seconds is { } given ? TimeSpan.FromSeconds(given) : null);

        Assert.Equal(holds, lane.Held.TotalSeconds, 3);
    }

    [Fact]
    public void What_the_upstream_says_is_left_holds_until_its_count_starts_anew()
    {
        var lane = new CallLimiter(32, new CallRate(60, 9), _time);

        lane.Allow(3, TimeSpan.FromSeconds(20));
        // Answers overtake each other: a more generous one does not replace a stricter one.
        lane.Allow(50, TimeSpan.FromSeconds(40));

        Assert.Equal(3, lane.Take(10).Count);
        _time.Advance(TimeSpan.FromSeconds(19.9));
        Assert.Empty(lane.Take(10));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(10, lane.Take(10).Count);
    }

    [Fact]
    public void What_is_under_way_may_not_be_counted_yet_in_what_the_upstream_says_is_left()
    {
        var lane = new CallLimiter(32, new CallRate(60, 9), _time);
        lane.Take(4);

        lane.Allow(5, TimeSpan.FromSeconds(20));

        Assert.Single(lane.Take(10));
    }

    [Fact]
    public void A_time_that_can_only_be_a_time_of_day_is_not_believed()
    {
        var lane = new CallLimiter(32, new CallRate(60, 9), _time);

        lane.Allow(0, TimeSpan.FromSeconds(1_790_000_000));

        Assert.Single(lane.Take(1));
    }

    [Fact]
    public void A_call_that_did_not_ask_makes_later_ones_wait()
    {
        var lane = new CallLimiter(32, new CallRate(1, 1), _time);
        lane.Charge();
        lane.Charge();

        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Empty(lane.Take(1));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Single(lane.Take(1));
    }

    [Fact]
    public void Whoever_asks_to_be_told_is_told_once_when_there_is_something_to_take()
    {
        var told = 0;
        var lane = new CallLimiter(1, new CallRate(2, 1), _time);
        var right = lane.Take(1)[0];
        right.IsSpent = true;
        lane.WhenOpen(() => told++);
        Assert.Equal(0, told);

        right.Dispose();
        Assert.Equal(1, told);
        lane.Take(1)[0].IsSpent = true;
        lane.Hold(TimeSpan.FromSeconds(3));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, told);
    }
}
