using GenApi.Core.Caching;
using GenApi.Core.Images;

namespace GenApi.Core.Generations.Reading;

/// <summary>
/// Holds finished generations in memory, by cache key and by id, so that a hit touches no database. It only repeats what the database said.
/// </summary>
internal sealed class GenerationCache(UseCounts uses)
{
    /// <summary>Some 10,000 SDXL generations with their logs.</summary>
    private const long MostBytes = 48 * 1024 * 1024;

    private readonly VersionedCache<EntryKey, GenerationDetails> _entries = new(
        MostBytes, SizeOf, static (held, found) => held.Generation.Number <= found.Generation.Number);

    /// <inheritdoc cref="VersionedCache{TKey, TValue}.Version"/>
    public long Version => _entries.Version;

    /// <summary>Finds the answer to a request, which counts as a use.</summary>
    /// <param name="key">The cache key of a request, with or without the seed.</param>
    public GenerationDetails? FindAnswer(string key)
    {
        if (!_entries.TryGet(new(default, key), out var details))
            return null;
        uses.Used(details.Generation.Id);
        return details;
    }

    public GenerationDetails? Find(Guid id) => _entries.TryGet(new(id, null), out var details) ? details : null;

    /// <summary>Stores what a request was answered with, and counts a use when the answer came from the store.</summary>
    public void Put(Submission submission, long version)
    {
        Put(submission.Details, version);
        if (submission.Outcome == CacheOutcome.Hit)
            uses.Used(submission.Details.Generation.Id);
    }

    /// <summary>
    /// Stores a terminal generation; one that succeeded also becomes the answer to its keys, unless a newer one is held there. It stores
    /// nothing if anything was removed since <paramref name="version"/>.
    /// </summary>
    public void Put(GenerationDetails details, long version)
    {
        var generation = details.Generation;
        if (!generation.Status.IsTerminal())
            return;
        _entries.Put(new(generation.Id, null), details, version);
        if (!details.IsAnswer)
            return;
        _entries.Put(new(default, generation.CacheKey), details, version);
        if (generation.ReuseKey != generation.CacheKey)
            _entries.Put(new(default, generation.ReuseKey), details, version);
    }

    public void Remove(Generation generation) =>
        _entries.Remove(new(generation.Id, null), new(default, generation.CacheKey), new(default, generation.ReuseKey));

    private static long SizeOf(GenerationDetails details) => 2048 + Characters(details.Generation) * sizeof(char);

    private static long Characters(Generation generation) => generation.Input.Length + generation.Prompt.Length
        + (generation.Output?.Length ?? 0) + (generation.Logs?.Length ?? 0) + generation.Metadata.Length;

    /// <summary>Either an id or a cache key: one cache for both keeps one version.</summary>
    private readonly record struct EntryKey(Guid Id, string? Key);
}
