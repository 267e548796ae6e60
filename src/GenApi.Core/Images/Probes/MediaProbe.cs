using System.Buffers.Binary;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Recognises files other than images by their magic, which is long enough that no error page has it by chance, and has videos and sounds
/// measured.
/// </summary>
internal static class MediaProbe
{
    private static readonly (int At, byte[] Magic, FileFacts Facts)[] Known =
    [
        (4, [.. "ftypqt  "u8], new(FileKind.Video, "video/quicktime", ".mov")),
        (4, [.. "ftypM4A "u8], new(FileKind.Audio, "audio/mp4", ".m4a")),
        (4, [.. "ftypM4B "u8], new(FileKind.Audio, "audio/mp4", ".m4b")),
        (4, [.. "ftyp3gp"u8], new(FileKind.Video, "video/3gpp", ".3gp")),
        (4, [.. "ftypcrx "u8], new(FileKind.Data, "application/octet-stream", ".cr3")),
        (4, [.. "ftyp"u8], new(FileKind.Video, "video/mp4", ".mp4")),
        (4, [.. "moov"u8], new(FileKind.Video, "video/quicktime", ".mov")),
        (4, [.. "mdat"u8], new(FileKind.Video, "video/quicktime", ".mov")),
        (4, [.. "wide"u8], new(FileKind.Video, "video/quicktime", ".mov")),
        (0, [0, 0, 1, 0xBA], new(FileKind.Video, "video/mpeg", ".mpg")),
        (0, [0, 0, 1, 0xB3], new(FileKind.Video, "video/mpeg", ".mpg")),
        (0, [.. "FLV\u0001"u8], new(FileKind.Video, "video/x-flv", ".flv")),
        (0, [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], new(FileKind.Video, "video/x-ms-asf", ".asf")),
        (0, [.. "fLaC"u8], new(FileKind.Audio, "audio/flac", ".flac")),
        (0, [.. "MThd"u8], new(FileKind.Audio, "audio/midi", ".mid")),
        (0, [.. "#!AMR"u8], new(FileKind.Audio, "audio/amr", ".amr")),
        (0, [.. "caff\0\u0001"u8], new(FileKind.Audio, "audio/x-caf", ".caf")),
        (0, [.. "glTF"u8], new(FileKind.Model, "model/gltf-binary", ".glb")),
        (0, [.. "ply\nformat "u8], new(FileKind.Model, "model/x-ply", ".ply")),
        (0, [.. "ply\r\nformat "u8], new(FileKind.Model, "model/x-ply", ".ply")),
        (0, [.. "Kaydara FBX Binary  \0"u8], new(FileKind.Model, "model/x-fbx", ".fbx")),
        (0, [.. "PK\u0003\u0004"u8], new(FileKind.Archive, "application/zip", ".zip")),
        (0, [.. "PK\u0005\u0006"u8], new(FileKind.Archive, "application/zip", ".zip")),
        (0, [0x1F, 0x8B, 0x08], new(FileKind.Archive, "application/gzip", ".gz")),
        (4, [.. "1AY&SY"u8], new(FileKind.Archive, "application/x-bzip2", ".bz2")),
        (0, [0xFD, .. "7zXZ\0"u8], new(FileKind.Archive, "application/x-xz", ".xz")),
        (0, [0x28, 0xB5, 0x2F, 0xFD], new(FileKind.Archive, "application/zstd", ".zst")),
        (0, [.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], new(FileKind.Archive, "application/x-7z-compressed", ".7z")),
        (0, [.. "Rar!\u001A\u0007"u8], new(FileKind.Archive, "application/vnd.rar", ".rar")),
        (257, [.. "ustar"u8], new(FileKind.Archive, "application/x-tar", ".tar")),
        (0, [.. "%PDF-"u8], new(FileKind.Document, "application/pdf", ".pdf")),
        (0, [.. "%!PS-Adobe-"u8], new(FileKind.Document, "application/postscript", ".ps")),
        (0, [.. "{\\rtf"u8], new(FileKind.Document, "application/rtf", ".rtf")),
        (0, [0x93, .. "NUMPY"u8], new(FileKind.Data, "application/x-npy", ".npy")),
        (0, [.. "PAR1"u8], new(FileKind.Data, "application/vnd.apache.parquet", ".parquet")),
        (0, [.. "GGUF"u8], new(FileKind.Data, "application/x-gguf", ".gguf")),
        (0, [0x89, .. "HDF\r\n"u8], new(FileKind.Data, "application/x-hdf5", ".h5")),
        (0, [.. "SQLite format 3\0"u8], new(FileKind.Data, "application/vnd.sqlite3", ".sqlite")),
    ];

    /// <returns>Null for anything else.</returns>
    public static FileFacts? Find(ImageBytes bytes) => Recognise(bytes) is { } facts ? MediaLength.Measure(bytes, facts) : null;

    private static FileFacts? Recognise(ImageBytes bytes)
    {
        foreach (var (at, magic, facts) in Known)
        {
            if (bytes.StartsWith(magic, at))
                return facts;
        }
        if ((bytes.StartsWith("RIFF"u8) || bytes.StartsWith("RF64"u8)) && bytes.Length >= 12)
            return Riff(bytes);
        if (bytes.StartsWith("FORM"u8) && (bytes.StartsWith("AIFF"u8, 8) || bytes.StartsWith("AIFC"u8, 8)))
            return new(FileKind.Audio, "audio/aiff", ".aiff");
        if (bytes.StartsWith([0x1A, 0x45, 0xDF, 0xA3]))
            return HasEarly(bytes, "webm"u8) ? new(FileKind.Video, "video/webm", ".webm") : new(FileKind.Video, "video/x-matroska", ".mkv");
        if (bytes.StartsWith("OggS"u8))
            return HasEarly(bytes, "theora"u8) ? new(FileKind.Video, "video/ogg", ".ogv") : new(FileKind.Audio, "audio/ogg", ".ogg");
        if (IsSafetensors(bytes))
            return new(FileKind.Data, "application/x-safetensors", ".safetensors");
        return Id3Tag.EndOf(bytes) is > 0 and var end ? Tagged(bytes, end) : MpegAudio(bytes);
    }

    /// <summary>Recognises a sound behind an ID3 tag: mostly MP3, sometimes FLAC or AAC.</summary>
    private static FileFacts Tagged(ImageBytes bytes, long end)
    {
        if (bytes.StartsWith("fLaC"u8, end))
            return new(FileKind.Audio, "audio/flac", ".flac");
        return end + MpegFrame.HeadLength <= bytes.Length && MpegFrame.Find(bytes.At(end, MpegFrame.HeadLength)) is { IsAac: true }
            ? new(FileKind.Audio, "audio/aac", ".aac")
            : new(FileKind.Audio, "audio/mpeg", ".mp3");
    }

    private static FileFacts? Riff(ImageBytes bytes)
    {
        if (bytes.StartsWith("WAVE"u8, 8))
            return new(FileKind.Audio, "audio/wav", ".wav");
        return bytes.StartsWith("AVI "u8, 8) ? new(FileKind.Video, "video/x-msvideo", ".avi") : null;
    }

    private static bool HasEarly(ImageBytes bytes, ReadOnlySpan<byte> word) =>
        bytes.At(0, (int)Math.Min(bytes.Length, 128)).IndexOf(word) >= 0;

    /// <summary>Recognises the length of a JSON header that fits the file, and the beginning of that header.</summary>
    private static bool IsSafetensors(ImageBytes bytes) =>
        bytes.Length > 10
        && BinaryPrimitives.ReadUInt64LittleEndian(bytes.At(0, 8)) is >= 2 and var header && header <= (ulong)bytes.Length - 8
        && bytes.At(8, 2).SequenceEqual("{\""u8);

    /// <summary>
    /// Recognises MP3 and AAC without a file header: it takes two frames in a row, because eleven bits alone prove nothing.
    /// </summary>
    private static FileFacts? MpegAudio(ImageBytes bytes)
    {
        const int head = MpegFrame.HeadLength;
        if (bytes.Length < head || MpegFrame.Find(bytes.At(0, head)) is not { } frame)
            return null;
        if (frame.Length + head <= bytes.Length && MpegFrame.Find(bytes.At(frame.Length, head)) is null)
            return null;
        return frame.IsAac ? new(FileKind.Audio, "audio/aac", ".aac") : new(FileKind.Audio, "audio/mpeg", ".mp3");
    }
}
