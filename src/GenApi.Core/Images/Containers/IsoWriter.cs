using System.Buffers;
using System.Text;
using GenApi.Core.Errors;
using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Containers;

/// <summary>
/// Writes an AVIF with other metadata. The new data goes to the end of the file and the box <c>meta</c> grows, so every address of the file
/// is moved along: those of the items and, in an animation, those of the frames. The bytes of the pixels stay as they are.
/// </summary>
internal sealed class IsoWriter
{
    private const int HeaderLength = 8, MostIds = ushort.MaxValue;

    // The way from the file to the addresses of an animation's frames.
    private static readonly string[] WayToFrames = ["trak", "mdia", "minf", "stbl"];

    private readonly IsoItems _old;
    private readonly List<(IsoItem Item, byte[] Data)> _changed = [];
    private readonly List<IsoItem> _added = [];
    private readonly List<(IsoBox Box, byte[] Bytes, long Start)> _layout = [];

    private IsoWriter(IsoItems old) => _old = old;

    /// <param name="old">The file.</param>
    /// <param name="exif">A TIFF structure, without <c>Exif\0\0</c> before it; null: the file keeps what it has.</param>
    /// <param name="xmp">An XMP packet; null: the file keeps what it has.</param>
    /// <param name="isDropped">Which boxes of the file are left out.</param>
    /// <exception cref="GenApiException"><see cref="ErrorKind.ImageNotConvertible"/>: the file is damaged, or its addresses can't be moved.</exception>
    public static byte[] Write(IsoItems old, byte[]? exif, byte[]? xmp, Predicate<IsoBox> isDropped)
    {
        if (old.Top.Find("moof") is not null)
            throw ContainerFaults.Unsupported(IsoBoxes.Format, "it is an animation in fragments");
        if (old.Primary == 0)
            throw ContainerFaults.Damaged(IsoBoxes.Format);
        var writer = new IsoWriter(old);
        if (exif is not null)
        {
            // Four bytes say how far into the data the structure begins.
            writer.Set(IsoItem.ExifType, "", [0, 0, 0, 0, .. exif]);
        }
        if (xmp is not null)
            writer.Set(IsoItem.MimeType, IsoItem.XmpContentType, xmp);
        return writer.Write(isDropped);
    }

    private void Set(string type, string contentType, byte[] data)
    {
        var item = _old.Items.FirstOrDefault(each => each.Type == type && each.ContentType == contentType);
        if (item is null)
        {
            var ids = _old.Items.Select(each => each.Id).Concat(_old.Locations.Select(each => each.Id))
                .Concat(_added.Select(each => each.Id)).Append(_old.Primary);
            var id = ids.Max() + 1UL;
            if (id > MostIds)
                throw ContainerFaults.Unsupported(IsoBoxes.Format, "no number is left for a further item");
            _added.Add(item = new IsoItem((uint)id, type, contentType));
        }
        _changed.Add((item, data));
    }

    private byte[] Write(Predicate<IsoBox> isDropped)
    {
        // The length of the addresses does not depend on their values.
        var meta = Meta(Locations(start => start, 0));
        var length = 0L;
        foreach (var box in _old.Top.Where(box => !isDropped(box)))
        {
            var bytes = box.Start == _old.Meta.Start ? meta : Sized(box);
            _layout.Add((box, bytes, length));
            length += bytes.Length;
        }
        var added = _changed.Sum(change => (long)change.Data.Length);
        if (length + HeaderLength + added > Array.MaxLength)
            throw ContainerFaults.Unsupported(IsoBoxes.Format, "the file is too large");
        meta = Meta(Locations(Moved, length + HeaderLength));

        var output = new ArrayBufferWriter<byte>((int)(length + HeaderLength + added));
        foreach (var (box, bytes, _) in _layout)
        {
            if (box.Type == "moov")
                MoveFrames(bytes, bytes.Length - box.Data.Length, bytes.Length, 0);
            output.Write(box.Start == _old.Meta.Start ? meta : bytes);
        }
        output.Write(IsoBoxes.Make("mdat", [.. _changed.SelectMany(change => change.Data)]));
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Returns a copy of a box that states its size: the last one of a file may leave it out.</summary>
    private static byte[] Sized(IsoBox box)
    {
        var copy = box.Raw.ToArray();
        if (ReadUInt32BigEndian(copy) == 0)
            WriteInt32BigEndian(copy, copy.Length);
        return copy;
    }

    /// <summary>Returns where a byte of the old file is in the new one.</summary>
    private ulong Moved(ulong address)
    {
        foreach (var (box, _, start) in _layout)
        {
            if (address >= (ulong)box.Start && address < (ulong)box.End)
            {
                return box.Start == _old.Meta.Start
                    ? throw ContainerFaults.Unsupported(IsoBoxes.Format, "it has pixels between its metadata")
                    : address - (ulong)box.Start + (ulong)start;
            }
        }
        throw ContainerFaults.Damaged(IsoBoxes.Format);
    }

    /// <summary>Writes the box that lists where the data of all items is.</summary>
    /// <param name="moved">Returns the new address of an old one.</param>
    /// <param name="end">Where the changed data begins.</param>
    private byte[] Locations(Func<ulong, ulong> moved, long end)
    {
        var locations = _old.Locations.Where(each => _changed.TrueForAll(change => change.Item.Id != each.Id))
            .Select(each => each is { Method: 0, Source: 0 }
                ? each with { Extents = [.. each.Extents.Select(extent => extent with { Offset = moved(extent.Offset) })] }
                : each)
            .ToList();
        foreach (var (item, data) in _changed)
        {
            locations.Add(new IsoLocation(item.Id, 0, 0, [new IsoExtent(0, (ulong)end, (ulong)data.Length)]));
            end += data.Length;
        }
        var isLong = locations.Count > MostIds || locations.Exists(each => each.Id > MostIds);
        var index = locations.Exists(each => each.Extents.Any(extent => extent.Index > 0)) ? 4 : 0;
        var version = isLong ? 2 : index > 0 || locations.Exists(each => each.Method > 0) ? 1 : 0;
        var output = new Output();
        output.Number((uint)version << 24, 4);
        // The widths of addresses, lengths, common addresses and indexes.
        output.Number(0x4400u | (uint)index, 2);
        output.Number((ulong)locations.Count, isLong ? 4 : 2);
        foreach (var (id, method, source, extents) in locations)
        {
            output.Number(id, isLong ? 4 : 2);
            if (version > 0)
                output.Number(method, 2);
            output.Number(source, 2);
            output.Number((ulong)extents.Count, 2);
            foreach (var extent in extents)
            {
                output.Number(extent.Index, index);
                output.Number(extent.Offset, 4);
                output.Number(extent.Length, 4);
            }
        }
        return IsoBoxes.Make("iloc", output.Bytes);
    }

    private byte[] Meta(byte[] locations)
    {
        var parts = new Output();
        parts.Write(_old.Meta.Data.Span[..4]);
        var (hasItems, hasLocations, hasReferences) = (false, false, _added.Count == 0);
        foreach (var part in _old.Parts)
        {
            switch (part.Type)
            {
                case "iloc" when !hasLocations:
                    parts.Write(locations);
                    hasLocations = true;
                    break;
                case "iinf" when !hasItems:
                    parts.Write(Items(part.Data.Span));
                    hasItems = true;
                    break;
                case "iref" when !hasReferences:
                    parts.Write(References(part.Data.Span));
                    hasReferences = true;
                    break;
                default:
                    parts.Write(Sized(part));
                    break;
            }
        }
        if (!hasItems || !hasLocations)
            throw ContainerFaults.Damaged(IsoBoxes.Format);
        if (!hasReferences)
            parts.Write(References([0, 0, 0, 0]));
        return IsoBoxes.Make("meta", parts.Bytes);
    }

    private byte[] Items(ReadOnlySpan<byte> data)
    {
        var numbers = new IsoNumbers(data);
        var version = numbers.UInt32();
        var width = version >> 24 > 0 ? 4 : 2;
        var count = numbers.Next(width) + (ulong)_added.Count;
        if (width == 2 && count > MostIds)
            throw ContainerFaults.Unsupported(IsoBoxes.Format, "it has too many items");
        var output = new Output();
        output.Number(version, 4);
        output.Number(count, width);
        output.Write(numbers.Rest);
        foreach (var item in _added)
        {
            var entry = new Output();
            entry.Number(0x0200_0000, 4);
            entry.Number(item.Id, 2);
            entry.Number(0, 2);
            // The type, an empty name and, for a media type, that.
            var isTyped = item.ContentType.Length > 0;
            entry.Write(Encoding.Latin1.GetBytes(isTyped ? $"{item.Type}\0{item.ContentType}\0" : $"{item.Type}\0"));
            output.Write(IsoBoxes.Make("infe", entry.Bytes));
        }
        return IsoBoxes.Make("iinf", output.Bytes);
    }

    /// <summary>Adds to the references that each new item describes the primary image.</summary>
    private byte[] References(ReadOnlySpan<byte> data)
    {
        var width = new IsoNumbers(data).UInt32() >> 24 > 0 ? 4 : 2;
        if (width == 2 && _old.Primary > MostIds)
            throw ContainerFaults.Unsupported(IsoBoxes.Format, "its references are too short for its items");
        var output = new Output();
        output.Write(data);
        foreach (var item in _added)
        {
            var reference = new Output();
            reference.Number(item.Id, width);
            reference.Number(1, 2);
            reference.Number(_old.Primary, width);
            output.Write(IsoBoxes.Make("cdsc", reference.Bytes));
        }
        return IsoBoxes.Make("iref", output.Bytes);
    }

    /// <summary>Moves the addresses of an animation's frames, in place.</summary>
    private void MoveFrames(byte[] bytes, int start, int end, int depth)
    {
        foreach (var box in IsoBoxes.Read(bytes.AsMemory(start, end - start)))
        {
            var (data, stop) = (start + box.End - box.Data.Length, start + box.End);
            if (depth < WayToFrames.Length)
            {
                if (box.Type == WayToFrames[depth])
                    MoveFrames(bytes, data, stop, depth + 1);
                continue;
            }
            if (box.Type is not ("stco" or "co64"))
                continue;
            var width = box.Type == "stco" ? 4 : 8;
            var numbers = new IsoNumbers(box.Data.Span);
            numbers.UInt32();
            var count = numbers.UInt32();
            if (count > (uint)numbers.Rest.Length / width)
                throw ContainerFaults.Damaged(IsoBoxes.Format);
            for (var each = 0; each < count; each++)
            {
                var target = bytes.AsSpan(data + 8 + each * width, width);
                var address = Moved(numbers.Next(width));
                if (width == 8)
                    WriteUInt64BigEndian(target, address);
                else
                    WriteUInt32BigEndian(target, (uint)address);
            }
        }
    }

    /// <summary>Collects numbers of any width and bytes.</summary>
    private sealed class Output
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

        public void Write(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

        /// <exception cref="GenApiException">The number does not fit; only addresses outside the file are so large.</exception>
        public void Number(ulong value, int width)
        {
            if (width < 8 && value >> (8 * width) != 0)
                throw ContainerFaults.Damaged(IsoBoxes.Format);
            Span<byte> big = stackalloc byte[8];
            WriteUInt64BigEndian(big, value);
            _bytes.Write(big[(8 - width)..]);
        }
    }
}
