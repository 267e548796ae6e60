using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Probes;

/// <summary>Reads GIF87a and GIF89a block by block up to the trailer.</summary>
internal static class GifProbe
{
    private const byte Extension = 0x21, Picture = 0x2C, Trailer = 0x3B;

    public static ImageFacts Read(ImageBytes bytes)
    {
        var screen = bytes.At(0, 13);
        var facts = ImageFaults.Checked(ImageFormat.Gif, ReadUInt16LittleEndian(screen[6..]), ReadUInt16LittleEndian(screen[8..]));
        var hasPicture = false;
        for (var at = 13 + PaletteLength(screen[10]); ;)
        {
            switch (bytes.At(at, 1)[0])
            {
                case Extension:
                    at = AfterSubBlocks(bytes, at + 2);
                    break;
                case Picture:
                    hasPicture = true;
                    // Nine bytes of position and flags, a palette, one byte of code size, then the data.
                    at = AfterSubBlocks(bytes, at + 10 + PaletteLength(bytes.At(at + 9, 1)[0]) + 1);
                    break;
                case Trailer:
                    return hasPicture ? facts : throw ImageFaults.Damaged();
                default:
                    throw ImageFaults.Damaged();
            }
        }
    }

    private static long PaletteLength(byte flags) => (flags & 0x80) == 0 ? 0 : 3L << ((flags & 7) + 1);

    private static long AfterSubBlocks(ImageBytes bytes, long at)
    {
        while (bytes.At(at, 1)[0] is var length and not 0)
            at += 1 + length;
        return at + 1;
    }
}
