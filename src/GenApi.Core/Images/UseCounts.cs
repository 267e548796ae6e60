using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace GenApi.Core.Images;

/// <summary>
/// How often generations were of use since that was last written down: images handed out, answers from the store. A use costs a look into memory and an
/// interlocked add, and no database. What can be lost with the process is what came since then.
/// </summary>
public sealed class UseCounts
{
    private readonly ConcurrentDictionary<Guid, StrongBox<long>> _counts = new();

    // One that falls between the look and the writing down is not counted; its day is written with the others of the same moment.
    public void Used(Guid generationId, long times = 1)
    {
        if (!_counts.TryGetValue(generationId, out var count))
            count = _counts.GetOrAdd(generationId, static _ => new StrongBox<long>());
        Interlocked.Add(ref count.Value, times);
    }

    /// <summary>Whether there is a use that is not written down yet.</summary>
    internal bool Knows(Guid generationId) => _counts.ContainsKey(generationId);

    /// <summary>All that is not written down; forgotten here from now on.</summary>
    internal IReadOnlyList<(Guid GenerationId, long Times)> TakeAll()
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
