using System.Buffers.Binary;
using System.Text;
using GenApi.Core.Images.Probes;

namespace GenApi.Core.Images.Conversion;

/// <summary>
/// Removes from a PNG what its pixels do not need. libvips inflates every text of a file when it opens it: a thousand texts of 8 MB, which
/// take 8 MB in the file, would take 8 GB of memory.
/// </summary>
internal static class PngOriginal
{
    private const int Frame = 12;

    /// <summary>The profile can be 8 MB once inflated; libpng refuses more.</summary>
    private static readonly string[] Needed = ["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "iCCP", "sRGB", "gAMA", "cHRM", "sBIT", "eXIf"];

    private static readonly uint[] NeededTypes = [.. Needed.Select(type => TypeOf(Encoding.ASCII.GetBytes(type)))];

    private static readonly uint End = TypeOf("IEND"u8);

    /// <param name="png">A PNG whose chunks were checked.</param>
    /// <returns>The same array if there is nothing to remove.</returns>
    public static byte[] WithoutTexts(byte[] png)
    {
        var kept = Pieces(png).ToList();
        var length = PngProbe.Magic.Length + kept.Sum(piece => piece.Length);
        if (length == png.Length)
            return png;
        var result = new byte[length];
        PngProbe.Magic.CopyTo(result);
        var at = PngProbe.Magic.Length;
        foreach (var (start, count) in kept)
        {
            png.AsSpan(start, count).CopyTo(result.AsSpan(at));
            at += count;
        }
        return result;
    }

    private static IEnumerable<(int Start, int Length)> Pieces(byte[] png)
    {
        for (var at = PngProbe.Magic.Length; png.Length - at >= Frame;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at)) + (long)Frame;
            if (length > png.Length - at)
                yield break;
            var type = TypeOf(png.AsSpan(at + 4, 4));
            if (NeededTypes.Contains(type))
                yield return (at, (int)length);
            if (type == End)
                yield break;
            at += (int)length;
        }
    }

    private static uint TypeOf(ReadOnlySpan<byte> type) => BinaryPrimitives.ReadUInt32BigEndian(type);
}
