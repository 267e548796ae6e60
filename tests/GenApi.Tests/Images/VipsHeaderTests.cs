using System.Buffers.Binary;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Images.Probes;
using NetVips;

namespace GenApi.Tests.Images;

/// <summary>
/// Why GenApi reads headers itself instead of asking libvips, which it has for masks: what libvips 8.18.7 reports when it opens a file
/// without decoding it, next to our own answer. If one of these fails after an update, its probe may be superfluous.
/// </summary>
public sealed class VipsHeaderTests
{
    [Theory]
    [InlineData("png")]
    [InlineData("png interlaced")]
    [InlineData("jpeg")]
    [InlineData("jpeg progressive")]
    public void Half_a_file_opens_in_libvips_even_if_told_to_fail_on_truncation(string format)
    {
        var whole = Pictures.Of(format, 321, 123);
        var half = whole[..(whole.Length / 2)];

        using var image = Image.NewFromBuffer(half, failOn: Enums.FailOn.Truncated);

        Assert.Equal((321, 123), (image.Width, image.Height));
        Assert.Equal(ErrorKind.DownloadFailed, Assert.Throws<GenApiException>(() => Probe(half)).Kind);
    }

    [Fact]
    public void A_gif_without_its_trailer_opens_in_libvips()
    {
        var cut = Pictures.Of("gif", 64, 48)[..^1];

        using var image = Image.NewFromBuffer(cut, failOn: Enums.FailOn.Warning);

        Assert.Equal(64, image.Width);
        Assert.Equal(ErrorKind.DownloadFailed, Assert.Throws<GenApiException>(() => Probe(cut)).Kind);
    }

    [Fact]
    public void A_png_with_a_damaged_byte_opens_in_libvips()
    {
        var damaged = Pictures.Of("png", 200, 200);
        damaged[damaged.Length / 2] ^= 0x10;

        using var image = Image.NewFromBuffer(damaged, failOn: Enums.FailOn.Warning);

        Assert.Equal(200, image.Width);
        Assert.Equal(ErrorKind.DownloadFailed, Assert.Throws<GenApiException>(() => Probe(damaged)).Kind);
    }

    [Theory]
    [InlineData(".jpg")]
    [InlineData(".png")]
    [InlineData(".webp")]
    public void Libvips_reports_the_stored_size_of_a_rotated_image(string extension)
    {
        using var plain = Image.NewFromBuffer(Pictures.Of("png", 320, 200));
        using var turned = plain.Mutate(image => image.Set(GValue.GIntType, "orientation", 6));
        var bytes = turned.WriteToBuffer(extension);

        using var opened = Image.NewFromBuffer(bytes);

        Assert.Equal((320, 200), (opened.Width, opened.Height));
        Assert.Equal((200, 320), (Probe(bytes).Width, Probe(bytes).Height));
    }

    [Fact]
    public void Libvips_ignores_the_screen_that_a_gif_claims()
    {
        var bomb = Pictures.Of("gif", 10, 10);
        BinaryPrimitives.WriteUInt16LittleEndian(bomb.AsSpan(6), ushort.MaxValue);
        BinaryPrimitives.WriteUInt16LittleEndian(bomb.AsSpan(8), ushort.MaxValue);

        using var image = Image.NewFromBuffer(bomb);

        Assert.Equal(10, image.Width);
        Assert.Equal(ErrorKind.UpstreamBadAnswer, Assert.Throws<GenApiException>(() => Probe(bomb)).Kind);
    }

    [Fact]
    public void Libvips_refuses_a_drawing_without_a_size()
    {
        var drawing = "<svg xmlns='http://www.w3.org/2000/svg'><rect/></svg>"u8.ToArray();

        Assert.Throws<VipsException>(() => Image.NewFromBuffer(drawing));
        Assert.Equal(new ImageFacts(ImageFormat.Svg, 300, 150), Probe(drawing));
    }

    public static TheoryData<string, byte[]> UnknownToLibvips => new()
    {
        { "image/bmp", Bitmap() },
        { "image/jxl", [0xFF, 0x0A, 0xFA, 0x1F, 0x41, .. new byte[16]] },
        { "image/jp2", [0, 0, 0, 0x0C, .. "jP  "u8, 0x0D, 0x0A, 0x87, 0x0A, 0, 0, 0, 0x14, .. "ftypjp2 \0\0\0\0jp2 "u8] },
        { "image/vnd.microsoft.icon", [0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, 40, 0, 0, 0, 22, 0, 0, 0, .. new byte[60]] },
        { "image/vnd.adobe.photoshop", [.. "8BPS\0\u0001"u8, .. new byte[6], 0, 3, 0, 0, 0, 16, 0, 0, 0, 16, 0, 8, 0, 3, .. new byte[20]] },
        { "image/x-exr", [0x76, 0x2F, 0x31, 0x01, 2, .. new byte[23]] },
        { "image/qoi", [.. "qoif"u8, 0, 0, 0, 1, 0, 0, 0, 1, 3, 0, 0xFE, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 1] },
        { "image/vnd.radiance", [.. "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 2 +X 2\n"u8, .. new byte[16]] },
    };

    [Theory]
    [MemberData(nameof(UnknownToLibvips))]
    public void The_libvips_that_ships_with_GenApi_does_not_know_these_formats(string contentType, byte[] bytes)
    {
        Assert.True(string.IsNullOrEmpty(Image.FindLoadBuffer(bytes)));

        var facts = OutputProbe.Read(OutputProbeTests.ReaderOf(bytes), bytes.Length, FilePromise.Of("https://r.d/0", null), () => true);

        Assert.Equal((FileKind.Image, contentType), (facts.Kind, facts.ContentType));
    }

    private static byte[] Bitmap()
    {
        var bytes = new byte[60];
        "BM"u8.CopyTo(bytes);
        (bytes[2], bytes[10], bytes[14], bytes[18], bytes[22], bytes[26], bytes[28]) = (60, 54, 40, 1, 1, 1, 24);
        return bytes;
    }

    private static ImageFacts Probe(byte[] bytes) => ImageProbe.Read(OutputProbeTests.ReaderOf(bytes), bytes.Length);
}
