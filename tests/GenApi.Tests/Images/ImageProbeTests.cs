using System.Buffers.Binary;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Images.Probes;

namespace GenApi.Tests.Images;

public sealed class ImageProbeTests
{
    public static TheoryData<string, string> Formats => new()
    {
        { "png", "image/png" }, { "png interlaced", "image/png" },
        { "jpeg", "image/jpeg" }, { "jpeg progressive", "image/jpeg" },
        { "webp lossy", "image/webp" }, { "webp lossless", "image/webp" }, { "webp extended", "image/webp" },
        { "gif", "image/gif" }, { "avif", "image/avif" },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Format_and_size_come_from_the_bytes(string format, string contentType)
    {
        var facts = Probe(Pictures.Of(format, 321, 123));

        Assert.Equal((contentType, 321, 123), (facts.Format.ContentType, facts.Width, facts.Height));
    }

    /// <summary>Without a limit on the depth this ends the process, because no code can catch a stack overflow.</summary>
    [Fact]
    public void Boxes_in_boxes_are_not_followed_for_ever()
    {
        const int deep = 200_000;
        var bytes = new byte[16 + 12 + (deep * 8)];
        "\0\0\0\u0010ftypavif\0\0\0\0"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), bytes.Length - 16);
        "meta"u8.CopyTo(bytes.AsSpan(20));
        for (var box = 0; box < deep; box++)
        {
            var at = 28 + (box * 8);
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), bytes.Length - at);
            "iprp"u8.CopyTo(bytes.AsSpan(at + 4));
        }

        Assert.Equal(ErrorKind.DownloadFailed, Assert.Throws<GenApiException>(() => Probe(bytes)).Kind);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_file_that_ends_early_is_refused_wherever_it_was_cut_and_may_be_fetched_again(string format, string contentType)
    {
        Assert.NotEmpty(contentType);
        var bytes = Pictures.Of(format, 64, 48);
        foreach (var length in Enumerable.Range(0, 40).Concat([bytes.Length / 2, bytes.Length - 20, bytes.Length - 2, bytes.Length - 1])
            .Where(each => each < bytes.Length))
        {
            var fault = Assert.Throws<GenApiException>(() => Probe(bytes[..length]));
            Assert.True(
                fault is { Kind: ErrorKind.DownloadFailed, IsTransient: true },
                $"{format} cut at {length} of {bytes.Length}: {fault.Kind}");
        }
    }

    [Fact]
    public void The_size_of_a_jpeg_is_found_behind_long_metadata()
    {
        var facts = Probe(Pictures.JpegWithLongMetadata(640, 480));

        Assert.Equal((640, 480), (facts.Width, facts.Height));
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpeg")]
    [InlineData("gif")]
    [InlineData("webp lossy")]
    public void Bytes_behind_the_end_are_no_reason_to_lose_a_paid_image(string format)
    {
        byte[] bytes = [.. Pictures.Of(format, 32, 32), .. "trailer of some tool"u8];

        Assert.Equal(32, Probe(bytes).Width);
    }

    [Fact]
    public void A_single_wrong_byte_in_a_png_is_noticed()
    {
        var bytes = Pictures.Of("png", 200, 200);
        bytes[bytes.Length / 2] ^= 0x10;

        Assert.Equal(ErrorKind.DownloadFailed, Refusal(bytes).Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("<!DOCTYPE html><html><body>502 Bad Gateway</body></html>")]
    [InlineData("<!DOCTYPE html><html><br><body>502 Bad Gateway</html>")]
    [InlineData("<html xmlns='http://www.w3.org/1999/xhtml'><svg/></html>")]
    [InlineData("{\"detail\":\"not found\"}")]
    [InlineData("BM is how this text begins, and it is not a bitmap")]
    [InlineData("RIFF....WAVEfmt and so on and so on")]
    public void What_is_no_image_is_refused_and_may_be_fetched_again(string text) =>
        Assert.True(Refusal(Encoding.UTF8.GetBytes(text)) is { Kind: ErrorKind.DownloadFailed, IsTransient: true });

    [Fact]
    public void A_video_is_no_image()
    {
        byte[] bytes = [0, 0, 0, 20, .. "ftypisom"u8, 0, 0, 2, 0, .. "mp41"u8, 0, 0, 0, 16, .. "mdat"u8, 1, 2, 3, 4, 5, 6, 7, 8];

        Assert.Equal(ErrorKind.DownloadFailed, Refusal(bytes).Kind);
    }

    [Fact]
    public void Noise_is_refused_and_never_breaks_the_reader()
    {
        var random = new Random(5);
        foreach (var format in Formats.Select(row => row.Data.Item1).Distinct())
        {
            var whole = Pictures.Of(format, 40, 40);
            for (var round = 0; round < 300; round++)
            {
                var bytes = (byte[])whole.Clone();
                for (var change = 0; change < 4; change++)
                    bytes[random.Next(Math.Min(bytes.Length, 200))] = (byte)random.Next(256);
                try
                {
                    Probe(bytes);
                }
                catch (GenApiException fault)
                {
                    Assert.True(fault.Kind is ErrorKind.DownloadFailed or ErrorKind.UpstreamBadAnswer);
                }
            }
        }
    }

    [Theory]
    [InlineData(65_535, 65_535)]
    [InlineData(16_385, 16_384)]
    public void A_bomb_is_refused_for_good_by_what_it_claims(int width, int height)
    {
        var bytes = Pictures.Of("gif", 10, 10);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)width);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)height);

        var fault = Refusal(bytes);

        Assert.Equal((ErrorKind.UpstreamBadAnswer, false), (fault.Kind, fault.IsTransient));
        Assert.Contains($"{width} × {height}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_without_pixels_is_refused()
    {
        var bytes = Pictures.Of("gif", 10, 10);
        bytes.AsSpan(6, 2).Clear();

        Assert.Equal(ErrorKind.DownloadFailed, Refusal(bytes).Kind);
    }

    [Theory]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='640' height='480px'/>", 640, 480)]
    [InlineData(
        "\uFEFF\n<?xml version='1.0'?><!-- drawn --><svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 99.5 50' width='100%'/>", 100, 50)]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><rect/></svg>", 300, 150)]
    public void A_vector_image_has_the_size_of_its_root(string text, int width, int height)
    {
        var facts = Probe(Encoding.UTF8.GetBytes(text.Replace("\uFEFF\n<", "\uFEFF<", StringComparison.Ordinal)));

        Assert.Equal(("image/svg+xml", width, height), (facts.Format.ContentType, facts.Width, facts.Height));
    }

    [Theory]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'><rect>")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='99999999' height='99999999'/>")]
    public void A_vector_image_that_is_cut_or_a_bomb_is_refused(string text) => Refusal(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void A_bitmap_may_be_stored_from_top_to_bottom()
    {
        var bytes = new byte[60];
        "BM"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(2), bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(18), 2);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(22), -1);

        Assert.Equal(new ImageFacts(ImageFormat.Bmp, 2, 1), Probe(bytes));
        Assert.Equal(ErrorKind.DownloadFailed, Refusal(bytes[..59]).Kind);
    }

    private static GenApiException Refusal(byte[] bytes) => Assert.Throws<GenApiException>(() => Probe(bytes));

    private static ImageFacts Probe(byte[] bytes) => ImageProbe.Read((buffer, offset) =>
    {
        // In small pieces, as from a slow medium.
        var rest = bytes.AsSpan((int)Math.Min(offset, bytes.Length));
        var count = Math.Min(Math.Min(rest.Length, buffer.Length), 1000);
        rest[..count].CopyTo(buffer);
        return count;
    }, bytes.Length);
}
