using System.Collections.Concurrent;

namespace GenApi.Core.Generations;

/// <summary>
/// The time of each open generation. It begins with what the wall clock showed at the acceptance, and the monotonic clock carries it
/// on, so that
/// all times of a row belong together whatever becomes of the wall clock: none lies before the one before it, and deadlines come when
/// they should.
/// </summary>
internal sealed class GenerationTimelines(TimeProvider time)
{
    private readonly ConcurrentDictionary<Guid, GenerationTimeline> _open = new();

    /// <summary>One was accepted at this moment.</summary>
    public void Begin(Generation generation) => _open[generation.Id] = new(time, generation.CreatedAt, isWhole: true);

    /// <summary>
    /// Its time. That of a row of an earlier process goes on with the wall clock, and never before what the row tells.
    /// </summary>
    public GenerationTimeline Of(Generation generation) => _open.TryGetValue(generation.Id, out var known)
        ? known
        : _open.GetOrAdd(generation.Id, new GenerationTimeline(time, Latest(time.GetUtcNow(), generation), isWhole: false));

    /// <summary>What the clock of one shows now, for a reader that does not go on with it.</summary>
    /// <param name="id">Of the generation.</param>
    /// <param name="createdAt">When it was accepted.</param>
    public DateTimeOffset NowOf(Guid id, DateTimeOffset createdAt) => _open.TryGetValue(id, out var known) ? known.Now
        : time.GetUtcNow() is var now && now > createdAt ? now : createdAt;

    /// <summary>It has ended, or was never accepted.</summary>
    public void End(Guid id) => _open.TryRemove(id, out _);

    private static DateTimeOffset Latest(DateTimeOffset now, Generation row) =>
        new[] { now, row.CreatedAt, row.AcceptedAt ?? now, row.StoringAt ?? now }.Max();
}

/// <summary>See <see cref="GenerationTimelines"/>.</summary>
/// <param name="time">The monotonic clock.</param>
/// <param name="beganAt">What it shows at first.</param>
/// <param name="isWhole">Whether it began with the acceptance.</param>
internal sealed class GenerationTimeline(TimeProvider time, DateTimeOffset beganAt, bool isWhole)
{
    private readonly long _began = time.GetTimestamp();

    public DateTimeOffset Now => beganAt + time.GetElapsedTime(_began);

    /// <summary>False: a part of it was measured by the wall clock, which may have been set while no process was there.</summary>
    public bool IsWhole => isWhole;
}
