using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace GenApi.Core.Blobs;

/// <summary>
/// Holds blobs that are requested repeatedly, within a strict bound. Bytes being loaded and bytes still held by a slow reader count too; if
/// nothing can be evicted, the bytes come from the disk. A blob is admitted by its second request within a short time, so a walk through
/// all images does not evict the popular ones. Eviction is approximately least recently used.
/// </summary>
internal sealed class HotBlobs(long capacity, int largest)
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new();
    private readonly Queue<Entry> _order = new();
    private readonly HashSet<string> _loading = [];
    private readonly Lock _gate = new();
    private readonly int[] _askedLately = new int[1024];
    private long _held;

    /// <summary>Leases the bytes; dispose the entry to return the lease.</summary>
    public bool TryLease(string key, [NotNullWhen(true)] out Entry? entry) => _entries.TryGetValue(key, out entry) && entry.TryLease();

    /// <summary>
    /// Returns true if the blob is worth loading and room was made for it. <see cref="Admit"/> or <see cref="CancelReservation"/> must
    /// follow.
    /// </summary>
    public bool TryReserve(string key, long length)
    {
        if (length > largest)
            return false;
        var hash = key.GetHashCode(StringComparison.Ordinal);
        if (Interlocked.Exchange(ref _askedLately[hash & (_askedLately.Length - 1)], hash) != hash)
            return false;
        lock (_gate)
        {
            if (_entries.ContainsKey(key) || _loading.Contains(key) || !MakeRoom(length))
                return false;
            _held += length;
            return _loading.Add(key);
        }
    }

    /// <summary>Publishes loaded bytes and leases them to the caller.</summary>
    public Entry Admit(string key, byte[] bytes, in BlobStamp stamp)
    {
        var entry = new Entry(key, bytes, stamp);
        entry.TryLease();
        lock (_gate)
        {
            _loading.Remove(key);
            _entries[key] = entry;
            _order.Enqueue(entry);
        }
        return entry;
    }

    public void CancelReservation(string key, long length)
    {
        lock (_gate)
        {
            if (_loading.Remove(key))
                _held -= length;
        }
    }

    /// <summary>Stops new leases; the bytes count until the last reader is done.</summary>
    public void Forget(string key) => _entries.TryRemove(key, out _);

    private bool MakeRoom(long length)
    {
        // Each entry is visited at most twice: once to clear its second chance, once to evict it.
        for (var visits = _order.Count * 2; _held + length > capacity; visits--)
        {
            if (visits <= 0 || !_order.TryDequeue(out var entry))
                return false;
            var forgotten = !_entries.TryGetValue(entry.Key, out var current) || current != entry;
            if ((!forgotten && entry.ClearChance()) || !entry.TryRetire())
            {
                _order.Enqueue(entry);
                continue;
            }
            if (!forgotten)
                _entries.TryRemove(entry.Key, out _);
            _held -= entry.Bytes.Length;
        }
        return true;
    }

    internal sealed class Entry(string key, byte[] bytes, BlobStamp stamp) : IDisposable
    {
        private const int Retired = -1;
        private readonly BlobStamp _stamp = stamp;
        private int _leases;
        private bool _chance;

        public string Key => key;
        public byte[] Bytes => bytes;
        public ref readonly BlobStamp Stamp => ref _stamp;

        public bool TryLease()
        {
            _chance = true;
            for (var leases = Volatile.Read(ref _leases); leases != Retired;)
            {
                var before = Interlocked.CompareExchange(ref _leases, leases + 1, leases);
                if (before == leases)
                    return true;
                leases = before;
            }
            return false;
        }

        public void Dispose() => Interlocked.Decrement(ref _leases);

        public bool ClearChance()
        {
            var chance = _chance;
            _chance = false;
            return chance;
        }

        public bool TryRetire() => Interlocked.CompareExchange(ref _leases, Retired, 0) == 0;
    }
}
