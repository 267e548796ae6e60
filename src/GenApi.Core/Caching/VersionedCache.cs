using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace GenApi.Core.Caching;

/// <summary>
/// Holds what a database said, up to a total size. A reader takes <see cref="Version"/> before it reads the database and hands it to
/// <see cref="Put"/>, so a value read before a removal never comes back after it. Reads take no lock and allocate nothing. A full cache
/// drops entries that were not read lately first.
/// </summary>
/// <param name="capacity">The largest total size.</param>
/// <param name="sizeOf">The size of one value; null: each counts 1.</param>
/// <param name="replaces">Whether a new value (second) replaces the one held (first); null: the one held stays.</param>
/// <param name="age">
/// The bound on the age of entries, where other instances change the database too; null: none, because every removal is known here.
/// </param>
internal sealed class VersionedCache<TKey, TValue>(
    long capacity, Func<TValue, long>? sizeOf = null, Func<TValue, TValue, bool>? replaces = null, CacheAge? age = null)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, LinkedListNode<Entry>> _entries = new();

    /// <summary>The next entry to drop comes first.</summary>
    private readonly LinkedList<Entry> _order = new();
    private readonly Lock _lock = new();
    private long _version;
    private long _size;

    /// <summary>Grows with each removal.</summary>
    public long Version => Volatile.Read(ref _version);

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (!_entries.TryGetValue(key, out var node) || IsOld(node))
        {
            value = default;
            return false;
        }
        // Written once a round only: cores that read the same entry would fight for its cache line.
        if (!node.ValueRef.IsUsed)
            node.ValueRef.IsUsed = true;
        value = node.ValueRef.Value;
        return true;
    }

    /// <summary>Holds the value, unless anything was removed since <paramref name="version"/>: it may have been this one.</summary>
    /// <param name="key">Finds the value again.</param>
    /// <param name="value">The value as it was read. One larger than the whole cache is not held.</param>
    /// <param name="version">The <see cref="Version"/> from before the read.</param>
    public void Put(TKey key, TValue value, long version)
    {
        var size = sizeOf?.Invoke(value) ?? 1;
        lock (_lock)
        {
            if (version != _version || size > capacity)
                return;
            if (_entries.TryGetValue(key, out var held))
            {
                if (!IsOld(held) && (replaces is null || !replaces(held.ValueRef.Value, value)))
                    return;
                Unlink(held);
            }
            while (_size + size > capacity)
                DropOne();
            _entries[key] = _order.AddLast(new Entry(key, value, size, age?.Stamp ?? 0));
            _size += size;
        }
    }

    /// <summary>Removes these keys and makes every earlier <see cref="Version"/> too old for <see cref="Put"/>.</summary>
    public void Remove(params IEnumerable<TKey> keys)
    {
        lock (_lock)
        {
            _version++;
            foreach (var key in keys)
            {
                if (_entries.TryRemove(key, out var held))
                    Unlink(held);
            }
        }
    }

    /// <summary>Removes everything, because removals may have been missed.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _version++;
            _entries.Clear();
            _order.Clear();
            _size = 0;
        }
    }

    /// <summary>An old entry is as good as none; the next <see cref="Put"/> replaces it.</summary>
    private bool IsOld(LinkedListNode<Entry> node) => age is not null && age.IsOver(node.ValueRef.Stamp);

    /// <summary>Drops the oldest entry; one that was read since the last pass goes to the end once instead.</summary>
    private void DropOne()
    {
        for (var chances = _order.Count; chances > 0 && _order.First is { ValueRef.IsUsed: true } used; chances--)
        {
            used.ValueRef.IsUsed = false;
            _order.RemoveFirst();
            _order.AddLast(used);
        }
        var oldest = _order.First!;
        _entries.TryRemove(oldest.ValueRef.Key, out _);
        Unlink(oldest);
    }

    private void Unlink(LinkedListNode<Entry> node)
    {
        _order.Remove(node);
        _size -= node.ValueRef.Size;
    }

    private struct Entry(TKey key, TValue value, long size, long stamp)
    {
        public bool IsUsed;

        /// <summary>The moment from which its age counts.</summary>
        public readonly long Stamp => stamp;

        public readonly TKey Key => key;

        public readonly TValue Value => value;

        public readonly long Size => size;
    }
}
