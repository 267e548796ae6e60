namespace GenApi.Core.Blobs;

/// <summary>The total size of all blobs: counted once, then kept up to date.</summary>
internal sealed class BlobTotal
{
    private long _bytes;
    private bool _isCounted;

    /// <summary>The total in bytes; null until the first count.</summary>
    public long? Bytes => Volatile.Read(ref _isCounted) ? Interlocked.Read(ref _bytes) : null;

    /// <summary>The running total before a count; pass it to <see cref="Counted"/>.</summary>
    public long Snapshot => Interlocked.Read(ref _bytes);

    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Records a count and adds what came and went since <paramref name="snapshot"/>.</summary>
    public void Counted(long bytes, long snapshot)
    {
        Interlocked.Add(ref _bytes, bytes - snapshot);
        Volatile.Write(ref _isCounted, true);
    }
}
