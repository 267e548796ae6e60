using System.Collections.Concurrent;

namespace GenApi.Core.Generations;

/// <summary>
/// Keeps a clock for each open generation. It begins with the wall clock at the acceptance, and the monotonic clock carries it on. So all
/// times of a row are consistent whatever becomes of the wall clock: they never run backwards, and deadlines come when they should.
/// </summary>
internal sealed class GenerationTimelines(TimeProvider time)
{
    private readonly ConcurrentDictionary<Guid, GenerationTimeline> _open = new();

    /// <summary>Begins the clock of a generation that was accepted at this moment.</summary>
    public void Begin(Generation generation) => _open[generation.Id] = new(time, generation.CreatedAt, isWhole: true);

    /// <summary>
    /// Finds the clock of a generation. For a row of an earlier process it goes on with the wall clock, and never before the row's times.
    /// </summary>
    public GenerationTimeline Of(Generation generation) => _open.TryGetValue(generation.Id, out var known)
        ? known
        : _open.GetOrAdd(generation.Id, new GenerationTimeline(time, Latest(time.GetUtcNow(), generation), isWhole: false));

    /// <summary>Reads the clock of a generation without beginning one.</summary>
    /// <param name="id">Of the generation.</param>
    /// <param name="createdAt">When it was accepted.</param>
    public DateTimeOffset NowOf(Guid id, DateTimeOffset createdAt) => _open.TryGetValue(id, out var known) ? known.Now
        : time.GetUtcNow() is var now && now > createdAt ? now : createdAt;

    /// <summary>Returns whether a generation has a clock here: it is open, or has ended a moment ago.</summary>
    public bool IsOpen(Guid id) => _open.ContainsKey(id);

    /// <summary>Ends the clock of a generation that has ended, or was not accepted after all.</summary>
    public void End(Guid id) => _open.TryRemove(id, out _);

    /// <summary>Ends all clocks but these.</summary>
    public void EndAllBut(IReadOnlyCollection<Guid> ids)
    {
        foreach (var id in _open.Keys.Except(ids))
            End(id);
    }

    private static DateTimeOffset Latest(DateTimeOffset now, Generation row) =>
        new[] { now, row.CreatedAt, row.AcceptedAt ?? now, row.StoringAt ?? now }.Max();
}

/// <summary>The clock of one generation; see <see cref="GenerationTimelines"/>.</summary>
/// <param name="time">The monotonic clock.</param>
/// <param name="beganAt">The time that it begins with.</param>
/// <param name="isWhole">Whether it began with the acceptance.</param>
internal sealed class GenerationTimeline(TimeProvider time, DateTimeOffset beganAt, bool isWhole)
{
    private readonly long _began = time.GetTimestamp();

    public DateTimeOffset Now => beganAt + time.GetElapsedTime(_began);

    /// <summary>False: the wall clock measured a part of it, and may have been set while no process ran.</summary>
    public bool IsWhole => isWhole;
}
