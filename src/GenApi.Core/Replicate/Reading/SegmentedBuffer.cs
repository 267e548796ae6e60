using System.Buffers;

namespace GenApi.Core.Replicate.Reading;

/// <summary>
/// Holds bytes in pieces of 64 KiB. One array for an answer of many megabytes would stay in the array pool long after the read; the pool
/// keeps only few small ones.
/// </summary>
internal sealed class SegmentedBuffer : IDisposable
{
    private const int PieceBytes = 64 * 1024;

    private readonly List<byte[]> _pieces = [];
    private int _used = PieceBytes;

    public long Length => _pieces.Count == 0 ? 0 : (long)(_pieces.Count - 1) * PieceBytes + _used;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_used == PieceBytes)
            {
                _pieces.Add(ArrayPool<byte>.Shared.Rent(PieceBytes));
                _used = 0;
            }
            var taken = Math.Min(bytes.Length, PieceBytes - _used);
            bytes[..taken].CopyTo(_pieces[^1].AsSpan(_used));
            _used += taken;
            bytes = bytes[taken..];
        }
    }

    /// <summary>Takes over the pieces of another buffer, which is empty afterwards; null: nothing.</summary>
    public void Write(SegmentedBuffer? other)
    {
        if (other is null)
            return;
        foreach (var piece in other.ToSequence())
            Write(piece.Span);
        other.Dispose();
    }

    /// <summary>Returns the written bytes. They must not be used after <see cref="Dispose"/>.</summary>
    public ReadOnlySequence<byte> ToSequence()
    {
        if (_pieces.Count == 0)
            return ReadOnlySequence<byte>.Empty;
        var first = new Piece(_pieces[0].AsMemory(0, _pieces.Count == 1 ? _used : PieceBytes), 0);
        var last = first;
        for (var index = 1; index < _pieces.Count; index++)
            last = last.Append(_pieces[index].AsMemory(0, index == _pieces.Count - 1 ? _used : PieceBytes));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    public void Dispose()
    {
        _pieces.ForEach(piece => ArrayPool<byte>.Shared.Return(piece));
        _pieces.Clear();
        _used = PieceBytes;
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long index) => (Memory, RunningIndex) = (memory, index);

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
