using System.Buffers.Binary;
using System.IO.Compression;
using System.Net.Mime;
using System.Text;

namespace GenApi.Sandbox.Files;

/// <summary>A file that a test model returns with or instead of a picture, with the same bytes each time.</summary>
internal sealed record Sample(string Extension, string ContentType, byte[] Content);

/// <summary>
/// Small files of many kinds, by extension. Each has the header and the length that its format demands. The handmade ones (video, JPEG XL,
/// JPEG 2000) hold nothing to play or show.
/// </summary>
internal static class Samples
{
    private static readonly Dictionary<string, Sample> All = new Sample[]
    {
        new("mp4", "video/mp4", [.. Box("ftyp", [.. "isom\0\0\u0002\0isommp41"u8]), .. Box("mdat", new byte[64]), .. Movie()]),
        new("webm", "video/webm",
        [
            0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x86, 0x81, 1, 0x42, 0xF7, 0x81, 1, 0x42, 0xF2, 0x81, 4, 0x42, 0xF3, 0x81, 8,
            0x42, 0x82, 0x84, .. "webm"u8, 0x42, 0x87, 0x81, 4, 0x42, 0x85, 0x81, 2, .. WebmSegment(),
        ]),
        new("wav", "audio/wav", Wave()),
        new("glb", "model/gltf-binary", Glb()),
        new("zip", "application/zip", Zip()),
        new("pdf", "application/pdf",
        [
            .. "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"u8,
            .. "trailer<</Root 1 0 R>>\n%%EOF\n"u8,
        ]),
        new("html", MediaTypeNames.Text.Html,
        [
            .. "<!doctype html><title>A report</title><p>The script of a page that a model wrote must not run.</p>"u8,
            .. "<script>document.title='ran'</script>\n"u8,
        ]),
        new("json", MediaTypeNames.Application.Json, [.. """{"objects":[{"label":"lighthouse","score":0.98}]}"""u8]),
        new("txt", MediaTypeNames.Text.Plain, [.. "A lighthouse above a quiet sea.\n"u8]),
        new("bin", MediaTypeNames.Application.Octet, [0xB7, 0x01, 0x00, 0xFE, 0x10, 0x20, 0x30, 0x40]),
        new("tif", "image/tiff", Tiff()),
        new("ico", "image/x-icon", Icon()),
        new("jxl", "image/jxl", Jxl()),
        new("jp2", "image/jp2", Jpeg2000()),
        // A painted lighthouse with a C2PA manifest, signed by @contentauth/c2pa-wasm 0.15.0 (findings/c2pa-signing.sh does the same). The
        // certificate is a self-signed leaf made for this file, so readers call the signature valid and untrusted. Its key was not kept.
        new("signed.png", MediaTypeNames.Image.Png, Resource("signed.png")),
        new("svg", "image/svg+xml", [.. """
            <?xml version="1.0" encoding="utf-8"?>
            <!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
              <!ENTITY ns_svg "http://www.w3.org/2000/svg">
            ]>
            <svg xmlns="&ns_svg;" width="120" height="80" viewBox="0 0 120 80"><circle cx="60" cy="40" r="30" fill="#d33"/></svg>
            """u8]),
    }.ToDictionary(sample => sample.Extension);

    public static Sample? Find(string extension) => All.GetValueOrDefault(extension);

    private static byte[] Resource(string name)
    {
        using var stream = typeof(Samples).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static byte[] Box(string type, ReadOnlySpan<byte> content) =>
        [.. Big((uint)content.Length + 8), .. Encoding.ASCII.GetBytes(type), .. content];

    private static byte[] Big(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Little(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    /// <summary>The headers of a video of two and a half seconds, 320 by 180, behind its data as cameras write them.</summary>
    private static byte[] Movie()
    {
        const int milliseconds = 2500, width = 320, height = 180;
        byte[] matrix = [.. Big(0x10000), .. new byte[12], .. Big(0x10000), .. new byte[12], .. Big(0x40000000)];
        byte[] movie = [.. new byte[12], .. Big(1000), .. Big(milliseconds), .. Big(0x10000), 1, 0, .. new byte[10], .. matrix,
            .. new byte[24], .. Big(2)];
        byte[] track = [0, 0, 0, 3, .. new byte[8], .. Big(1), .. new byte[4], .. Big(milliseconds), .. new byte[16], .. matrix,
            .. Big(width << 16), .. Big(height << 16)];
        byte[] media = [.. Box("mdhd", [.. new byte[12], .. Big(1000), .. Big(milliseconds), 0x55, 0xC4, 0, 0]),
            .. Box("hdlr", [.. new byte[8], .. "vide"u8, .. new byte[13]])];
        return Box("moov", [.. Box("mvhd", movie), .. Box("trak", [.. Box("tkhd", track), .. Box("mdia", media)])]);
    }

    /// <summary>The headers of a video of 1.5 seconds, 160 by 90.</summary>
    private static byte[] WebmSegment()
    {
        byte[] info = [0x2A, 0xD7, 0xB1, 0x83, 0x0F, 0x42, 0x40, 0x44, 0x89, 0x84, 0x44, 0xBB, 0x80, 0x00];
        byte[] video = [0xB0, 0x82, 0, 160, 0xBA, 0x81, 90];
        byte[] track = [0xD7, 0x81, 1, 0x83, 0x81, 1, 0xE0, (byte)(0x80 | video.Length), .. video];
        byte[] tracks = [0xAE, (byte)(0x80 | track.Length), .. track];
        byte[] segment = [0x15, 0x49, 0xA9, 0x66, (byte)(0x80 | info.Length), .. info, 0x16, 0x54, 0xAE, 0x6B,
            (byte)(0x80 | tracks.Length), .. tracks];
        return [0x18, 0x53, 0x80, 0x67, (byte)(0x80 | segment.Length), .. segment];
    }

    /// <summary>A quarter of a second of a low A, 8 bits at 8 kHz.</summary>
    private static byte[] Wave()
    {
        var tone = Enumerable.Range(0, 2000).Select(at => (byte)(128 + 100 * Math.Sin(at * 2 * Math.PI * 220 / 8000))).ToArray();
        return
        [
            .. "RIFF"u8, .. Little(36 + (uint)tone.Length), .. "WAVEfmt "u8, .. Little(16), 1, 0, 1, 0, .. Little(8000), .. Little(8000), 1,
            0, 8, 0,
            .. "data"u8, .. Little((uint)tone.Length), .. tone,
        ];
    }

    private static byte[] Glb()
    {
        var json = """{"asset":{"version":"2.0"},"scene":0,"scenes":[{}]}"""u8.ToArray();
        byte[] padded = [.. json, .. Enumerable.Repeat((byte)' ', -json.Length & 3)];
        return [.. "glTF"u8, .. Little(2), .. Little(20 + (uint)padded.Length), .. Little((uint)padded.Length), .. "JSON"u8, .. padded];
    }

    private static byte[] Zip()
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            var entry = zip.CreateEntry("readme.txt", CompressionLevel.NoCompression);
            entry.LastWriteTime = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using var content = entry.Open();
            content.Write("Two layers of a picture.\n"u8);
        }
        return bytes.ToArray();
    }

    /// <summary>4 by 2 grey pixels, not compressed.</summary>
    private static byte[] Tiff()
    {
        const int entries = 8;
        byte[] Entry(ushort tag, ushort type, uint value) => [(byte)tag, (byte)(tag >> 8), (byte)type, 0, .. Little(1), .. Little(value)];
        return
        [
            .. "II*\0"u8, .. Little(8), entries, 0,
            .. Entry(256, 3, 4), .. Entry(257, 3, 2), .. Entry(258, 3, 8), .. Entry(259, 3, 1), .. Entry(262, 3, 1),
            .. Entry(273, 4, 8 + 2 + entries * 12 + 4), .. Entry(278, 3, 2), .. Entry(279, 4, 8), .. Little(0),
            0, 32, 64, 96, 128, 160, 192, 224,
        ];
    }

    /// <summary>One picture of 2 by 2 pixels, as a bitmap with its mask.</summary>
    private static byte[] Icon()
    {
        byte[] bitmap =
            [.. Little(40), .. Little(2), .. Little(4), 1, 0, 32, 0, .. new byte[24], .. Enumerable.Repeat((byte)0x80, 16), .. new byte[8]];
        return [0, 0, 1, 0, 1, 0, 2, 2, 0, 0, 1, 0, 32, 0, .. Little((uint)bitmap.Length), .. Little(22), .. bitmap];
    }

    /// <summary>The header of a bare stream: 64 by 64, in multiples of eight, everything else at its default.</summary>
    private static byte[] Jxl() => [0xFF, 0x0A, 0b_0100_1111, 0b_0000_0010, .. new byte[16]];

    private static byte[] Jpeg2000() =>
    [
        .. Box("jP  ", [0x0D, 0x0A, 0x87, 0x0A]), .. Box("ftyp", [.. "jp2 \0\0\0\0jp2 "u8]),
        .. Box("jp2h", [.. Box("ihdr", [.. Big(48), .. Big(96), 0, 3, 7, 7, 0, 0]), .. Box("colr", [1, 0, 0, .. Big(16)])]),
        .. Box("jp2c", [0xFF, 0x4F, 0xFF, 0xD9]),
    ];
}
