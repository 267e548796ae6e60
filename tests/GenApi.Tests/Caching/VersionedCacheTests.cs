using GenApi.Core.Caching;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Caching;

public sealed class VersionedCacheTests
{
    [Fact]
    public void A_value_read_before_a_removal_is_not_put_after_it()
    {
        var cache = new VersionedCache<string, int>(capacity: 10);
        var before = cache.Version;

        cache.Remove("another");
        cache.Put("key", 1, before);
        Assert.False(cache.TryGet("key", out _));

        cache.Put("key", 2, cache.Version);
        Assert.True(cache.TryGet("key", out var held));
        Assert.Equal(2, held);
        cache.Remove("key", "another");
        Assert.False(cache.TryGet("key", out _));
    }

    /// <summary>The size is asked for inside <c>Put</c>: a removal just then must still win.</summary>
    [Fact]
    public void A_removal_in_the_middle_of_a_put_wins()
    {
        VersionedCache<string, int> cache = null!;
        cache = new(capacity: 10, sizeOf: _ =>
        {
            cache.Remove("key");
            return 1;
        });

        cache.Put("key", 1, cache.Version);

        Assert.False(cache.TryGet("key", out _));
    }

    /// <summary>
    /// Readers copy a row into the cache while it changes all the time. After each change and removal the cache holds nothing older. A put
    /// that checks its version before it takes the lock fails this within a few thousand rounds.
    /// </summary>
    [Fact]
    public async Task Readers_and_a_remover_never_leave_an_older_value_behind()
    {
        const int rounds = 200_000;
        var cache = new VersionedCache<string, long>(capacity: 10, replaces: static (_, _) => true);
        var (row, isOver) = (0L, false);
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                var version = cache.Version;
                cache.Put("key", Volatile.Read(ref row), version);
            }
        })).ToList();

        var older = 0;
        for (var round = 1L; round <= rounds; round++)
        {
            Volatile.Write(ref row, round);
            cache.Remove("key");
            if (cache.TryGet("key", out var held) && held < round)
                older++;
        }
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(readers);

        Assert.Equal(0, older);
        Assert.True(!cache.TryGet("key", out var last) || last == rounds);
    }

    [Fact]
    public void The_one_that_is_asked_for_stays_and_the_bound_holds()
    {
        var cache = new VersionedCache<int, string>(capacity: 3);
        cache.Put(0, "favourite", cache.Version);

        for (var key = 1; key <= 50; key++)
        {
            Assert.True(cache.TryGet(0, out _));
            cache.Put(key, "other", cache.Version);
        }

        Assert.Equal(2, Enumerable.Range(1, 50).Count(key => cache.TryGet(key, out _)));
    }

    [Fact]
    public void Where_all_are_asked_for_the_oldest_goes()
    {
        var cache = new VersionedCache<int, string>(capacity: 3);
        for (var key = 1; key <= 4; key++)
        {
            cache.Put(key, "value", cache.Version);
            _ = cache.TryGet(key, out _);
        }

        Assert.Equal([2, 3, 4], Enumerable.Range(1, 4).Where(key => cache.TryGet(key, out _)));
    }

    [Fact]
    public void Sizes_add_up_and_what_is_larger_than_the_whole_is_not_held()
    {
        var cache = new VersionedCache<int, long>(capacity: 10, sizeOf: size => size, replaces: static (_, _) => true);
        cache.Put(1, 4, cache.Version);
        cache.Put(2, 4, cache.Version);

        cache.Put(3, 11, cache.Version);
        Assert.Equal([1, 2], Held(cache));
        // In the place of the first 4 there is room for 6 beside the other 4.
        cache.Put(1, 6, cache.Version);
        Assert.Equal([1, 2], Held(cache));
        cache.Put(4, 5, cache.Version);
        Assert.Equal([4], Held(cache).Except([1, 2]));
        Assert.True(Held(cache).Sum(key => cache.TryGet(key, out var size) ? size : 0) <= 10);
        // Removed sizes count no longer.
        cache.Remove(1, 2, 4);
        cache.Put(5, 10, cache.Version);
        Assert.Equal([5], Held(cache));
    }

    [Fact]
    public void The_rule_decides_which_of_two_values_stays()
    {
        var first = new VersionedCache<string, int>(capacity: 10);
        var largest = new VersionedCache<string, int>(capacity: 10, replaces: static (held, found) => held <= found);
        foreach (var value in (int[])[1, 3, 2])
        {
            first.Put("key", value, first.Version);
            largest.Put("key", value, largest.Version);
        }

        Assert.True(first.TryGet("key", out var one));
        Assert.True(largest.TryGet("key", out var three));
        Assert.Equal((1, 3), (one, three));
    }

    private static List<int> Held(VersionedCache<int, long> cache) =>
        Enumerable.Range(1, 5).Where(key => cache.TryGet(key, out _)).ToList();

    [Fact]
    public void An_entry_of_a_shared_database_is_not_held_for_more_than_a_minute()
    {
        var time = new FakeTimeProvider();
        var cache = new VersionedCache<string, int>(capacity: 10, age: CacheAge.Where(isShared: true, time));
        cache.Put("key", 1, cache.Version);

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(cache.TryGet("key", out _));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(cache.TryGet("key", out _));

        cache.Put("key", 2, cache.Version);
        Assert.True(cache.TryGet("key", out var held));
        Assert.Equal(2, held);
        Assert.Null(CacheAge.Where(isShared: false, time));
    }

    [Fact]
    public void What_was_read_before_everything_was_forgotten_is_not_put_after_it()
    {
        var cache = new VersionedCache<string, int>(capacity: 2);
        cache.Put("old", 1, cache.Version);
        var before = cache.Version;

        cache.Clear();
        cache.Put("late", 2, before);

        Assert.False(cache.TryGet("old", out _) || cache.TryGet("late", out _));
        // Nothing of it takes up room any more.
        cache.Put("a", 1, cache.Version);
        cache.Put("b", 1, cache.Version);
        Assert.True(cache.TryGet("a", out _) && cache.TryGet("b", out _));
    }
}
