namespace GenApi.Core.Images.Probes;

/// <summary>
/// Reads JPEG XL (ISO/IEC 18181-1), bare or in boxes. Size and orientation are the first bits of the stream, lowest bit first.
/// </summary>
internal static class JxlProbe
{
    private const int HeaderBytes = 16;

    private static readonly (int Over, int Under)[] Ratios = [(1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1)];

    public static FileFacts Read(ImageBytes bytes)
    {
        if (StreamStart(bytes) is not { } start || bytes.Length - start < 4)
            return FileFacts.Of(ImageFormat.Jxl);
        Span<byte> head = stackalloc byte[HeaderBytes];
        head.Clear();
        bytes.At(start, (int)Math.Min(HeaderBytes, bytes.Length - start)).CopyTo(head);
        return head[..2] is [0xFF, 0x0A] ? Size(new Bits(head[2..])) : FileFacts.Of(ImageFormat.Jxl);
    }

    /// <summary>Finds the stream; null if the boxes hold none.</summary>
    private static long? StreamStart(ImageBytes bytes)
    {
        if (bytes.StartsWith([0xFF, 0x0A]))
            return 0;
        for (long at = 0; at < bytes.Length;)
        {
            var box = IsoBox.Read(bytes, at, bytes.Length);
            if (box.Is("jxlc"u8))
                return box.Body;
            // The first of several parts, after its number.
            if (box.Is("jxlp"u8))
                return box.Body + 4;
            at = box.End;
        }
        return null;
    }

    private static FileFacts Size(Bits bits)
    {
        var isSmall = bits.Read(1) == 1;
        var height = Side(ref bits, isSmall);
        var ratio = bits.Read(3);
        var width = ratio == 0 ? Side(ref bits, isSmall) : height * Ratios[ratio - 1].Over / Ratios[ratio - 1].Under;
        var hasMore = bits.Read(1) == 0 && bits.Read(1) == 1;
        // 0 to 7 stand for Exif's 1 to 8: from 4 on, width and height are swapped.
        return hasMore && bits.Read(3) >= 4
            ? FileFacts.Of(ImageFormat.Jxl, height, width)
            : FileFacts.Of(ImageFormat.Jxl, width, height);
    }

    private static long Side(ref Bits bits, bool isSmall) => isSmall
        ? (bits.Read(5) + 1) * 8
        : 1 + bits.Read(bits.Read(2) switch { 0 => 9, 1 => 13, 2 => 18, _ => 30 });

    private ref struct Bits(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private int _at;

        public long Read(int count)
        {
            long value = 0;
            for (var bit = 0; bit < count; bit++, _at++)
                value |= (long)((_bytes[_at / 8] >> (_at % 8)) & 1) << bit;
            return value;
        }
    }
}
