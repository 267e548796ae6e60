using System.Collections.Concurrent;

namespace GenApi.Core.Generations.Signals;

/// <summary>
/// Remembers what other instances have reported of their listeners: somebody there follows the steps of a generation, or all generations of
/// an account. A report holds for a while, and is repeated before that is over.
/// </summary>
/// <param name="time">Its time stamps count.</param>
public sealed class ListenersElsewhere(TimeProvider time)
{
    /// <summary>The time for which a report holds.</summary>
    internal static readonly TimeSpan Lasts = TimeSpan.FromSeconds(15);

    private const int Most = 10_000;

    private readonly ConcurrentDictionary<Guid, long> _reported = new();

    /// <summary>Returns whether a report about the generation or account holds.</summary>
    internal bool Follow(Guid subject) => _reported.TryGetValue(subject, out var at) && time.GetElapsedTime(at) < Lasts;

    /// <summary>Notes a report.</summary>
    /// <returns>Whether it says something new.</returns>
    internal bool Report(Guid subject)
    {
        var isNew = !Follow(subject);
        if (_reported.Count >= Most)
        {
            foreach (var (old, at) in _reported.Where(each => time.GetElapsedTime(each.Value) >= Lasts))
                _reported.TryRemove(KeyValuePair.Create(old, at));
        }
        _reported[subject] = time.GetTimestamp();
        return isNew;
    }
}
