using GenApi.Core.Persistence;

namespace GenApi.Tests.Persistence;

public sealed class LeaseTests
{
    [Fact]
    public void A_lease_is_its_holders_for_half_a_minute()
    {
        var now = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        var lease = Lease.For("me", now);

        Assert.Equal(now.AddSeconds(30), lease.Until);
        Assert.True(lease.IsHeldBy("me"));
        Assert.False(lease.IsHeldBy("you"));
        Assert.False(Lease.None.IsHeldBy("me"));
    }
}
