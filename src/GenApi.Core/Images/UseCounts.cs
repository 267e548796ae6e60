using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace GenApi.Core.Images;

/// <summary>
/// Counts in memory how often generations were used since the counts were last saved: images served, answers from the store. A use costs a
/// dictionary lookup and an interlocked add, and no database access. A crash loses the uses since the last save.
/// </summary>
public sealed class UseCounts
{
    private readonly ConcurrentDictionary<Guid, StrongBox<long>> _counts = new();

    // A use between lookup and removal is not counted; its day is saved with the others of the same moment.
    public void Used(Guid generationId, long times = 1)
    {
        if (!_counts.TryGetValue(generationId, out var count))
            count = _counts.GetOrAdd(generationId, static _ => new StrongBox<long>());
        Interlocked.Add(ref count.Value, times);
    }

    /// <summary>Returns whether a generation has a use that is not saved yet.</summary>
    internal bool HasPending(Guid generationId) => _counts.ContainsKey(generationId);

    /// <summary>Returns all unsaved counts and removes them.</summary>
    internal IReadOnlyList<(Guid GenerationId, long Times)> Drain()
    {
        var taken = new List<(Guid, long)>();
        foreach (var (id, _) in _counts)
        {
            if (_counts.TryRemove(id, out var count))
                taken.Add((id, Interlocked.Read(ref count.Value)));
        }
        return taken;
    }
}
