using GenApi.Core.RateLimiting;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.RateLimiting;

public sealed class TokenBucketTests
{
    [Fact]
    public void A_bucket_gives_a_minutes_worth_at_once_and_then_evenly()
    {
        var clock = new FakeTimeProvider();
        var bucket = new TokenBucket(60, 1, clock);
        for (var turn = 0; turn < 60; turn++)
            Assert.True(bucket.TryTake(out _));

        Assert.False(bucket.TryTake(out var wait));
        Assert.Equal(1, wait.TotalSeconds, 3);
        Assert.Equal((0, 60d), (bucket.Read().Tokens, Math.Round(bucket.Read().UntilFull.TotalSeconds, 3)));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(bucket.TryTake(out _));
        Assert.False(bucket.TryTake(out _));
        bucket.Return();
        Assert.True(bucket.TryTake(out _));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal((60, TimeSpan.Zero), bucket.Read());
    }

    [Fact]
    public void A_debt_fills_first_and_a_drained_bucket_rests_until_its_time()
    {
        var clock = new FakeTimeProvider();
        var bucket = new TokenBucket(2, 1, clock);
        for (var call = 0; call < 4; call++)
            bucket.Charge();

        Assert.Equal(3, bucket.Wait.TotalSeconds, 3);
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.Zero, bucket.Wait);

        bucket.DrainUntil(clock.GetTimestamp() + (10 * clock.TimestampFrequency));
        Assert.Equal(1, bucket.Read().Tokens);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, bucket.Read().Tokens);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, bucket.Read().Tokens);
    }

    [Fact]
    public void Another_speed_leaves_at_most_one_token()
    {
        var clock = new FakeTimeProvider();
        var bucket = new TokenBucket(60, 1, clock);

        bucket.Change(10, 0.5);

        Assert.True(bucket.TryTake(out _));
        Assert.False(bucket.TryTake(out var wait));
        Assert.Equal(2, wait.TotalSeconds, 3);
        Assert.Equal(10, bucket.Capacity);
    }

    [Fact]
    public void Another_size_leaves_the_bucket_as_full_as_it_was()
    {
        var clock = new FakeTimeProvider();
        var bucket = new TokenBucket(60, 1, clock);
        for (var call = 0; call < 30; call++)
            Assert.True(bucket.TryTake(out _));

        bucket.Rescale(20, 1 / 3d);
        Assert.Equal((10, 30), (bucket.Read().Tokens, (int)Math.Round(bucket.Read().UntilFull.TotalSeconds)));
        bucket.Rescale(60, 1);
        Assert.Equal(30, bucket.Read().Tokens);
    }
}
