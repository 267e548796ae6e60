namespace GenApi.Core.Blobs;

/// <summary>The bytes of all blobs together: counted once, then kept up to date.</summary>
internal sealed class BlobTotal
{
    private long _bytes;
    private bool _isCounted;

    /// <summary>Null until the first count.</summary>
    public long? Bytes => Volatile.Read(ref _isCounted) ? Interlocked.Read(ref _bytes) : null;

    /// <summary>To be taken before a count, for <see cref="Counted"/>.</summary>
    public long Moment => Interlocked.Read(ref _bytes);

    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>What came and went since <paramref name="moment"/> is added to what was counted.</summary>
    public void Counted(long bytes, long moment)
    {
        Interlocked.Add(ref _bytes, bytes - moment);
        Volatile.Write(ref _isCounted, true);
    }
}
