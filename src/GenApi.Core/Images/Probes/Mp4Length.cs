using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Reads the movie header of MP4 and QuickTime (ISO/IEC 14496-12), wherever in the file it stands: the length, and the size of the first
/// video track as displayed, rotated by its matrix.
/// </summary>
internal sealed class Mp4Length
{
    /// <summary>Each costs at most one read of 64 kB.</summary>
    private const int MostBoxes = 500;

    private const int DeepestNesting = 5;

    private readonly ImageBytes _bytes;
    private readonly List<Track> _tracks = [];
    private int _boxes;
    private double _seconds, _fragmentUnits;
    private uint _timescale;

    private Mp4Length(ImageBytes bytes) => _bytes = bytes;

    public static FileFacts Measure(ImageBytes bytes, FileFacts facts)
    {
        var movie = new Mp4Length(bytes);
        movie.Read(0, bytes.Length, 0);
        return movie.Shown(facts);
    }

    private FileFacts Shown(FileFacts facts)
    {
        var videos = _tracks.Where(track => track.IsVideo).ToList();
        // An MP4 names its content only by its tracks; M4A is a mere custom.
        if (videos.Count == 0 && facts.ContentType == "video/mp4" && _tracks.Exists(track => track.IsSound))
            facts = new(FileKind.Audio, "audio/mp4", ".m4a");
        var seconds = _seconds > 0 ? _seconds : _fragmentUnits / _timescale;
        if (!(seconds > 0))
            seconds = _tracks.Select(track => track.Seconds).DefaultIfEmpty().Max();
        facts = facts.Lasting(seconds);
        return (videos.Find(track => track.IsEnabled) ?? videos.FirstOrDefault()) is { } video && facts.Kind == FileKind.Video
            ? video.IsTurned ? facts.Sized(video.Height, video.Width) : facts.Sized(video.Width, video.Height)
            : facts;
    }

    private void Read(long at, long end, int depth)
    {
        while (at < end && _boxes++ < MostBoxes)
        {
            var box = IsoBox.Read(_bytes, at, end);
            if (box.Is("trak"u8))
                _tracks.Add(new Track());
            if (box.Is("moov"u8) || box.Is("trak"u8) || box.Is("mdia"u8) || box.Is("minf"u8) || box.Is("stbl"u8) || box.Is("mvex"u8))
            {
                if (depth < DeepestNesting)
                    Read(box.Body, box.End, depth + 1);
                // Nothing else at the top level is needed.
                if (box.Is("moov"u8))
                    return;
            }
            else
                ReadFacts(box);
            at = box.End;
        }
    }

    private void ReadFacts(IsoBox box)
    {
        if (box.Is("mvhd"u8))
            (_timescale, _seconds) = Length(box, 12, 20);
        else if (box.Is("mehd"u8))
            _fragmentUnits = IsLong(box) ? ReadUInt64BigEndian(At(box, 4, 8)) : ReadUInt32BigEndian(At(box, 4, 4));
        else if (_tracks is [.., var track])
            ReadTrack(box, track);
    }

    private void ReadTrack(IsoBox box, Track track)
    {
        if (box.Is("tkhd"u8))
            ReadTrackHeader(box, track);
        else if (box.Is("mdhd"u8))
            track.Seconds = Length(box, 12, 20).Seconds;
        else if (box.Is("hdlr"u8) && !track.IsVideo && !track.IsSound)
            (track.IsVideo, track.IsSound) = (At(box, 8, 4).SequenceEqual("vide"u8), At(box, 8, 4).SequenceEqual("soun"u8));
        // The first description of samples has the size before any scaling, for a track header that is silent.
        else if (box.Is("stsd"u8) && track is { IsVideo: true, Width: 0 } && box.End - box.Body >= 44)
            (track.Width, track.Height) = (ReadUInt16BigEndian(At(box, 40, 2)), ReadUInt16BigEndian(At(box, 42, 2)));
    }

    private void ReadTrackHeader(IsoBox box, Track track)
    {
        var matrix = IsLong(box) ? 52 : 40;
        track.IsEnabled = (At(box, 3, 1)[0] & 1) != 0;
        var sides = At(box, matrix, 44);
        var (a, b) = (ReadInt32BigEndian(sides), ReadInt32BigEndian(sides[4..]));
        var (c, d) = (ReadInt32BigEndian(sides[12..]), ReadInt32BigEndian(sides[16..]));
        track.IsTurned = a == 0 && d == 0 && b != 0 && c != 0;
        // In sixteenths of sixteen bits: the upper half is the whole pixels.
        (track.Width, track.Height) = (ReadUInt16BigEndian(sides[36..]), ReadUInt16BigEndian(sides[40..]));
    }

    private (uint Scale, double Seconds) Length(IsoBox box, int shortAt, int longAt)
    {
        var scale = ReadUInt32BigEndian(At(box, IsLong(box) ? longAt : shortAt, 4));
        var units = IsLong(box) ? ReadUInt64BigEndian(At(box, longAt + 4, 8)) : ReadUInt32BigEndian(At(box, shortAt + 4, 4));
        // Nothing but ones is an unknown length.
        return (scale, units == (IsLong(box) ? ulong.MaxValue : uint.MaxValue) ? 0 : (double)units / scale);
    }

    private bool IsLong(IsoBox box) => At(box, 0, 1)[0] == 1;

    private ReadOnlySpan<byte> At(IsoBox box, int offset, int count) =>
        box.End - box.Body >= offset + count ? _bytes.At(box.Body + offset, count) : throw ImageFaults.Damaged();

    private sealed class Track
    {
        public bool IsVideo { get; set; }

        public bool IsSound { get; set; }

        public bool IsEnabled { get; set; }

        public bool IsTurned { get; set; }

        public int Width { get; set; }

        public int Height { get; set; }

        public double Seconds { get; set; }
    }
}
