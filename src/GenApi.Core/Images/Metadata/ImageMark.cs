using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace GenApi.Core.Images.Metadata;

/// <summary>
/// Marks an image as made by a model, in the way that the EU AI Act asks for: XMP with the property DigitalSourceType of IPTC (Photo
/// Metadata Standard 2025.1). It holds no prompt.
/// </summary>
public static class ImageMark
{
    /// <summary>The value for images that are wholly made by a trained model.</summary>
    public const string DigitalSourceType = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

    /// <summary>A longer packet of the original is replaced, not merged.</summary>
    internal const int LongestPacket = 1 << 20;

    // Real packets are some ten levels deep.
    private const int DeepestNesting = 64;

    private static readonly XNamespace Rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    private static readonly XNamespace Meta = "adobe:ns:meta/";
    private static readonly XNamespace Iptc = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
    private static readonly XName About = Rdf + "about", Description = Rdf + "Description", Root = Rdf + "RDF";

    // The address of a C2PA manifest that is elsewhere. It belongs to the original: the copy would not match it.
    private static readonly XName Provenance = XName.Get("provenance", "http://purl.org/dc/terms/");

    private static readonly XName[] Replaced =
        [Iptc + "DigitalSourceType", Iptc + "AISystemUsed", Iptc + "AISystemVersionUsed", Provenance];

    /// <summary>Returns a packet with nothing but the mark.</summary>
    public static byte[] Xmp() => Xmp(null);

    /// <summary>Returns a packet with the mark, the model, and everything that the image's own packet has.</summary>
    /// <param name="own">The packet of the image. Null, or a packet that can't be read: there is none.</param>
    /// <param name="model"><c>owner/name</c>; null: not named.</param>
    /// <param name="version">The version of the model; null: not named.</param>
    public static byte[] Xmp(ReadOnlyMemory<byte>? own, string? model = null, string? version = null)
    {
        var meta = (own is { } packet ? Read(packet) : null)
            ?? new XElement(Meta + "xmpmeta", new XAttribute(XNamespace.Xmlns + "x", Meta.NamespaceName),
                new XElement(Root, new XAttribute(XNamespace.Xmlns + "rdf", Rdf.NamespaceName)));
        var root = meta.DescendantsAndSelf(Root).First();
        foreach (var description in root.Elements(Description))
        {
            foreach (var name in Replaced)
            {
                description.Attribute(name)?.Remove();
                description.Elements(name).Remove();
            }
        }
        // All descriptions of a packet are about the same thing.
        var about = root.Elements(Description).Select(each => each.Attribute(About)?.Value).FirstOrDefault(each => each is not null) ?? "";
        var added = new XElement(Description, new XAttribute(About, about),
            new XAttribute(XNamespace.Xmlns + "Iptc4xmpExt", Iptc.NamespaceName), new XElement(Replaced[0], DigitalSourceType));
        if (model is not null)
            added.Add(new XElement(Replaced[1], model));
        if (version is not null)
            added.Add(new XElement(Replaced[2], version));
        root.Add(added);
        return Write(meta);
    }

    /// <returns>Null if it is no packet, or an unreasonable one.</returns>
    private static XElement? Read(ReadOnlyMemory<byte> packet)
    {
        if (packet.Length > LongestPacket)
            return null;
        var bytes = packet.ToArray();
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        try
        {
            using (var probe = XmlReader.Create(new MemoryStream(bytes), settings))
            {
                while (probe.Read())
                {
                    if (probe.Depth > DeepestNesting)
                        return null;
                }
            }
            using var reader = XmlReader.Create(new MemoryStream(bytes), settings);
            var root = XDocument.Load(reader).Root;
            return root?.DescendantsAndSelf(Root).Any() == true ? root : null;
        }
        catch (Exception damage) when (damage is XmlException or ArgumentException)
        {
            return null;
        }
    }

    private static byte[] Write(XElement meta)
    {
        using var output = new MemoryStream();
        output.Write("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"u8);
        var settings = new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(false),
            OmitXmlDeclaration = true,
            ConformanceLevel = ConformanceLevel.Fragment,
            Indent = true,
            IndentChars = " ",
            NewLineChars = "\n",
        };
        using (var writer = XmlWriter.Create(output, settings))
            meta.WriteTo(writer);
        output.Write("\n<?xpacket end=\"w\"?>"u8);
        return output.ToArray();
    }
}
