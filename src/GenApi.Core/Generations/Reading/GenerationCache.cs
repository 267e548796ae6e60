using GenApi.Core.Caching;
using GenApi.Core.Cluster;
using GenApi.Core.Images;

namespace GenApi.Core.Generations.Reading;

/// <summary>
/// Holds finished generations in memory, by cache key and by id, so that a hit touches no database. It only repeats what the database said.
/// An answer counts only while it is held by its id too, so dropping the id is enough where nothing else is known of a generation.
/// </summary>
internal sealed class GenerationCache(UseCounts uses, ICluster cluster, TimeProvider time) : IChangeListener
{
    /// <summary>Some 10,000 SDXL generations with their logs.</summary>
    private const long MostBytes = 48 * 1024 * 1024;

    private readonly VersionedCache<EntryKey, GenerationDetails> _entries = new(
        MostBytes, SizeOf, static (held, found) => held.Generation.Number <= found.Generation.Number,
        CacheAge.Where(cluster.IsShared, time));

    /// <inheritdoc cref="VersionedCache{TKey, TValue}.Version"/>
    public long Version => _entries.Version;

    /// <summary>Finds the answer to a request, which counts as a use.</summary>
    /// <param name="key">The cache key of a request, with or without the seed.</param>
    public GenerationDetails? FindAnswer(string key)
    {
        if (PeekAnswer(key) is not { } details)
            return null;
        uses.Used(details.Generation.Id);
        return details;
    }

    /// <summary>Finds the answer to a request for an estimate, which is no use.</summary>
    /// <inheritdoc cref="FindAnswer" path="/param"/>
    public GenerationDetails? PeekAnswer(string key) =>
        _entries.TryGet(new(default, key), out var details) && Find(details.Generation.Id) is not null ? details : null;

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

    /// <summary>Drops what another instance has removed, or changed after its end. What runs is not in memory.</summary>
    void IChangeListener.Changed(IReadOnlyList<StoreChange> changes)
    {
        var ids = changes.Where(static change => change.Kind == StoreChangeKind.GenerationRemoved || change.IsOfEndedGeneration())
            .Select(static change => new EntryKey(change.Subject, null)).ToList();
        if (ids.Count > 0)
            _entries.Remove(ids);
    }

    void IChangeListener.Lost() => _entries.Clear();

    private static long SizeOf(GenerationDetails details) => 2048 + Characters(details.Generation) * sizeof(char);

    private static long Characters(Generation generation) => generation.Input.Length + generation.Prompt.Length
        + (generation.Output?.Length ?? 0) + (generation.Logs?.Length ?? 0) + generation.Metadata.Length;

    /// <summary>Either an id or a cache key: one cache for both keeps one version.</summary>
    private readonly record struct EntryKey(Guid Id, string? Key);
}
