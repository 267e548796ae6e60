using System.Buffers.Binary;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Reads the <c>meta</c> box of an AVIF or HEIC file: which item is the primary image, and how its properties change its size.
/// </summary>
internal sealed class HeifMeta(ImageBytes bytes)
{
    /// <summary>Real files have some dozens of each; anything beyond these limits is ignored.</summary>
    private const int MostProperties = 10_000, MostAssociations = 100_000, DeepestNesting = 8;

    private readonly List<IsoBox> _properties = [];
    private readonly List<int> _ofPrimary = [];
    private readonly List<IsoBox> _associations = [];
    private (long Width, long Height) _largest;
    private uint? _primary;

    public bool HasData { get; set; }

    public void Read(long at, long end) => Read(at, end, 0);

    /// <summary>Returns the size as displayed; zero if the file does not state it.</summary>
    public (long Width, long Height) DisplayedSize()
    {
        foreach (var box in _associations)
            ReadAssociations(box);
        var properties = _ofPrimary
            .Where(number => number >= 1 && number <= _properties.Count)
            .Select(number => _properties[number - 1])
            .ToList();
        var extent = properties.FindIndex(property => property.Is("ispe"u8));
        return extent < 0 ? _largest : properties.Aggregate(Extent(properties[extent]), (size, property) => Transformed(property, size));
    }

    private void Read(long at, long end, int depth)
    {
        while (at < end)
        {
            var box = IsoBox.Read(bytes, at, end);
            if ((box.Is("iprp"u8) || box.Is("ipco"u8)) && depth < DeepestNesting)
            {
                Read(box.Body, box.End, depth + 1);
                if (box.Is("ipco"u8))
                    ListProperties(box);
            }
            else if (box.Is("idat"u8))
                HasData = true;
            else if (box.Is("ipma"u8))
                _associations.Add(box);
            else if (box.Is("pitm"u8) && box.End - box.Body >= 6)
                _primary = bytes.At(box.Body, 1)[0] == 0 || box.End - box.Body < 8
                    ? BinaryPrimitives.ReadUInt16BigEndian(bytes.At(box.Body + 4, 2))
                    : BinaryPrimitives.ReadUInt32BigEndian(bytes.At(box.Body + 4, 4));
            else if (box.Is("ispe"u8) && Extent(box) is var found && Area(found) > Area(_largest))
                _largest = found;
            at = box.End;
        }
    }

    private void ListProperties(IsoBox container)
    {
        for (var at = container.Body; at < container.End && _properties.Count < MostProperties;)
        {
            var box = IsoBox.Read(bytes, at, container.End);
            _properties.Add(box);
            at = box.End;
        }
    }

    /// <summary>Collects the properties of the primary item, in the order in which they apply.</summary>
    private void ReadAssociations(IsoBox box)
    {
        if (_primary is null || box.End - box.Body < 8)
            return;
        var head = bytes.At(box.Body, 8);
        var (hasLongIds, hasLongNumbers) = (head[0] > 0, (head[3] & 1) != 0);
        var items = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        var at = box.Body + 8;
        var read = 0;
        for (uint item = 0; item < items; item++)
        {
            var idLength = hasLongIds ? 4 : 2;
            if (box.End - at < idLength + 1)
                return;
            var piece = bytes.At(at, idLength + 1);
            var id = hasLongIds ? BinaryPrimitives.ReadUInt32BigEndian(piece) : BinaryPrimitives.ReadUInt16BigEndian(piece);
            var count = piece[idLength];
            at += idLength + 1;
            var width = hasLongNumbers ? 2 : 1;
            if (box.End - at < count * width || (read += count) > MostAssociations)
                return;
            for (var each = 0; each < count; each++, at += width)
            {
                // The upper bit says whether a reader must understand the property.
                var number = hasLongNumbers ? BinaryPrimitives.ReadUInt16BigEndian(bytes.At(at, 2)) & 0x7FFF : bytes.At(at, 1)[0] & 0x7F;
                if (id == _primary)
                    _ofPrimary.Add(number);
            }
        }
    }

    private (long Width, long Height) Extent(IsoBox property)
    {
        var size = bytes.At(property.Body + 4, 8);
        return (BinaryPrimitives.ReadUInt32BigEndian(size), BinaryPrimitives.ReadUInt32BigEndian(size[4..]));
    }

    private (long Width, long Height) Transformed(IsoBox property, (long Width, long Height) size)
    {
        // Quarter turns; a mirror (imir) leaves the size unchanged.
        if (property.Is("irot"u8) && property.End > property.Body)
            return (bytes.At(property.Body, 1)[0] & 1) != 0 ? (size.Height, size.Width) : size;
        if (!property.Is("clap"u8) || property.End - property.Body < 16)
            return size;
        // Width and height are fractions. A crop that is empty or larger than the image is ignored.
        var crop = bytes.At(property.Body, 16);
        return (Cropped(size.Width, crop), Cropped(size.Height, crop[8..]));
    }

    private static UInt128 Area((long Width, long Height) size) => (UInt128)size.Width * (UInt128)size.Height;

    private static long Cropped(long whole, ReadOnlySpan<byte> fraction)
    {
        var (over, under) = (BinaryPrimitives.ReadUInt32BigEndian(fraction), BinaryPrimitives.ReadUInt32BigEndian(fraction[4..]));
        return under != 0 && over / under is > 0 and var part && part <= whole ? part : whole;
    }
}
