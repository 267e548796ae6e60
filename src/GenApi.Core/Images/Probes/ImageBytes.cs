using System.Buffers;

namespace GenApi.Core.Images.Probes;

/// <summary>Gives random access to the bytes of an image through one 64 kB window, however long the file is.</summary>
internal sealed class ImageBytes(ImageBytes.Reader read, long length) : IDisposable
{
    private readonly byte[] _window = ArrayPool<byte>.Shared.Rent(64 << 10);
    private long _start;
    private int _filled;

    /// <summary>Reads up to <c>buffer.Length</c> bytes at an offset; 0 at the end.</summary>
    public delegate int Reader(Span<byte> buffer, long offset);

    public long Length => length;

    /// <summary>Returns exactly <paramref name="count"/> bytes (at most 32 kB), valid until the next call.</summary>
    /// <exception cref="Errors.GenApiException">The file ends earlier.</exception>
    public ReadOnlySpan<byte> At(long offset, int count) => From(offset, count)[..count];

    /// <summary>Returns the loaded bytes from <paramref name="offset"/> on, at least <paramref name="atLeast"/> of them.</summary>
    /// <exception cref="Errors.GenApiException">The file ends earlier.</exception>
    public ReadOnlySpan<byte> From(long offset, int atLeast)
    {
        if (offset > length - atLeast)
            throw ImageFaults.CutShort();
        if (offset < _start || offset + atLeast > _start + _filled)
            Fill(offset, atLeast);
        return _window.AsSpan((int)(offset - _start), (int)(_start + _filled - offset));
    }

    public bool StartsWith(ReadOnlySpan<byte> magic, long offset = 0) =>
        length - offset >= magic.Length && At(offset, magic.Length).SequenceEqual(magic);

    public void Dispose() => ArrayPool<byte>.Shared.Return(_window);

    private void Fill(long offset, int atLeast)
    {
        (_start, _filled) = (offset, 0);
        while (_filled < _window.Length)
        {
            var got = read(_window.AsSpan(_filled), offset + _filled);
            if (got == 0)
                break;
            _filled += got;
        }
        if (_filled < atLeast)
            throw ImageFaults.CutShort();
    }
}
