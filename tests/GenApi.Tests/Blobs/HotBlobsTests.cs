using GenApi.Core.Blobs;

namespace GenApi.Tests.Blobs;

public sealed class HotBlobsTests
{
    [Fact]
    public void The_first_asking_does_not_admit_and_the_second_does()
    {
        var hot = new HotBlobs(capacity: 1000, largest: 500);

        Assert.False(hot.TryReserve("a", 100));
        Assert.True(hot.TryReserve("a", 100));
        using var entry = Load(hot, "a", 100);
        Assert.True(hot.TryLease("a", out var again));
        again.Dispose();
    }

    [Fact]
    public void Nothing_is_loaded_twice_at_the_same_time()
    {
        var hot = new HotBlobs(capacity: 1000, largest: 500);

        Assert.True(Ask(hot, "a", 100));
        Assert.False(Ask(hot, "a", 100));
    }

    [Fact]
    public void What_is_too_large_is_never_held() => Assert.False(Ask(new HotBlobs(capacity: 1000, largest: 500), "a", 501));

    [Fact]
    public void The_bound_holds_while_readers_and_loaders_hold_on()
    {
        var hot = new HotBlobs(capacity: 1000, largest: 500);
        Assert.True(Ask(hot, "a", 500));
        var reading = Load(hot, "a", 500);
        Assert.True(Ask(hot, "b", 500));

        Assert.False(Ask(hot, "c", 100));

        hot.CancelReservation("b", 500);
        Assert.True(Ask(hot, "c", 500));
        Load(hot, "c", 500).Dispose();
        Assert.False(Ask(hot, "d", 501));
        Assert.True(Ask(hot, "d", 500));
        Assert.False(hot.TryLease("c", out _));
        Assert.True(hot.TryLease("a", out var second));
        second.Dispose();
        reading.Dispose();
    }

    [Fact]
    public void A_forgotten_blob_counts_until_its_last_reader_is_done()
    {
        var hot = new HotBlobs(capacity: 500, largest: 500);
        Assert.True(Ask(hot, "a", 500));
        var reading = Load(hot, "a", 500);

        hot.Forget("a");

        Assert.False(hot.TryLease("a", out _));
        Assert.False(Ask(hot, "b", 500));
        reading.Dispose();
        Assert.True(Ask(hot, "b", 500));
    }

    private static bool Ask(HotBlobs hot, string key, long length) => hot.TryReserve(key, length) || hot.TryReserve(key, length);

    private static HotBlobs.Entry Load(HotBlobs hot, string key, int length) => hot.Admit(key, new byte[length], default);
}
