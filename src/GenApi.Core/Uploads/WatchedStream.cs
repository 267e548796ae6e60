using GenApi.Core.Replicate;

namespace GenApi.Core.Uploads;

/// <summary>Passes a stream on, keeps its beginning and counts: to tell what came when it is not what was asked for. The stream itself stays open.</summary>
internal sealed class WatchedStream(Stream inner) : ReadOnlyStream
{
    private readonly byte[] _head = new byte[512];

    /// <summary>The first bytes, as many as have come.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, (int)Math.Min(Count, _head.Length));

    public long Count { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        if (Count < _head.Length)
        {
            var more = Math.Min(count, _head.Length - (int)Count);
            buffer.Span[..more].CopyTo(_head.AsSpan((int)Count));
        }
        Count += count;
        return count;
    }
}
