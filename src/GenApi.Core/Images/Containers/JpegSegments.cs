using System.Buffers;
using GenApi.Core.Errors;
using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Containers;

/// <summary>A segment of a JPEG before its pixels.</summary>
/// <param name="Marker">The second byte of the marker: 0xE1 is APP1.</param>
/// <param name="Data">The content, without marker and length.</param>
/// <param name="Raw">The whole segment as it stands in the file.</param>
public readonly record struct JpegSegment(byte Marker, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Raw)
{
    /// <summary>Exif begins with these bytes, and its TIFF structure follows them.</summary>
    public static ReadOnlySpan<byte> ExifPrefix => "Exif\0\0"u8;

    /// <summary>XMP begins with these bytes, and its packet follows them.</summary>
    public static ReadOnlySpan<byte> XmpPrefix => "http://ns.adobe.com/xap/1.0/\0"u8;

    public bool IsExif => Marker == JpegSegments.App1 && Data.Span.StartsWith(ExifPrefix);

    public bool IsXmp => Marker == JpegSegments.App1 && Data.Span.StartsWith(XmpPrefix);
}

/// <summary>Reads and writes the segments of JPEG (ITU-T T.81) that precede the pixels. Everything from the first scan on stays as it is.</summary>
public static class JpegSegments
{
    internal const string Format = "JPEG";

    /// <summary>The longest content of a segment.</summary>
    public const int LongestData = ushort.MaxValue - 2;

    internal const byte App0 = 0xE0, App1 = 0xE1, App11 = 0xEB;
    private const byte StartOfImage = 0xD8, EndOfImage = 0xD9, StartOfScan = 0xDA, Temporary = 0x01, FirstRestart = 0xD0, LastRestart = 0xD7;

    // Profiles and previews come in pieces of 64 kB.
    private const int MostSegments = 16_384;

    public static bool Are(ReadOnlySpan<byte> image) => image.StartsWith((ReadOnlySpan<byte>)[0xFF, StartOfImage, 0xFF]);

    /// <summary>Reads the segments between the start of the image and its first scan.</summary>
    /// <exception cref="GenApiException"><see cref="ErrorKind.ImageNotConvertible"/>: the file is no JPEG or is damaged.</exception>
    public static IReadOnlyList<JpegSegment> Read(ReadOnlyMemory<byte> jpeg)
    {
        if (!Are(jpeg.Span))
            throw ContainerFaults.Damaged(Format);
        var bytes = jpeg.Span;
        var segments = new List<JpegSegment>();
        for (var at = 2; segments.Count < MostSegments;)
        {
            // Any number of FF may precede a marker.
            var start = at;
            while (at < bytes.Length && bytes[at] == 0xFF)
                at++;
            if (at == start || at >= bytes.Length)
                throw ContainerFaults.Damaged(Format);
            var marker = bytes[at++];
            if (marker == StartOfScan)
                return segments;
            if (marker is Temporary or (>= FirstRestart and <= LastRestart))
            {
                segments.Add(new JpegSegment(marker, default, jpeg[start..at]));
                continue;
            }
            if (marker is 0 or StartOfImage or EndOfImage || bytes.Length - at < 2)
                throw ContainerFaults.Damaged(Format);
            var length = ReadUInt16BigEndian(bytes[at..]);
            if (length < 2 || length > bytes.Length - at)
                throw ContainerFaults.Damaged(Format);
            segments.Add(new JpegSegment(marker, jpeg.Slice(at + 2, length - 2), jpeg[start..(at + length)]));
            at += length;
        }
        throw ContainerFaults.Damaged(Format);
    }

    /// <summary>Makes a segment.</summary>
    /// <param name="marker">The second byte of the marker.</param>
    /// <param name="prefix">The beginning of the content, which names it.</param>
    /// <param name="data">The rest; with the prefix at most <see cref="LongestData"/> bytes.</param>
    public static JpegSegment Make(byte marker, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data)
    {
        var length = prefix.Length + data.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, LongestData, nameof(data));
        var raw = new byte[4 + length];
        (raw[0], raw[1]) = (0xFF, marker);
        WriteUInt16BigEndian(raw.AsSpan(2), (ushort)(length + 2));
        prefix.CopyTo(raw.AsSpan(4));
        data.CopyTo(raw.AsSpan(4 + prefix.Length));
        return new JpegSegment(marker, raw.AsMemory(4), raw);
    }

    /// <summary>Writes a file of segments as they are.</summary>
    /// <param name="segments">All segments before the first scan.</param>
    /// <param name="scans">Everything from the first scan on.</param>
    public static byte[] Write(IReadOnlyCollection<JpegSegment> segments, ReadOnlyMemory<byte> scans)
    {
        var output = new ArrayBufferWriter<byte>(2 + segments.Sum(segment => segment.Raw.Length) + scans.Length);
        output.Write((ReadOnlySpan<byte>)[0xFF, StartOfImage]);
        foreach (var segment in segments)
            output.Write(segment.Raw.Span);
        output.Write(scans.Span);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Returns everything from the first scan on.</summary>
    internal static ReadOnlyMemory<byte> Scans(ReadOnlyMemory<byte> jpeg, IReadOnlyList<JpegSegment> segments) =>
        jpeg[(2 + segments.Sum(segment => segment.Raw.Length))..];
}
