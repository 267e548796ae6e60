using GenApi.Core.Replicate.Reading;

namespace GenApi.Core.Uploads;

/// <summary>
/// Passes a stream on while it records the beginning and counts bytes, so that an unexpected file can be described. The inner stream stays
/// open.
/// </summary>
internal sealed class WatchedStream(Stream inner) : ReadOnlyStream
{
    private readonly byte[] _head = new byte[512];
    private int _peeked, _replayed;

    /// <summary>The first bytes, as many as have arrived.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, (int)Math.Min(Count, _head.Length));

    public long Count { get; private set; }

    /// <summary>Fills <see cref="Head"/> as far as there are bytes, before anything is passed on.</summary>
    public async Task PeekAsync(CancellationToken cancellationToken) =>
        Count = _peeked = await inner.ReadAtLeastAsync(_head, _head.Length, throwOnEndOfStream: false, cancellationToken);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_replayed < _peeked)
        {
            var again = Math.Min(buffer.Length, _peeked - _replayed);
            _head.AsSpan(_replayed, again).CopyTo(buffer.Span);
            _replayed += again;
            return again;
        }
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
