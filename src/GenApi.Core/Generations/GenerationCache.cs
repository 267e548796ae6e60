using Microsoft.Extensions.Caching.Memory;

namespace GenApi.Core.Generations;

/// <summary>
/// Finished generations in memory, by cache key and by id, so that a hit touches no database. It only repeats what the database said:
/// whatever was removed while somebody was reading is not put back.
/// </summary>
internal sealed class GenerationCache : IDisposable
{
    /// <summary>Some 10,000 SDXL generations with their logs.</summary>
    private const long MostBytes = 48 * 1024 * 1024;

    private readonly MemoryCache _entries = new(new MemoryCacheOptions { SizeLimit = MostBytes });
    private long _removals;

    /// <summary>Take it before reading the database, and hand it to <see cref="Keep"/>.</summary>
    public long Moment => Volatile.Read(ref _removals);

    /// <param name="key">Of <see cref="CacheKey"/>, with or without the seed.</param>
    public GenerationDetails? FindAnswer(string key) => _entries.Get(key) as GenerationDetails;

    public GenerationDetails? Find(Guid id) => _entries.Get(id) as GenerationDetails;

    /// <summary>Keeps a terminal generation; one that succeeded also becomes the answer to its keys, unless a newer one is that already.</summary>
    public void Keep(GenerationDetails details, long since)
    {
        var generation = details.Generation;
        if (since != Moment || !generation.Status.IsTerminal())
            return;
        Set(generation.Id, details);
        if (!generation.IsAnswer)
            return;
        SetNewer(generation.CacheKey, details);
        if (generation.ReuseKey != generation.CacheKey)
            SetNewer(generation.ReuseKey, details);
    }

    public void Remove(Generation generation)
    {
        Interlocked.Increment(ref _removals);
        _entries.Remove(generation.Id);
        _entries.Remove(generation.CacheKey);
        _entries.Remove(generation.ReuseKey);
    }

    public void Dispose() => _entries.Dispose();

    private void SetNewer(string key, GenerationDetails details)
    {
        if (FindAnswer(key) is not { } kept || kept.Generation.Number <= details.Generation.Number)
            Set(key, details);
    }

    private void Set(object key, GenerationDetails details) =>
        _entries.Set(key, details, new MemoryCacheEntryOptions { Size = 2048 + Characters(details.Generation) * sizeof(char) });

    private static long Characters(Generation generation) =>
        generation.Input.Length + generation.Prompt.Length + (generation.Logs?.Length ?? 0) + generation.Metadata.Length;
}
