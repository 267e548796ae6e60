using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace GenApi.Core.Images;

/// <summary>
/// Rows that were looked at lately, so that serving an image touches no database. What has been forgotten can't come back by a
/// reader who saw the row just before its deletion. Approximately least recently used goes first.
/// </summary>
internal sealed class RecentImages(int capacity)
{
    private readonly ConcurrentDictionary<Guid, Entry> _entries = new();
    private readonly Queue<Entry> _order = new();
    private readonly Lock _gate = new();
    private long _deletions;

    /// <summary>To be taken before the row is read from the database, for <see cref="Remember"/>.</summary>
    public long Deletions => Volatile.Read(ref _deletions);

    public bool TryGet(Guid id, [NotNullWhen(true)] out StoredImage? image)
    {
        if (_entries.TryGetValue(id, out var entry))
        {
            entry.Used = true;
            image = entry.Image;
            return true;
        }
        image = null;
        return false;
    }

    /// <summary>Does nothing when something was deleted since: it may have been this row.</summary>
    public void Remember(StoredImage image, long deletions)
    {
        lock (_gate)
        {
            if (deletions != _deletions || !_entries.TryAdd(image.Id, new Entry(image)))
                return;
            _order.Enqueue(_entries[image.Id]);
            while (_order.Count > capacity)
                EvictOne();
        }
    }

    public void Forget(IEnumerable<Guid> ids)
    {
        lock (_gate)
        {
            _deletions++;
            foreach (var id in ids)
                _entries.TryRemove(id, out _);
        }
    }

    private void EvictOne()
    {
        for (var entry = _order.Dequeue(); ; entry = _order.Dequeue())
        {
            var isCurrent = _entries.TryGetValue(entry.Image.Id, out var current) && current == entry;
            if (isCurrent && entry.Used)
            {
                entry.Used = false;
                _order.Enqueue(entry);
                continue;
            }
            if (isCurrent)
                _entries.TryRemove(entry.Image.Id, out _);
            return;
        }
    }

    private sealed class Entry(StoredImage image)
    {
        public StoredImage Image => image;

        public bool Used { get; set; }
    }
}
