using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace GenApi.Core.Images.Library;

/// <summary>
/// Rows that were looked at lately, so that serving an image, or a request that names one, touches no database. What has been forgotten can't come back by a
/// reader who saw the row just before its deletion. Approximately least recently used goes first.
/// </summary>
internal sealed class RecentRows<TRow>(int capacity, Func<TRow, Guid> idOf)
    where TRow : class
{
    private readonly ConcurrentDictionary<Guid, Entry> _entries = new();
    private readonly Queue<Entry> _order = new();
    private readonly Lock _gate = new();
    private long _deletions;

    /// <summary>To be taken before the row is read from the database, for <see cref="Remember"/>.</summary>
    public long Deletions => Volatile.Read(ref _deletions);

    public bool TryGet(Guid id, [NotNullWhen(true)] out TRow? row)
    {
        if (_entries.TryGetValue(id, out var entry))
        {
            entry.Used = true;
            row = entry.Row;
            return true;
        }
        row = null;
        return false;
    }

    /// <summary>Does nothing when something was deleted since: it may have been this row.</summary>
    public void Remember(TRow row, long deletions)
    {
        lock (_gate)
        {
            if (deletions != _deletions || !_entries.TryAdd(idOf(row), new Entry(row)))
                return;
            _order.Enqueue(_entries[idOf(row)]);
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
            var isCurrent = _entries.TryGetValue(idOf(entry.Row), out var current) && current == entry;
            if (isCurrent && entry.Used)
            {
                entry.Used = false;
                _order.Enqueue(entry);
                continue;
            }
            if (isCurrent)
                _entries.TryRemove(idOf(entry.Row), out _);
            return;
        }
    }

    private sealed class Entry(TRow row)
    {
        public TRow Row => row;

        public bool Used { get; set; }
    }
}
