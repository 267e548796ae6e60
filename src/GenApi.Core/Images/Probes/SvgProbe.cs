using System.Globalization;
using System.Text;
using System.Xml;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Reads SVG: XML whose root is <c>svg</c>. Entities are expanded within a limit, and nothing outside the file is read. The size is the
/// root's width and height, else its view box, else the 300 × 150 that browsers use. With one side and a view box, the other side follows
/// the box.
/// </summary>
internal static class SvgProbe
{
    private const string Namespace = "http://www.w3.org/2000/svg";

    /// <summary>
    /// The limit for all entities together, in characters. Namespaces need some dozens; the limit stops a decompression bomb.
    /// </summary>
    private const int LongestEntities = 1 << 20;

    private const int TailLength = 1024;

    private static readonly (string Name, double Pixels)[] Units =
        [("px", 1), ("in", 96), ("cm", 96 / 2.54), ("mm", 96 / 25.4), ("pt", 96 / 72.0), ("pc", 16)];

    /// <summary>Returns whether the first letter is <c>&lt;</c>, in UTF-8 or UTF-16.</summary>
    public static bool LooksLikeMarkup(ImageBytes bytes)
    {
        if (bytes.Length == 0)
            return false;
        var head = bytes.From(0, 1);
        if (EncodingOf(head) is not UTF8Encoding)
            return true;
        if (head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            head = head[3..];
        return head.TrimStart(" \t\r\n"u8) is [(byte)'<', ..];
    }

    /// <returns>Null for other markup, or none.</returns>
    /// <exception cref="Errors.GenApiException">The drawing is truncated.</exception>
    public static ImageFacts? Find(ImageBytes.Reader read, ImageBytes bytes)
    {
        // Illustrator declares its namespaces as entities of the DOCTYPE. They are read from the file itself only.
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Parse,
            XmlResolver = null,
            MaxCharactersFromEntities = LongestEntities,
            CloseInput = true,
        };
        using var xml = XmlReader.Create(new Bytes(read, bytes.Length), settings);
        ImageFacts? facts = null;
        try
        {
            while (xml.Read())
            {
                if (facts is not null || xml.NodeType != XmlNodeType.Element)
                    continue;
                if (xml.LocalName != "svg" || xml.NamespaceURI is not (Namespace or ""))
                    return null;
                facts = SizeOf(xml);
            }
        }
        catch (XmlException)
        {
            // Not XML at all, such as an HTML page; or not well-formed, but complete: then fetching it again returns the same bytes.
            return facts is null || EndsWithRoot(bytes) ? facts : throw ImageFaults.CutShort();
        }
        return facts;
    }

    private static bool EndsWithRoot(ImageBytes bytes)
    {
        var encoding = EncodingOf(bytes.From(0, 1));
        var start = Math.Max(0, bytes.Length - TailLength);
        var tail = encoding.GetString(bytes.At(start, (int)(bytes.Length - start))).TrimEnd();
        return tail.EndsWith('>') && tail.LastIndexOf('<') is >= 0 and var last
            && tail[last..] is ['<', '/', .. var name, '>'] && name.TrimEnd().Split(':')[^1] == "svg";
    }

    /// <summary>Detects the encoding by a byte order mark, or by a first letter next to a zero byte.</summary>
    private static Encoding EncodingOf(ReadOnlySpan<byte> head) => head switch
    {
        [0xFF, 0xFE, ..] or [(byte)'<', 0, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] or [0, (byte)'<', ..] => Encoding.BigEndianUnicode,
        _ => Encoding.UTF8,
    };

    private static ImageFacts SizeOf(XmlReader root)
    {
        var box = (root.GetAttribute("viewBox") ?? "").Split([' ', ',', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var (width, height) = (Pixels(root.GetAttribute("width")), Pixels(root.GetAttribute("height")));
        if (Pixels(box.ElementAtOrDefault(2)) is { } boxWidth && Pixels(box.ElementAtOrDefault(3)) is { } boxHeight)
        {
            (width, height) = (
                width ?? (height is { } high ? high * boxWidth / boxHeight : boxWidth),
                height ?? (width is { } wide ? wide * boxHeight / boxWidth : boxHeight));
        }
        return ImageFaults.Checked(ImageFormat.Svg, Whole(width ?? 300), Whole(height ?? 150));
    }

    private static long Whole(double pixels) => (long)Math.Ceiling(Math.Min(pixels, long.MaxValue / 2));

    /// <summary>Reads a length in pixels of CSS: 96 to the inch. Null for a share, for units of a font and for none at all.</summary>
    private static double? Pixels(string? text)
    {
        var number = text.AsSpan().Trim();
        var scale = 1.0;
        foreach (var (unit, pixels) in Units)
        {
            if (!number.EndsWith(unit, StringComparison.Ordinal))
                continue;
            number = number[..^unit.Length];
            scale = pixels;
            break;
        }
        return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > 0 and < int.MaxValue
            ? value * scale
            : null;
    }

    private sealed class Bytes(ImageBytes.Reader read, long length) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            var got = read(buffer, Position);
            Position += got;
            return got;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
