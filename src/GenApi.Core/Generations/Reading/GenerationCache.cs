using GenApi.Core.Generations.Intake;
using GenApi.Core.Images;
using Microsoft.Extensions.Caching.Memory;

namespace GenApi.Core.Generations.Reading;

/// <summary>
/// Finished generations in memory, by cache key and by id, so that a hit touches no database. It only repeats what the database said:
/// whatever was removed while somebody was reading is not put back.
/// </summary>
internal sealed class GenerationCache(UseCounts uses) : IDisposable
{
    /// <summary>Some 10,000 SDXL generations with their logs.</summary>
    private const long MostBytes = 48 * 1024 * 1024;

    private readonly MemoryCache _entries = new(new MemoryCacheOptions { SizeLimit = MostBytes });
    private long _removals;

    /// <summary>Take it before reading the database, and hand it to <see cref="Keep(GenerationDetails, long)"/>.</summary>
    public long Moment => Volatile.Read(ref _removals);

    /// <summary>For a request that it answers, which counts as a use.</summary>
    /// <param name="key">Of <see cref="CacheKey"/>, with or without the seed.</param>
    public GenerationDetails? FindAnswer(string key)
    {
        var details = AnswerTo(key);
        if (details is not null)
            uses.Used(details.Generation.Id);
        return details;
    }

    public GenerationDetails? Find(Guid id) => _entries.Get(id) as GenerationDetails;

    /// <summary>Keeps what a request was given, and counts it as a use when it came from the store.</summary>
    public void Keep(Submission submission, long since)
    {
        Keep(submission.Details, since);
        if (submission.Outcome == CacheOutcome.Hit)
            uses.Used(submission.Details.Generation.Id);
    }

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

    private GenerationDetails? AnswerTo(string key) => _entries.Get(key) as GenerationDetails;

    private void SetNewer(string key, GenerationDetails details)
    {
        if (AnswerTo(key) is not { } kept || kept.Generation.Number <= details.Generation.Number)
            Set(key, details);
    }

    private void Set(object key, GenerationDetails details) =>
        _entries.Set(key, details, new MemoryCacheEntryOptions { Size = 2048 + Characters(details.Generation) * sizeof(char) });

    private static long Characters(Generation generation) =>
        generation.Input.Length + generation.Prompt.Length + (generation.Output?.Length ?? 0) + (generation.Logs?.Length ?? 0) + generation.Metadata.Length;
}
