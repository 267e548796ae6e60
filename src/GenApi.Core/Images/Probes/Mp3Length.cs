using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Reads the length of MP3 from the number of frames that the first frame states (Xing, Info, VBRI). Without that, the length follows from
/// the size if the first frames all have one bit rate.
/// </summary>
internal static class Mp3Length
{
    /// <summary>Some writers leave zeros between the tag and the first frame.</summary>
    private const int MostPadding = 4096;

    private const int MostFrames = 100, VbriAt = 4 + 32, EndTag = 128;

    public static FileFacts Measure(ImageBytes bytes, FileFacts facts)
    {
        if (FirstFrame(bytes) is not (var at, var frame))
            return facts;
        var count = FrameCount(bytes, at, frame);
        if (count > 0)
            return facts.Lasting(count * (double)frame.Samples / frame.SampleRate);
        if (!HasOneRate(bytes, at, frame.BitRate))
            return facts;
        var end = bytes.Length - (bytes.Length >= EndTag && bytes.StartsWith("TAG"u8, bytes.Length - EndTag) ? EndTag : 0);
        return facts.Lasting((end - at) / (frame.BitRate * 125d));
    }

    private static (long At, MpegFrame Frame)? FirstFrame(ImageBytes bytes)
    {
        var start = Id3Tag.EndOf(bytes);
        var end = Math.Min(start + MostPadding, bytes.Length - MpegFrame.HeadLength);
        for (var at = start; at <= end; at++)
        {
            if (FrameAt(bytes, at) is not { } frame)
                continue;
            var next = at + frame.Length;
            if (next > bytes.Length - MpegFrame.HeadLength || FrameAt(bytes, next) is not null)
                return (at, frame);
        }
        return null;
    }

    private static uint FrameCount(ImageBytes bytes, long at, MpegFrame frame)
    {
        var xing = at + frame.XingAt;
        if (bytes.StartsWith("Xing"u8, xing) || bytes.StartsWith("Info"u8, xing))
        {
            var head = bytes.At(xing, 12);
            return (head[7] & 1) != 0 ? ReadUInt32BigEndian(head[8..]) : 0;
        }
        return bytes.StartsWith("VBRI"u8, at + VbriAt) ? ReadUInt32BigEndian(bytes.At(at + VbriAt + 14, 4)) : 0;
    }

    private static bool HasOneRate(ImageBytes bytes, long at, int bitRate)
    {
        for (var count = 0; count < MostFrames && at <= bytes.Length - MpegFrame.HeadLength; count++)
        {
            if (FrameAt(bytes, at) is not { } frame)
                return count > 1;
            if (frame.BitRate != bitRate)
                return false;
            at += frame.Length;
        }
        return true;
    }

    private static MpegFrame? FrameAt(ImageBytes bytes, long at) =>
        MpegFrame.Find(bytes.At(at, MpegFrame.HeadLength)) is { IsAac: false } frame ? frame : null;
}
