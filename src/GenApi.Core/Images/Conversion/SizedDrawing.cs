using System.Globalization;
using System.Text;
using System.Xml;

namespace GenApi.Core.Images.Conversion;

/// <summary>Gives a drawing without a size the one that browsers give it: librsvg would measure its shapes instead.</summary>
internal static class SizedDrawing
{
    private const int LongestEntities = 1 << 20;

    /// <param name="svg">The drawing.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <returns>The same array if the root states a size, or can't be found.</returns>
    public static byte[] Of(byte[] svg, int width, int height)
    {
        var text = Encoding.UTF8.GetString(svg).TrimStart('\uFEFF');
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Parse,
            XmlResolver = null,
            MaxCharactersFromEntities = LongestEntities,
        };
        try
        {
            using var xml = XmlReader.Create(new StringReader(text), settings);
            while (xml.NodeType != XmlNodeType.Element)
            {
                if (!xml.Read())
                    return svg;
            }
            if (xml.GetAttribute("width") is not null || xml.GetAttribute("height") is not null || xml.GetAttribute("viewBox") is not null)
                return svg;
            var at = After(text, (IXmlLineInfo)xml) + xml.Name.Length;
            return Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"{text.AsSpan(0, at)} width='{width}' height='{height}'{text.AsSpan(at)}"));
        }
        catch (XmlException)
        {
            // Not UTF-8, or not well-formed: librsvg has the last word.
            return svg;
        }
    }

    /// <summary>Finds the first character of the name of an element.</summary>
    private static int After(string text, IXmlLineInfo info)
    {
        var at = 0;
        for (var line = 1; line < info.LineNumber; line++)
        {
            var end = text.AsSpan(at).IndexOfAny('\r', '\n');
            at += end + (text.AsSpan(at + end).StartsWith("\r\n") ? 2 : 1);
        }
        return at + info.LinePosition - 1;
    }
}
