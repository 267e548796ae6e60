using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace GenApi.Gallery.Selection;

/// <summary>
/// The structure of a zip archive (APPNOTE 6.3.10) whose entries are stored without compression. All lengths are known before the first
/// byte, so the archive needs no data descriptors, which some readers refuse for stored entries, and its own length is known too. An
/// archive or entry above 4 GiB gets the fields of ZIP64.
/// </summary>
internal sealed class StoredZip
{
    private const uint LocalHeader = 0x04034b50, DirectoryHeader = 0x02014b50, DirectoryEnd = 0x06054b50;
    private const uint LargeDirectoryEnd = 0x06064b50, LargeDirectoryLocator = 0x07064b50;

    /// <summary>The value of a field that stands in the ZIP64 part.</summary>
    private const uint Elsewhere = uint.MaxValue;

    private const int LocalHeaderBytes = 30, DirectoryHeaderBytes = 46, EndBytes = 22, LargeEndBytes = 56, LocatorBytes = 20;
    private const int TimeBytes = 9, LargeHeadBytes = 4, LargeFieldBytes = 8;

    private const ushort Version = 20, LargeVersion = 45, NamesAreUtf8 = 1 << 11, Stored = 0;
    private const ushort LargeField = 0x0001, TimeField = 0x5455;

    /// <summary>Made on Unix, so that the permissions count; a reader on another system ignores them.</summary>
    private const ushort Unix = 3 << 8;

    /// <summary>A regular file, readable by all and writable by its owner.</summary>
    private const uint Permissions = 0x81A4u << 16;

    private readonly List<Entry> _entries = [];

    /// <summary>The length of the files with their headers, in bytes: where the directory begins.</summary>
    private long _filesLength;

    /// <summary>The length of the whole archive, in bytes.</summary>
    public long Length => _filesLength + DirectoryLength + (IsLarge ? LargeEndBytes + LocatorBytes : 0) + EndBytes;

    private long DirectoryLength => _entries.Sum(entry => (long)entry.DirectoryBytes);

    private bool IsLarge => _filesLength >= Elsewhere || DirectoryLength >= Elsewhere || _entries.Count >= ushort.MaxValue;

    /// <summary>Adds a file. Its bytes must follow those of the file before it.</summary>
    /// <param name="name">A relative path, unique in the archive.</param>
    /// <param name="length">Of the file, in bytes.</param>
    /// <param name="modifiedAt">Shown by readers.</param>
    public Entry Add(string name, long length, DateTimeOffset modifiedAt)
    {
        var entry = new Entry(Encoding.UTF8.GetBytes(name), length, _filesLength, modifiedAt);
        _entries.Add(entry);
        _filesLength += entry.LocalBytes + length;
        return entry;
    }

    /// <summary>Writes what stands before the bytes of a file, whose checksum must be set.</summary>
    public static void WriteHeader(IBufferWriter<byte> to, Entry entry)
    {
        var fields = new Fields(to.GetSpan(entry.LocalBytes));
        fields.Write32(LocalHeader);
        WriteFacts(ref fields, entry, entry.IsLarge ? LargeVersion : Version);
        fields.Write16((ushort)(entry.LocalBytes - LocalHeaderBytes - entry.Name.Length));
        fields.Write(entry.Name);
        WriteTime(ref fields, entry);
        if (entry.IsLarge)
            WriteLargeFields(ref fields, [entry.Length, entry.Length]);
        to.Advance(entry.LocalBytes);
    }

    /// <summary>Writes the directory, the end of the archive. The checksums of all files must be set.</summary>
    public void WriteDirectory(IBufferWriter<byte> to)
    {
        foreach (var entry in _entries)
            WriteDirectoryHeader(to, entry);
        if (IsLarge)
            WriteLargeEnd(to);
        var fields = new Fields(to.GetSpan(EndBytes));
        var count = (ushort)Math.Min(_entries.Count, ushort.MaxValue);
        fields.Write32(DirectoryEnd);
        fields.Write32(0);
        fields.Write16(count);
        fields.Write16(count);
        fields.Write32(Bounded(DirectoryLength));
        fields.Write32(Bounded(_filesLength));
        fields.Write16(0);
        to.Advance(EndBytes);
    }

    private static void WriteDirectoryHeader(IBufferWriter<byte> to, Entry entry)
    {
        var fields = new Fields(to.GetSpan(entry.DirectoryBytes));
        fields.Write32(DirectoryHeader);
        var version = entry.IsLarge || entry.IsFar ? LargeVersion : Version;
        fields.Write16((ushort)(Unix | version));
        WriteFacts(ref fields, entry, version);
        fields.Write16((ushort)(entry.DirectoryBytes - DirectoryHeaderBytes - entry.Name.Length));
        fields.Write16(0);
        fields.Write16(0);
        fields.Write16(0);
        fields.Write32(Permissions);
        fields.Write32(Bounded(entry.Offset));
        fields.Write(entry.Name);
        WriteTime(ref fields, entry);
        if (entry.IsLarge)
            WriteLargeFields(ref fields, entry.IsFar ? [entry.Length, entry.Length, entry.Offset] : [entry.Length, entry.Length]);
        else if (entry.IsFar)
            WriteLargeFields(ref fields, [entry.Offset]);
        to.Advance(entry.DirectoryBytes);
    }

    private void WriteLargeEnd(IBufferWriter<byte> to)
    {
        var fields = new Fields(to.GetSpan(LargeEndBytes + LocatorBytes));
        fields.Write32(LargeDirectoryEnd);
        fields.Write64(LargeEndBytes - 12);
        fields.Write16((ushort)(Unix | LargeVersion));
        fields.Write16(LargeVersion);
        fields.Write64(0);
        fields.Write64(_entries.Count);
        fields.Write64(_entries.Count);
        fields.Write64(DirectoryLength);
        fields.Write64(_filesLength);
        fields.Write32(LargeDirectoryLocator);
        fields.Write32(0);
        fields.Write64(_filesLength + DirectoryLength);
        fields.Write32(1);
        to.Advance(LargeEndBytes + LocatorBytes);
    }

    /// <summary>Writes what the header of a file and its line in the directory have in common, to the length of the name.</summary>
    private static void WriteFacts(ref Fields fields, Entry entry, ushort version)
    {
        fields.Write16(version);
        fields.Write16(NamesAreUtf8);
        fields.Write16(Stored);
        fields.Write32(DosTime(entry.ModifiedAt));
        fields.Write32(entry.Crc32);
        fields.Write32(Bounded(entry.Length));
        fields.Write32(Bounded(entry.Length));
        fields.Write16((ushort)entry.Name.Length);
    }

    /// <summary>Writes the time in UTC: the one of DOS is in the time zone of its reader.</summary>
    private static void WriteTime(ref Fields fields, Entry entry)
    {
        fields.Write16(TimeField);
        fields.Write16(TimeBytes - 4);
        fields.Write8(1);
        fields.Write32((uint)Math.Clamp(entry.ModifiedAt.ToUnixTimeSeconds(), 0, int.MaxValue));
    }

    private static void WriteLargeFields(ref Fields fields, scoped ReadOnlySpan<long> values)
    {
        fields.Write16(LargeField);
        fields.Write16((ushort)(values.Length * LargeFieldBytes));
        foreach (var value in values)
            fields.Write64(value);
    }

    private static uint Bounded(long value) => (uint)Math.Min(value, Elsewhere);

    /// <summary>Date and time of DOS: from 1980, in steps of two seconds.</summary>
    private static uint DosTime(DateTimeOffset at)
    {
        var utc = at.UtcDateTime;
        if (utc.Year is < 1980 or > 2107)
            return (1 << 21) | (1 << 16);
        return ((uint)(utc.Year - 1980) << 25) | ((uint)utc.Month << 21) | ((uint)utc.Day << 16)
            | ((uint)utc.Hour << 11) | ((uint)utc.Minute << 5) | (uint)(utc.Second / 2);
    }

    /// <summary>A file of the archive.</summary>
    /// <param name="name">As UTF-8.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="offset">Where its header begins.</param>
    /// <param name="modifiedAt">Shown by readers.</param>
    internal sealed class Entry(byte[] name, long length, long offset, DateTimeOffset modifiedAt)
    {
        public byte[] Name => name;

        public long Length => length;

        public long Offset => offset;

        public DateTimeOffset ModifiedAt => modifiedAt;

        /// <summary>The CRC-32 of its bytes.</summary>
        public uint Crc32 { get; set; }

        /// <summary>True if its length needs more than 32 bits.</summary>
        public bool IsLarge => length >= Elsewhere;

        /// <summary>True if its place needs more than 32 bits.</summary>
        public bool IsFar => offset >= Elsewhere;

        public int LocalBytes => LocalHeaderBytes + name.Length + TimeBytes + (IsLarge ? LargeHeadBytes + (2 * LargeFieldBytes) : 0);

        public int DirectoryBytes => DirectoryHeaderBytes + name.Length + TimeBytes
            + (IsLarge || IsFar ? LargeHeadBytes + ((IsLarge ? 2 * LargeFieldBytes : 0) + (IsFar ? LargeFieldBytes : 0)) : 0);
    }

    private ref struct Fields(Span<byte> to)
    {
        private readonly Span<byte> _to = to;
        private int _at;

        public void Write8(byte value) => _to[_at++] = value;

        public void Write16(ushort value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_to[_at..], value);
            _at += sizeof(ushort);
        }

        public void Write32(uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_to[_at..], value);
            _at += sizeof(uint);
        }

        public void Write64(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_to[_at..], value);
            _at += sizeof(long);
        }

        public void Write(scoped ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_to[_at..]);
            _at += bytes.Length;
        }
    }
}
