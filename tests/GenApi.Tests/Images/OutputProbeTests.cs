using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Images.Probes;

namespace GenApi.Tests.Images;

/// <summary>Which kind an output is recognised as, and which outputs are fetched again.</summary>
public sealed class OutputProbeTests
{
    private static readonly FilePromise Png = FilePromise.Of("https://r.d/out-0.png", "image/png");

    public static TheoryData<string, FileKind, string> Files => new()
    {
        { "0000001c6674797069736f6d0000020069736f6d69736f326d703431" + "00000010", FileKind.Video, "video/mp4" },
        { "00000014667479707174202000000000717420200000", FileKind.Video, "video/quicktime" },
        { "1a45dfa39f4286810142f7810142f2810442f381084282847765626d", FileKind.Video, "video/webm" },
        { "1a45dfa3934282886d6174726f736b61", FileKind.Video, "video/x-matroska" },
        { "524946460000000057415645666d7420", FileKind.Audio, "audio/wav" },
        { "524946460000000041564920", FileKind.Video, "video/x-msvideo" },
        { "494433040000000000", FileKind.Audio, "audio/mpeg" },
        { "425a683931415926535900", FileKind.Archive, "application/x-bzip2" },
        { "4f67675300020000000000000000", FileKind.Audio, "audio/ogg" },
        { "664c614300000022", FileKind.Audio, "audio/flac" },
        { "676c54460200000000000000", FileKind.Model, "model/gltf-binary" },
        { "504b030414000000", FileKind.Archive, "application/zip" },
        { "1f8b0800000000000003", FileKind.Archive, "application/gzip" },
        { "255044462d312e37", FileKind.Document, "application/pdf" },
        { "934e554d5059010076", FileKind.Data, "application/x-npy" },
        { "02000000000000007b227d" + "00", FileKind.Data, "application/x-safetensors" },
        { "ff0a4f0200000000", FileKind.Image, "image/jxl" },
        { "49492a0008000000" + "0000", FileKind.Image, "image/tiff" },
        { "4d4d002a00000008" + "0000", FileKind.Image, "image/tiff" },
        { "762f310102000000", FileKind.Image, "image/x-exr" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void What_surely_is_another_file_is_final_whatever_was_promised(string hex, FileKind kind, string contentType)
    {
        var facts = Probe(Convert.FromHexString(hex), Png);

        Assert.Equal((kind, contentType), (facts.Kind, facts.ContentType));
    }

    [Fact]
    public void Two_frames_in_a_row_are_mp3()
    {
        // 128 kbit/s at 44.1 kHz: 417 bytes per frame.
        byte[] frame = [0xFF, 0xFB, 0x90, 0x00, .. new byte[413]];

        Assert.Equal("audio/mpeg", Probe([.. frame, .. frame, .. frame[..8]], Png).ContentType);
        Assert.Throws<GenApiException>(() => Probe([.. frame, .. "and a text in place of the next"u8], Png));
    }

    [Theory]
    [InlineData("ff0a4f0200000000", 64, 64)]
    // Written by cjxl: a height and a ratio; both sides in multiples of eight.
    [InlineData("ff0a987f90505c080012880200a8021c", 1000, 500)]
    [InlineData("ff0a38067e8284e24200128802005401", 320, 200)]
    [InlineData("0000000c6a5020200d0a870a" + "0000001e6a703268" + "0000001669686472" + "0000003000000060" + "000307070000", 96, 48)]
    [InlineData("ff4fff5100290000000000600000003000000000000000000000000000000000", 96, 48)]
    [InlineData("38425053000100000000000000030000003000000060" + "00080003", 96, 48)]
    [InlineData("716f696600000060000000300400", 96, 48)]
    [InlineData("00000100020010100000010020000200000026000000" + "00000000010020000200000028000000" + "00000000", 256, 256)]
    [InlineData("49492a0008000000" + "0200" + "000103000100000060000000" + "010104000100000030000000" + "00000000", 96, 48)]
    [InlineData(
        "49492a0008000000" + "0300" + "000103000100000060000000" + "010104000100000030000000" + "120103000100000006000000" + "00000000", 48,
        96)]
    public void The_size_of_rare_pictures_is_read_from_their_headers(string hex, int width, int height)
    {
        var facts = Probe(Convert.FromHexString(hex), Png);

        Assert.Equal((FileKind.Image, width, height), (facts.Kind, facts.Width!.Value, facts.Height!.Value));
    }

    [Fact]
    public void No_output_has_too_many_pixels()
    {
        var png = HugePng(20_000);

        Assert.Equal((20_000, 20_000), (Probe(png, Png).Width, Probe(png, Png).Height));
        // An image from outside is decoded somewhere.
        Assert.Equal(ErrorKind.UpstreamBadAnswer, Assert.Throws<GenApiException>(() => ImageProbe.Read(ReaderOf(png), png.Length)).Kind);
    }

    public static TheoryData<string> Drawings => new()
    {
        "<?xml version='1.0' encoding='utf-16'?><svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'/>",
        "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'><!-- ü --></svg>",
    };

    [Theory]
    [MemberData(nameof(Drawings))]
    public void A_drawing_may_be_in_utf_16(string text)
    {
        foreach (var encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            var facts = Probe([.. encoding.GetPreamble(), .. encoding.GetBytes(text)], Png);
            Assert.Equal(("image/svg+xml", 40, 30), (facts.ContentType, facts.Width!.Value, facts.Height!.Value));
        }
    }

    [Theory]
    [
        InlineData(
            "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd' [<!ENTITY ns_svg "
                + "'http://www.w3.org/2000/svg'>]>"
        + "<svg xmlns='&ns_svg;' width='40' height='30'/>")]
    [InlineData(
        "<!DOCTYPE svg [<!ENTITY ns_svg 'http://www.w3.org/2000/svg'><!ENTITY t 'text'>]><s:svg xmlns:s='&ns_svg;' width='40' "
        + "height='30'><s:text>&t;</s:text></s:svg>\n")]
    [InlineData(
        "<!DOCTYPE svg [<!ENTITY far SYSTEM 'http://127.0.0.1:9/far'>]><svg xmlns='http://www.w3.org/2000/svg' width='40' "
        + "height='30'>&far;</svg>")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'><text>&nbsp;</text></svg>")]
    public void A_drawing_may_name_what_it_likes_by_entities(string text)
    {
        var facts = Probe(Encoding.UTF8.GetBytes(text), Png);

        Assert.Equal(("image/svg+xml", 40, 30), (facts.ContentType, facts.Width!.Value, facts.Height!.Value));
    }

    [Fact]
    public void A_drawing_that_would_grow_without_end_is_kept_and_not_let_grow()
    {
        var entities = string.Concat(
            Enumerable.Range(1, 9).Select(at => $"<!ENTITY e{at} '{string.Concat(Enumerable.Repeat($"&e{at - 1};", 10))}'>"));
        var bomb = Encoding.UTF8.GetBytes(
            $"<!DOCTYPE svg [<!ENTITY e0 'ha'>{entities}]><svg xmlns='http://www.w3.org/2000/svg'><text>&e9;</text></svg>");
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal("image/svg+xml", Probe(bomb, Png).ContentType);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("<!DOCTYPE html><html><body>Bad gateway</body></html>", "HTML")]
    [InlineData("{\"error\":\"slow down\"}", "not an image")]
    [InlineData("Service unavailable", "not an image")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><rect>", "ends before")]
    public void What_comes_in_the_place_of_a_picture_is_fetched_again(string text, string word)
    {
        foreach (var promise in new[] { Png, FilePromise.Of("https://r.d/out-0.png", "text/html"), FilePromise.Of(
            "https://r.d/out-0.png", "application/json"), FilePromise.Of("https://r.d/x", null) })
        {
            var fault = Assert.Throws<GenApiException>(() => Probe(Encoding.UTF8.GetBytes(text), promise));
            Assert.True(fault is { Kind: ErrorKind.DownloadFailed, IsTransient: true });
            Assert.Contains(word, fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{\"a\":[1,2]}", "https://r.d/a.json", "application/json", FileKind.Data, "application/json")]
    [InlineData("\uFEFF[1]", "https://r.d/a", "application/json; charset=utf-8", FileKind.Data, "application/json")]
    [InlineData("a,b\n1,2\n", "https://r.d/a.csv", "text/csv", FileKind.Text, "text/csv")]
    [InlineData("a fox", "https://r.d/a.txt", "binary/octet-stream", FileKind.Text, "text/plain")]
    [InlineData("a fox", "data:text/plain,x", "text/plain", FileKind.Text, "text/plain")]
    [InlineData("v 0 0 0\n", "https://r.d/a.obj", null, FileKind.Model, "model/obj")]
    [InlineData("<html><p>a report", "https://r.d/a.html", "text/html", FileKind.Document, "text/html")]
    [InlineData("\u0001\u0002\u0003\0", "https://r.d/a.weights", "application/octet-stream", FileKind.Data, "application/octet-stream")]
    [InlineData("BMW is a car", "https://r.d/a.txt", "text/plain", FileKind.Text, "text/plain")]
    public void What_was_promised_as_no_picture_is_kept(string text, string address, string? type, FileKind kind, string contentType)
    {
        var facts = Probe(Encoding.UTF8.GetBytes(text), FilePromise.Of(address, type));

        Assert.Equal((kind, contentType), (facts.Kind, facts.ContentType));
    }

    [Theory]
    [InlineData("{\"a\":[1,", "https://r.d/a.json", "application/json")]
    [InlineData("<!doctype html><p>Bad gateway", "https://r.d/a.json", "application/json")]
    [InlineData("<!doctype html><p>Bad gateway", "https://r.d/a.mp4", "text/html")]
    public void What_is_not_what_was_promised_is_fetched_again(string text, string address, string type) =>
        Assert.True(Assert.Throws<GenApiException>(() => Probe(Encoding.UTF8.GetBytes(text), FilePromise.Of(address, type))).IsTransient);

    [Fact]
    public void A_long_json_is_read_to_its_end()
    {
        var json = Encoding.UTF8.GetBytes(
            $$"""{"text":"{{new string('ä', 100_000)}}","rest":[{{string.Join(',', Enumerable.Range(0, 50_000))}}]}""");
        var promise = FilePromise.Of("https://r.d/a.json", null);

        Assert.Equal("application/json", Probe(json, promise).ContentType);
        Assert.Throws<GenApiException>(() => Probe(json[..^2], promise));
    }

    [Fact]
    public void Without_a_sign_of_its_end_a_file_is_not_final()
    {
        var mp4 = Convert.FromHexString("0000001c6674797069736f6d0000020069736f6d69736f326d703431");

        Assert.True(Assert.Throws<GenApiException>(() => OutputProbe.Read(ReaderOf(mp4), mp4.Length, Png, () => false)).IsTransient);
        // A PNG shows its own end.
        var png = Pictures.Png();
        Assert.Equal(FileKind.Image, OutputProbe.Read(ReaderOf(png), png.Length, Png, () => false).Kind);
    }

    [Fact]
    public void Noise_never_breaks_the_reader()
    {
        var random = new Random(7);
        foreach (var (hex, _, _) in Files.Select(row => row.Data))
        {
            for (var round = 0; round < 200; round++)
            {
                var bytes = new byte[random.Next(1, 400)];
                random.NextBytes(bytes);
                var head = Convert.FromHexString(hex);
                head.AsSpan(0, Math.Min(head.Length, bytes.Length)).CopyTo(bytes);
                try
                {
                    Assert.True(Probe(bytes, Png).ContentType.Length is > 0 and <= ImageFormat.LongestContentType);
                }
                catch (GenApiException fault)
                {
                    Assert.True(fault is { Kind: ErrorKind.DownloadFailed, IsTransient: true });
                }
            }
        }
    }

    internal static ImageBytes.Reader ReaderOf(byte[] bytes) => (buffer, offset) =>
    {
        var rest = bytes.AsSpan((int)Math.Min(offset, bytes.Length));
        var count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        return count;
    };

    /// <summary>Grey, one bit per pixel, all black: some 50 kB for 400 million pixels.</summary>
    internal static byte[] HugePng(int side)
    {
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            var row = new byte[1 + side / 8];
            for (var at = 0; at < side; at++)
                zlib.Write(row);
        }
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, side);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), side);
        header[8] = 1;
        return [.. PngProbe.Magic, .. Chunk("IHDR", header), .. Chunk("IDAT", data.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] content)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. content];
        var (length, crc) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        BinaryPrimitives.WriteUInt32BigEndian(crc, Crc32.HashToUInt32(body));
        return [.. length, .. body, .. crc];
    }

    private static FileFacts Probe(byte[] bytes, FilePromise promise) =>
        OutputProbe.Read(ReaderOf(bytes), bytes.Length, promise, () => true);
}
