using System.Buffers.Binary;

namespace GenApi.Core.Images.Containers;

/// <summary>
/// Finds a C2PA manifest in a JPEG: a JUMBF box in pieces of APP11 (ISO/IEC 19566-5). Each piece has the letters JP, the number of its box,
/// its own number, and the size and type of the box. Boxes of other kinds may be there too.
/// </summary>
internal static class JpegManifest
{
    private const int HeaderLength = 16, BoxAt = 2, PieceAt = 4, UuidAt = HeaderLength + 8;

    public static IEnumerable<JpegSegment> In(IReadOnlyList<JpegSegment> segments)
    {
        var boxes = segments.Where(segment => IsPiece(segment) && Piece(segment) == 1 && BeginsManifest(segment.Data.Span))
            .Select(Box).ToHashSet();
        return segments.Where(segment => IsPiece(segment) && boxes.Contains(Box(segment)));
    }

    private static bool IsPiece(JpegSegment segment) =>
        segment.Marker == JpegSegments.App11 && segment.Data.Length >= HeaderLength && segment.Data.Span.StartsWith("JP"u8);

    // The description box comes first in a JUMBF box, and its type comes first in that. The type of C2PA begins with these letters.
    private static bool BeginsManifest(ReadOnlySpan<byte> data) =>
        data.Length >= UuidAt + 4 && data[(HeaderLength + 4)..].StartsWith("jumd"u8) && data[UuidAt..].StartsWith("c2pa"u8);

    private static ushort Box(JpegSegment segment) => BinaryPrimitives.ReadUInt16BigEndian(segment.Data.Span[BoxAt..]);

    private static uint Piece(JpegSegment segment) => BinaryPrimitives.ReadUInt32BigEndian(segment.Data.Span[PieceAt..]);
}
