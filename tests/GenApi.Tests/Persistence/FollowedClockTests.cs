using GenApi.Core.Persistence;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Persistence;

/// <summary>The steady clock of an instance that follows the clock of its database server.</summary>
public sealed class FollowedClockTests
{
    private static readonly DateTimeOffset Own = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Own);

    [Fact]
    public void Instances_whose_own_clocks_differ_agree_once_they_follow_the_server()
    {
        var (early, late) = (new SteadyClock(_time), new SteadyClock(new FakeTimeProvider(Own.AddMinutes(2))));
        var server = Own.AddSeconds(50);

        early.Follow(server);
        late.Follow(server);

        Assert.Equal((server, server), (early.Now, late.Now));
        Assert.Equal(TimeSpan.Zero, late.WallOffset);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(server.AddSeconds(1), early.Now);
    }

    [Fact]
    public void It_stands_still_instead_of_going_back_unless_the_server_was_set_far_back()
    {
        var clock = new SteadyClock(_time);
        clock.Follow(Own.AddSeconds(10));
        var before = clock.Now;

        clock.Follow(Own.AddSeconds(4));
        Assert.Equal(before, clock.Now);
        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(Own.AddSeconds(11), clock.Now);

        clock.Follow(Own.AddHours(-1));
        Assert.Equal(Own.AddHours(-1), clock.Now);
    }

    [Fact]
    public void A_clock_that_follows_nobody_stays_the_truth()
    {
        var clock = new SteadyClock(_time, followsServer: false);

        clock.Follow(Own.AddHours(5));

        Assert.Equal((Own, Own), (clock.Now, clock.Of(Own.AddHours(5))));
        Assert.Equal(Own.AddHours(5), new SteadyClock(_time).Of(Own.AddHours(5)));
    }
}
