using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace GenApi.Core.Images.Containers;

/// <summary>A value of an Exif directory.</summary>
/// <param name="Tag">Its number, such as <see cref="ExifTags.Orientation"/>.</param>
/// <param name="Type">1 byte, 2 ASCII, 3 short, 4 long, 5 rational, 7 undefined, and so on.</param>
/// <param name="Count">The number of values, not of bytes.</param>
/// <param name="Value">The bytes, in the byte order of the block.</param>
public sealed record ExifEntry(ushort Tag, ushort Type, int Count, ReadOnlyMemory<byte> Value)
{
    /// <summary>Makes a text in ASCII, with the NUL that ends it.</summary>
    public static ExifEntry Ascii(ushort tag, string text)
    {
        byte[] value = [.. Encoding.ASCII.GetBytes(text), 0];
        return new ExifEntry(tag, 2, value.Length, value);
    }

    /// <summary>Makes bytes that only the tag explains.</summary>
    public static ExifEntry Undefined(ushort tag, byte[] value) => new(tag, 7, value.Length, value);
}

/// <summary>The tags that are used here.</summary>
public static class ExifTags
{
    public const ushort Orientation = 0x0112, UserComment = 0x9286, Make = 0x010F, Model = 0x0110, MakerNote = 0x927C;

    internal const ushort ExifDirectory = 0x8769, GpsDirectory = 0x8825, InteroperabilityDirectory = 0xA005;
}

/// <summary>
/// An Exif block: a TIFF structure with a main directory and those of Exif and GPS. The directory of the thumbnail and the one for
/// interoperability are not read.
/// </summary>
public sealed class ExifBlock
{
    // Real directories have some dozens.
    private const int MostEntries = 1000, EntryLength = 12, LongestInline = 4;

    // By type, from 1 on. Unknown types have no length.
    private static readonly int[] Sizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

    /// <summary>Says whether numbers in the block are big-endian (<c>MM</c>).</summary>
    public bool IsBigEndian { get; init; } = true;

    /// <summary>The entries of the main directory (IFD0), without the addresses of the others.</summary>
    public IReadOnlyList<ExifEntry> Main { get; init; } = [];

    /// <summary>The entries of the Exif directory.</summary>
    public IReadOnlyList<ExifEntry> Exif { get; init; } = [];

    /// <summary>The entries of the GPS directory.</summary>
    public IReadOnlyList<ExifEntry> Gps { get; init; } = [];

    /// <summary>Reads a block; entries that lie outside it are skipped.</summary>
    /// <param name="block">The TIFF structure, with or without the six bytes <c>Exif\0\0</c> before it.</param>
    /// <returns>Null if it is no TIFF structure.</returns>
    public static ExifBlock? Read(ReadOnlyMemory<byte> block)
    {
        if (block.Span.StartsWith(JpegSegment.ExifPrefix))
            block = block[JpegSegment.ExifPrefix.Length..];
        var isBig = block.Span.StartsWith("MM\0*"u8);
        if (block.Length < 8 || (!isBig && !block.Span.StartsWith("II*\0"u8)))
            return null;
        var reader = new Reader(block, isBig);
        var main = reader.Directory(reader.UInt32(4));
        return new ExifBlock
        {
            IsBigEndian = isBig,
            Main = [.. main.Where(entry => entry.Tag is not (ExifTags.ExifDirectory or ExifTags.GpsDirectory))],
            Exif = [.. reader.Directory(main, ExifTags.ExifDirectory).Where(entry => entry.Tag != ExifTags.InteroperabilityDirectory)],
            Gps = reader.Directory(main, ExifTags.GpsDirectory),
        };
    }

    /// <summary>Returns the block with this entry in its Exif directory, instead of one with the same tag.</summary>
    public ExifBlock WithExif(ExifEntry entry) => new()
    {
        IsBigEndian = IsBigEndian,
        Main = Main,
        Exif = [.. Exif.Where(each => each.Tag != entry.Tag), entry],
        Gps = Gps,
    };

    /// <summary>Returns a block with nothing but the orientation.</summary>
    public ExifBlock OrientationOnly() => new()
    {
        IsBigEndian = IsBigEndian,
        Main = [.. Main.Where(entry => entry.Tag == ExifTags.Orientation)],
    };

    /// <summary>Writes the TIFF structure, without <c>Exif\0\0</c> before it.</summary>
    public byte[] Write()
    {
        var writer = new Writer(IsBigEndian);
        writer.Structure(Main, (ExifTags.ExifDirectory, Exif), (ExifTags.GpsDirectory, Gps));
        return writer.ToArray();
    }

    private readonly struct Reader(ReadOnlyMemory<byte> block, bool isBig)
    {
        public uint UInt32(int at) => isBig
            ? BinaryPrimitives.ReadUInt32BigEndian(block.Span[at..])
            : BinaryPrimitives.ReadUInt32LittleEndian(block.Span[at..]);

        /// <summary>Reads the directory whose address an entry holds; empty if there is none.</summary>
        public List<ExifEntry> Directory(IReadOnlyList<ExifEntry> main, ushort tag) =>
            main.FirstOrDefault(entry => entry.Tag == tag) is { Type: 4, Count: 1 } address
                ? Directory(isBig
                    ? BinaryPrimitives.ReadUInt32BigEndian(address.Value.Span)
                    : BinaryPrimitives.ReadUInt32LittleEndian(address.Value.Span))
                : [];

        public List<ExifEntry> Directory(long at)
        {
            if (at < 8 || block.Length - at < 2)
                return [];
            var entries = new List<ExifEntry>();
            var count = Math.Min((int)UInt16((int)at), MostEntries);
            // Values do not overlap, so together they are never longer than the block.
            var room = (long)block.Length;
            for (at += 2; count > 0 && block.Length - at >= EntryLength; count--, at += EntryLength)
            {
                var (tag, type, values) = (UInt16((int)at), UInt16((int)at + 2), UInt32((int)at + 4));
                var length = type < Sizes.Length ? (long)values * Sizes[type] : 0;
                var start = length <= LongestInline ? at + 8 : UInt32((int)at + 8);
                if (length == 0 || start > block.Length - length || (room -= length) < 0)
                    continue;
                entries.Add(new ExifEntry(tag, type, (int)values, block.Slice((int)start, (int)length)));
            }
            return entries;
        }

        private ushort UInt16(int at) => isBig
            ? BinaryPrimitives.ReadUInt16BigEndian(block.Span[at..])
            : BinaryPrimitives.ReadUInt16LittleEndian(block.Span[at..]);
    }

    private sealed class Writer(bool isBig)
    {
        private readonly ArrayBufferWriter<byte> _output = new();

        public byte[] ToArray() => _output.WrittenSpan.ToArray();

        /// <summary>Writes the header, the main directory and the others behind it.</summary>
        public void Structure(IReadOnlyList<ExifEntry> main, params (ushort Tag, IReadOnlyList<ExifEntry> Entries)[] others)
        {
            _output.Write(isBig ? "MM\0*"u8 : "II*\0"u8);
            UInt32(8);
            var used = others.Where(other => other.Entries.Count > 0).ToList();
            // The addresses have a fixed length, so the length of the main directory is known before they are.
            var next = 8 + Length([.. main, .. used.Select(other => Address(other.Tag, 0))]);
            var addresses = new List<ExifEntry>();
            foreach (var (tag, entries) in used)
            {
                addresses.Add(Address(tag, next));
                next += Length(entries);
            }
            Directory([.. main, .. addresses]);
            foreach (var (_, entries) in used)
                Directory(entries);
        }

        private void Directory(IReadOnlyList<ExifEntry> entries)
        {
            // Readers may search by tag, so the order is part of the format.
            var sorted = entries.OrderBy(entry => entry.Tag).ToList();
            var values = _output.WrittenCount + 2 + sorted.Count * EntryLength + 4;
            UInt16((ushort)sorted.Count);
            foreach (var entry in sorted)
            {
                UInt16(entry.Tag);
                UInt16(entry.Type);
                UInt32((uint)entry.Count);
                if (entry.Value.Length > LongestInline)
                {
                    UInt32((uint)values);
                    values += Even(entry.Value.Length);
                    continue;
                }
                _output.Write(entry.Value.Span);
                Zeros(LongestInline - entry.Value.Length);
            }
            // There is no further directory.
            UInt32(0);
            foreach (var entry in sorted.Where(entry => entry.Value.Length > LongestInline))
            {
                _output.Write(entry.Value.Span);
                Zeros(Even(entry.Value.Length) - entry.Value.Length);
            }
        }

        private ExifEntry Address(ushort tag, int to)
        {
            var value = new byte[4];
            if (isBig)
                BinaryPrimitives.WriteInt32BigEndian(value, to);
            else
                BinaryPrimitives.WriteInt32LittleEndian(value, to);
            return new ExifEntry(tag, 4, 1, value);
        }

        private static int Length(IReadOnlyList<ExifEntry> entries) => 2 + entries.Count * EntryLength + 4
            + entries.Where(entry => entry.Value.Length > LongestInline).Sum(entry => Even(entry.Value.Length));

        // Values begin at even offsets.
        private static int Even(int length) => length + (length & 1);

        private void Zeros(int count)
        {
            _output.GetSpan(Math.Max(count, 1))[..count].Clear();
            _output.Advance(count);
        }

        private void UInt16(ushort value)
        {
            var target = _output.GetSpan(2);
            if (isBig)
                BinaryPrimitives.WriteUInt16BigEndian(target, value);
            else
                BinaryPrimitives.WriteUInt16LittleEndian(target, value);
            _output.Advance(2);
        }

        private void UInt32(uint value)
        {
            var target = _output.GetSpan(4);
            if (isBig)
                BinaryPrimitives.WriteUInt32BigEndian(target, value);
            else
                BinaryPrimitives.WriteUInt32LittleEndian(target, value);
            _output.Advance(4);
        }
    }
}
