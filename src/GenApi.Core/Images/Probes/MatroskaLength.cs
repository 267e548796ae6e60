using System.Buffers.Binary;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Reads the head of WebM and Matroska (RFC 9559) up to the first cluster: the length, and the size of the first video track as displayed.
/// A recording that was streamed states no length.
/// </summary>
internal sealed class MatroskaLength
{
    private const int MostElements = 1000, DeepestNesting = 5;

    private const uint Segment = 0x18538067, Cluster = 0x1F43B675, Info = 0x1549A966, TimestampScale = 0x2AD7B1, Duration = 0x4489,
        Tracks = 0x1654AE6B, TrackEntry = 0xAE, TrackType = 0x83, Video = 0xE0, PixelWidth = 0xB0, PixelHeight = 0xBA,
        CropBottom = 0x54AA, CropTop = 0x54BB, CropLeft = 0x54CC, CropRight = 0x54DD, DisplayWidth = 0x54B0, DisplayHeight = 0x54BA,
        DisplayUnit = 0x54B2, Projection = 0x7670, Roll = 0x7675;

    private const ulong VideoTrack = 1, SoundTrack = 2;

    private readonly ImageBytes _bytes;
    private readonly List<Track> _tracks = [];
    private int _elements;
    private double _units;
    private ulong _scale = 1_000_000;

    private MatroskaLength(ImageBytes bytes) => _bytes = bytes;

    public static FileFacts Measure(ImageBytes bytes, FileFacts facts)
    {
        var movie = new MatroskaLength(bytes);
        movie.Read(0, bytes.Length, 0);
        return movie.Shown(facts);
    }

    private FileFacts Shown(FileFacts facts)
    {
        var video = _tracks.Find(track => track.Type == VideoTrack);
        if (video is null && _tracks.Exists(track => track.Type == SoundTrack))
        {
            facts = facts.ContentType == "video/webm"
                ? new(FileKind.Audio, "audio/webm", ".weba")
                : new(FileKind.Audio, "audio/x-matroska", ".mka");
        }
        facts = facts.Lasting(_units * _scale / 1e9);
        if (video is null)
            return facts;
        var (width, height) = video.Displayed();
        return facts.Sized(width, height);
    }

    /// <returns>False at the first cluster: nothing behind it is needed.</returns>
    private bool Read(long at, long end, int depth)
    {
        while (at < end && _elements++ < MostElements)
        {
            var id = (uint?)Number(ref at, end, mostBytes: 4, keepsMarker: true);
            var size = Number(ref at, end, mostBytes: 8, keepsMarker: false);
            // A size of nothing but ones is unknown, as in a stream: such an element reaches to the end of its parent.
            var elementEnd = size is null || size > (ulong)(end - at) ? end : at + (long)size;
            if (id == Cluster)
                return false;
            if (id == TrackEntry)
                _tracks.Add(new Track());
            if (id is Segment or Info or Tracks or TrackEntry or Video or Projection)
            {
                if (depth < DeepestNesting && !Read(at, elementEnd, depth + 1))
                    return false;
            }
            else if (elementEnd - at is > 0 and <= 8)
                ReadFact(id.GetValueOrDefault(), at, (int)(elementEnd - at));
            at = elementEnd;
        }
        return true;
    }

    private void ReadFact(uint id, long at, int length)
    {
        switch (id)
        {
            case TimestampScale:
                _scale = Whole(at, length);
                break;
            case Duration:
                _units = Float(at, length);
                break;
            case Roll when _tracks is [.., var track]:
                track.Roll = Float(at, length);
                break;
            case TrackType or PixelWidth or PixelHeight or CropBottom or CropTop or CropLeft or CropRight or DisplayWidth or DisplayHeight
                or DisplayUnit when _tracks is [.., var track]:
                track.Set(id, Whole(at, length));
                break;
        }
    }

    /// <summary>Reads a number whose length is written in the zeros before its first one.</summary>
    /// <returns>Null for a size that is unknown.</returns>
    private ulong? Number(ref long at, long end, int mostBytes, bool keepsMarker)
    {
        var first = _bytes.At(at, 1)[0];
        var length = byte.LeadingZeroCount(first) + 1;
        if (length > mostBytes || length > end - at)
            throw ImageFaults.Damaged();
        ulong value = keepsMarker ? first : (byte)(first & (0xFF >> length));
        var rest = _bytes.At(at, length)[1..];
        foreach (var next in rest)
            value = (value << 8) | next;
        at += length;
        return !keepsMarker && value == (1UL << (7 * length)) - 1 ? null : value;
    }

    private ulong Whole(long at, int length)
    {
        ulong value = 0;
        foreach (var next in _bytes.At(at, length))
            value = (value << 8) | next;
        return value;
    }

    private double Float(long at, int length) => length switch
    {
        4 => BinaryPrimitives.ReadSingleBigEndian(_bytes.At(at, 4)),
        8 => BinaryPrimitives.ReadDoubleBigEndian(_bytes.At(at, 8)),
        _ => 0,
    };

    private sealed class Track
    {
        private readonly Dictionary<uint, ulong> _values = [];

        public ulong Type => Of(TrackType);

        /// <summary>In degrees.</summary>
        public double Roll { get; set; }

        public void Set(uint id, ulong value) => _values[id] = value;

        public (long Width, long Height) Displayed()
        {
            // The unit 0 is pixels; the others only say how wide it is for its height.
            var isInPixels = Of(DisplayUnit) == 0;
            var width = isInPixels && Of(DisplayWidth) > 0 ? Of(DisplayWidth) : Cropped(PixelWidth, CropLeft, CropRight);
            var height = isInPixels && Of(DisplayHeight) > 0 ? Of(DisplayHeight) : Cropped(PixelHeight, CropTop, CropBottom);
            if (width > int.MaxValue || height > int.MaxValue)
                return (0, 0);
            return Math.Abs(Roll) is 90 ? ((long)height, (long)width) : ((long)width, (long)height);
        }

        private ulong Of(uint id) => _values.GetValueOrDefault(id);

        private ulong Cropped(uint side, uint before, uint after)
        {
            var cut = Of(before) + Of(after);
            return cut < Of(side) ? Of(side) - cut : Of(side);
        }
    }
}
