using System.Buffers.Binary;

namespace GenApi.Core.Images.Probes;

/// <summary>Recognises files other than images by their magic, which is long enough that no error page has it by chance.</summary>
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
        (0, [.. "ID3\u0002"u8], new(FileKind.Audio, "audio/mpeg", ".mp3")),
        (0, [.. "ID3\u0003"u8], new(FileKind.Audio, "audio/mpeg", ".mp3")),
        (0, [.. "ID3\u0004"u8], new(FileKind.Audio, "audio/mpeg", ".mp3")),
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
    public static FileFacts? Find(ImageBytes bytes)
    {
        foreach (var (at, magic, facts) in Known)
        {
            if (bytes.StartsWith(magic, at))
                return facts;
        }
        if (bytes.StartsWith("RIFF"u8) && bytes.Length >= 12)
            return Riff(bytes);
        if (bytes.StartsWith("FORM"u8) && (bytes.StartsWith("AIFF"u8, 8) || bytes.StartsWith("AIFC"u8, 8)))
            return new(FileKind.Audio, "audio/aiff", ".aiff");
        if (bytes.StartsWith([0x1A, 0x45, 0xDF, 0xA3]))
            return HasEarly(bytes, "webm"u8) ? new(FileKind.Video, "video/webm", ".webm") : new(FileKind.Video, "video/x-matroska", ".mkv");
        if (bytes.StartsWith("OggS"u8))
            return HasEarly(bytes, "theora"u8) ? new(FileKind.Video, "video/ogg", ".ogv") : new(FileKind.Audio, "audio/ogg", ".ogg");
        if (IsSafetensors(bytes))
            return new(FileKind.Data, "application/x-safetensors", ".safetensors");
        return MpegAudio(bytes);
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
        if (bytes.Length < 8 || FrameLength(bytes.At(0, 8)) is not { } length)
            return null;
        if (length + 8 <= bytes.Length && FrameLength(bytes.At(length, 8)) is null)
            return null;
        return (bytes.At(0, 2)[1] & 0x06) == 0 ? new(FileKind.Audio, "audio/aac", ".aac") : new(FileKind.Audio, "audio/mpeg", ".mp3");
    }

    private static int? FrameLength(ReadOnlySpan<byte> head)
    {
        if (head[0] != 0xFF || (head[1] & 0xE0) != 0xE0)
            return null;
        // ADTS has layer 0 and twelve bits of sync.
        if ((head[1] & 0xF6) == 0xF0)
            return (((head[3] & 3) << 11) | (head[4] << 3) | (head[5] >> 5)) is >= 7 and var adts ? adts : null;
        var (isVersion1, layer) = ((head[1] & 0x18) == 0x18, (head[1] >> 1) & 3);
        var (rate, frequency) = (head[2] >> 4, (head[2] >> 2) & 3);
        if (layer != 1 || rate is 0 or 15 || frequency == 3 || (head[1] & 0x18) == 0x08)
            return null;
        ReadOnlySpan<int> rates = isVersion1
            ? [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
            : [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
        ReadOnlySpan<int> frequencies = [44_100, 48_000, 32_000];
        var samples = frequencies[frequency] / (isVersion1 ? 1 : (head[1] & 0x18) == 0x10 ? 2 : 4);
        return (isVersion1 ? 144_000 : 72_000) * rates[rate - 1] / samples + ((head[2] >> 1) & 1);
    }
}
