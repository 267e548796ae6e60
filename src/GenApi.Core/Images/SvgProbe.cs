using System.Globalization;
using System.Xml;

namespace GenApi.Core.Images;

/// <summary>
/// SVG: well-formed XML whose root is <c>svg</c>. Entities are not expanded and nothing outside the file is read. The size is the root's
/// width and height, else its view box, else the 300 × 150 that browsers take.
/// </summary>
internal static class SvgProbe
{
    private const string Namespace = "http://www.w3.org/2000/svg";

    public static bool LooksLikeMarkup(ImageBytes bytes)
    {
        if (bytes.Length == 0)
            return false;
        var head = bytes.From(0, 1);
        if (head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            head = head[3..];
        return head.TrimStart(" \t\r\n"u8) is [(byte)'<', ..];
    }

    public static ImageFacts Read(ImageBytes.Reader read, ImageBytes bytes)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null, CloseInput = true };
        using var xml = XmlReader.Create(new Bytes(read, bytes.Length), settings);
        ImageFacts? facts = null;
        try
        {
            while (xml.Read())
            {
                if (facts is not null || xml.NodeType != XmlNodeType.Element)
                    continue;
                if (xml.LocalName != "svg" || xml.NamespaceURI is not (Namespace or ""))
                    throw ImageFaults.NotAnImage();
                facts = SizeOf(xml);
            }
        }
        catch (XmlException)
        {
            // Cut off, or never XML: an HTML error page mostly.
            throw facts is null ? ImageFaults.NotAnImage() : ImageFaults.CutShort();
        }
        return facts ?? throw ImageFaults.NotAnImage();
    }

    private static ImageFacts SizeOf(XmlReader root)
    {
        var box = (root.GetAttribute("viewBox") ?? "").Split([' ', ',', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var width = Pixels(root.GetAttribute("width")) ?? Pixels(box.ElementAtOrDefault(2)) ?? 300;
        var height = Pixels(root.GetAttribute("height")) ?? Pixels(box.ElementAtOrDefault(3)) ?? 150;
        return ImageFaults.Checked(ImageFormat.Svg, width, height);
    }

    private static long? Pixels(string? text)
    {
        var number = text.AsSpan().Trim();
        if (number.EndsWith("px", StringComparison.Ordinal))
            number = number[..^2];
        return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > 0 and < int.MaxValue
            ? (long)Math.Ceiling(value)
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
