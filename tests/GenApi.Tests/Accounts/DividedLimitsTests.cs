using GenApi.Core.Accounts.RateLimits;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Accounts;

/// <summary>Tests the limits of callers where several instances take their requests.</summary>
public sealed class DividedLimitsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Three_instances_together_take_what_the_limit_says()
    {
        var all = Enumerable.Range(0, 3).Select(_ => new CallerLimits(30, 0, _time)).ToList();
        all.ForEach(limits => limits.ShareAmong(3));

        Assert.Equal(30, all.Sum(Taken));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(30, all.Sum(Taken));
    }

    [Fact]
    public void An_instance_that_is_alone_again_has_the_whole_limit_and_what_was_used_stays_used()
    {
        var limits = new CallerLimits(30, 6, _time, instances: 3);
        Assert.Equal(10, Taken(limits));

        limits.ShareAmong(1);

        Assert.Equal(0, Taken(limits));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(30, Taken(limits));
        Assert.Equal([("requests", 30), ("generations", 6)], limits.Standing().Select(each => (each.Name, each.PerMinute)));
    }

    [Fact]
    public void Each_instance_takes_at_least_one()
    {
        var limits = new CallerLimits(1, 1, _time, instances: 5);

        Assert.Equal(1, Taken(limits));
        using var permit = new RatePermit(limits);
        permit.Take();
        permit.Keep();
        using var refused = new RatePermit(limits);
        Assert.Contains("Only 1 generations a minute", Assert.ThrowsAny<Exception>(refused.Take).Message, StringComparison.Ordinal);
    }

    private static int Taken(CallerLimits limits)
    {
        var count = 0;
        while (limits.Enter() is null)
            count++;
        return count;
    }
}
