using GenApi.Core.Errors;

namespace GenApi.Core.Images.Containers;

/// <summary>An item of an AVIF.</summary>
/// <param name="Id">Its number in the file.</param>
/// <param name="Type">Four characters: <c>av01</c>, <c>Exif</c>, <c>mime</c> and others.</param>
/// <param name="ContentType">The media type of a <c>mime</c> item; otherwise empty.</param>
public sealed record IsoItem(uint Id, string Type, string ContentType)
{
    internal const string ExifType = "Exif", MimeType = "mime", XmpContentType = "application/rdf+xml";

    public bool IsExif => Type == ExifType;

    public bool IsXmp => Type == MimeType && ContentType == XmpContentType;
}

/// <summary>A piece of an item's data.</summary>
/// <param name="Index">The number of the source item for construction method 2; otherwise 0.</param>
/// <param name="Offset">Where it begins, by the construction method.</param>
/// <param name="Length">In bytes; 0 is everything.</param>
internal readonly record struct IsoExtent(ulong Index, ulong Offset, ulong Length);

/// <summary>The place of an item's data.</summary>
/// <param name="Id">The item.</param>
/// <param name="Method">0: offsets of the file. 1: offsets in <c>idat</c>. 2: offsets in another item.</param>
/// <param name="Source">The number of another file; 0 is this one.</param>
/// <param name="Extents">The pieces in order, with absolute offsets.</param>
internal sealed record IsoLocation(uint Id, byte Method, ushort Source, IReadOnlyList<IsoExtent> Extents);

/// <summary>The items of an AVIF, as the box <c>meta</c> lists them (ISO/IEC 23008-12).</summary>
internal sealed class IsoItems
{
    private const int MostExtents = 100_000;

    private readonly ReadOnlyMemory<byte> _file;

    private IsoItems(ReadOnlyMemory<byte> file, IReadOnlyList<IsoBox> top, IsoBox meta, IReadOnlyList<IsoBox> parts) =>
        (_file, Top, Meta, Parts) = (file, top, meta, parts);

    /// <summary>The boxes of the file.</summary>
    public IReadOnlyList<IsoBox> Top { get; }

    public IsoBox Meta { get; }

    /// <summary>The boxes in <see cref="Meta"/>.</summary>
    public IReadOnlyList<IsoBox> Parts { get; }

    public uint Primary { get; private init; }

    public IReadOnlyList<IsoItem> Items { get; private init; } = [];

    public IReadOnlyList<IsoLocation> Locations { get; private init; } = [];

    /// <exception cref="GenApiException"><see cref="ErrorKind.ImageNotConvertible"/>: the file is no AVIF or is damaged.</exception>
    public static IsoItems Read(ReadOnlyMemory<byte> avif)
    {
        if (!IsoBoxes.AreAvif(avif.Span))
            throw ContainerFaults.Damaged(IsoBoxes.Format);
        var top = IsoBoxes.Read(avif);
        if (top.Find("meta") is not { Data.Length: >= 4 } meta)
            throw ContainerFaults.Damaged(IsoBoxes.Format);
        // Four bytes of version and flags precede the boxes in it.
        var parts = IsoBoxes.Read(meta.Data[4..]);
        return new IsoItems(avif, top, meta, parts)
        {
            Primary = parts.Find("pitm") is { } primary ? ReadPrimary(primary.Data.Span) : 0,
            Items = parts.Find("iinf") is { } items ? ReadItems(items.Data) : [],
            Locations = parts.Find("iloc") is { } locations ? ReadLocations(locations.Data.Span) : [],
        };
    }

    /// <summary>Returns an item's data; null if it is somewhere else or lies outside the file.</summary>
    public ReadOnlyMemory<byte>? DataOf(IsoItem item)
    {
        if (Locations.FirstOrDefault(each => each.Id == item.Id) is not { Source: 0, Method: 0 or 1, Extents.Count: > 0 } location)
            return null;
        var source = location.Method == 0 ? _file : Parts.Find("idat")?.Data ?? default;
        var pieces = new List<ReadOnlyMemory<byte>>();
        var total = 0L;
        foreach (var (_, offset, length) in location.Extents)
        {
            if (offset > (ulong)source.Length || length > (ulong)source.Length - offset)
                return null;
            pieces.Add(length == 0 ? source[(int)offset..] : source.Slice((int)offset, (int)length));
            // Pieces do not overlap, so together they are never longer than their source.
            if ((total += pieces[^1].Length) > source.Length)
                return null;
        }
        if (pieces.Count == 1)
            return pieces[0];
        var whole = new byte[total];
        var at = 0;
        foreach (var piece in pieces)
        {
            piece.CopyTo(whole.AsMemory(at));
            at += piece.Length;
        }
        return whole;
    }

    private static uint ReadPrimary(ReadOnlySpan<byte> data)
    {
        var numbers = new IsoNumbers(data);
        var isLong = numbers.UInt32() >> 24 > 0;
        return isLong ? numbers.UInt32() : numbers.UInt16();
    }

    private static List<IsoItem> ReadItems(ReadOnlyMemory<byte> data)
    {
        var numbers = new IsoNumbers(data.Span);
        var isLong = numbers.UInt32() >> 24 > 0;
        numbers.Next(isLong ? 4 : 2);
        var items = new List<IsoItem>();
        foreach (var box in IsoBoxes.Read(data[^numbers.Rest.Length..]).Where(box => box.Type == "infe"))
        {
            var entry = new IsoNumbers(box.Data.Span);
            var version = entry.UInt32() >> 24;
            // Versions 0 and 1 have no type; AVIF does not use them.
            if (version < 2)
                continue;
            var id = version == 2 ? entry.UInt16() : entry.UInt32();
            entry.UInt16();
            var type = entry.Letters();
            // The item's name.
            entry.Text();
            items.Add(new IsoItem(id, type, type == IsoItem.MimeType ? entry.Text() : ""));
        }
        return items;
    }

    private static List<IsoLocation> ReadLocations(ReadOnlySpan<byte> data)
    {
        var numbers = new IsoNumbers(data);
        var version = numbers.UInt32() >> 24;
        var widths = numbers.UInt16();
        var (offset, length, common) = (Width(widths >> 12), Width(widths >> 8), Width(widths >> 4));
        var index = version is 1 or 2 ? Width(widths) : 0;
        if (version > 2)
            throw ContainerFaults.Damaged(IsoBoxes.Format);
        var count = version < 2 ? numbers.UInt16() : numbers.UInt32();
        var locations = new List<IsoLocation>();
        var extentsLeft = MostExtents;
        for (var each = 0u; each < count; each++)
        {
            var id = version < 2 ? numbers.UInt16() : numbers.UInt32();
            var method = version == 0 ? (byte)0 : (byte)(numbers.UInt16() & 0xF);
            var source = (ushort)numbers.UInt16();
            var start = numbers.Next(common);
            var pieces = (int)numbers.UInt16();
            if ((extentsLeft -= pieces + 1) < 0)
                throw ContainerFaults.Damaged(IsoBoxes.Format);
            var extents = new IsoExtent[pieces];
            foreach (ref var extent in extents.AsSpan())
                extent = new IsoExtent(numbers.Next(index), unchecked(start + numbers.Next(offset)), numbers.Next(length));
            locations.Add(new IsoLocation(id, method, source, extents));
        }
        return locations;
    }

    private static int Width(uint bits) => (bits & 0xF) is var width && width is 0 or 4 or 8
        ? (int)width
        : throw ContainerFaults.Damaged(IsoBoxes.Format);
}
