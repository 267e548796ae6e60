using System.IO.Compression;
using GenApi.Core.Errors;
using GenApi.Core.Images.Conversion;
using NetVips;
using static GenApi.Tests.Images.Conversion.Samples;

namespace GenApi.Tests.Images.Conversion;

/// <summary>A damaged original is refused, with the reason; half a picture never comes out.</summary>
public sealed class DamageTests
{
    [Theory]
    [InlineData("png")]
    [InlineData("png interlaced")]
    [InlineData("jpeg")]
    [InlineData("jpeg progressive")]
    [InlineData("webp lossy")]
    [InlineData("webp lossless")]
    [InlineData("webp extended")]
    [InlineData("gif")]
    [InlineData("avif")]
    public async Task A_cut_file_is_refused(string format)
    {
        var whole = Pictures.Of(format, 200, 150);
        using var converter = Converter();

        foreach (var share in new[] { 0.05, 0.5, 0.9, 0.99 })
        {
            var refusal = await Assert.ThrowsAsync<GenApiException>(() => converter.ConvertAsync(
                whole.AsMemory(0, (int)(whole.Length * share)), To(VariantFormat.Webp, 64), TestContext.Current.CancellationToken));
            Assert.Equal(ErrorKind.ImageNotConvertible, refusal.Kind);
            Assert.False(refusal.IsTransient);
            Assert.EndsWith(" The original is still served.", refusal.Message, StringComparison.Ordinal);
        }
        Assert.Equal(64, (await converter.ConvertAsync(whole, To(VariantFormat.Webp, 64), TestContext.Current.CancellationToken)).Width);
    }

    /// <summary>The end marker is there, so only the decoder sees that half of the rows is missing.</summary>
    [Theory]
    [InlineData("jpeg")]
    [InlineData("jpeg progressive")]
    public async Task A_jpeg_whose_middle_is_missing_is_refused(string format)
    {
        var whole = Pictures.Of(format, 200, 150);
        byte[] gap = [.. whole[..(whole.Length / 2)], 0xFF, 0xD9];

        Assert.Equal(ErrorKind.ImageNotConvertible, (await RefusalAsync(gap, To(VariantFormat.Webp, 64))).Kind);
        Assert.Equal(ErrorKind.ImageNotConvertible, (await RefusalAsync(gap, To(VariantFormat.Png, 64, 64, VariantFit.Cover))).Kind);
    }

    [Fact]
    public async Task A_png_whose_rows_are_missing_is_refused() => Assert.Equal(
        ErrorKind.ImageNotConvertible, (await RefusalAsync(Png(200, 150, Packed(new byte[26 * 75])), To(VariantFormat.Webp, 64))).Kind);

    [Fact]
    public async Task A_turned_image_with_damage_is_refused_too()
    {
        var whole = Turned(".jpg", 200, 150, 6);
        byte[] gap = [.. whole[..(whole.Length / 2)], 0xFF, 0xD9];

        Assert.Equal(ErrorKind.ImageNotConvertible, (await RefusalAsync(gap, To(VariantFormat.Webp, 64))).Kind);
    }

    [Fact]
    public async Task The_pixels_of_a_damaged_image_are_refused()
    {
        using var converter = Converter();

        var refusal = await Assert.ThrowsAsync<GenApiException>(() => converter.PixelsAsync(
            Pictures.Of("jpeg", 200, 150).AsMemory(0, 2000), 100, TestContext.Current.CancellationToken));

        Assert.Equal(ErrorKind.ImageNotConvertible, refusal.Kind);
    }

    /// <summary>Flips bits all over each format: the outcome is an image or the one failure, and never the end of the process.</summary>
    [Theory]
    [InlineData("png")]
    [InlineData("jpeg progressive")]
    [InlineData("webp extended")]
    [InlineData("gif")]
    [InlineData("avif")]
    public async Task Any_damage_is_an_image_or_the_one_failure(string format)
    {
        using var converter = Converter();
        var whole = Pictures.Of(format, 60, 40);
        var dice = new Random(7);
        for (var each = 0; each < 30; each++)
        {
            var damaged = (byte[])whole.Clone();
            for (var flip = 0; flip < 4; flip++)
                damaged[dice.Next(damaged.Length)] ^= (byte)(1 << dice.Next(8));
            try
            {
                await converter.ConvertAsync(damaged, To(VariantFormat.Webp, 32), TestContext.Current.CancellationToken);
            }
            catch (GenApiException failure)
            {
                Assert.Equal(ErrorKind.ImageNotConvertible, failure.Kind);
            }
        }
    }

    [Fact]
    public async Task A_format_that_is_not_decoded_is_named()
    {
        byte[] bitmap =
            [.. "BM"u8, 60, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0, .. new byte[30]];

        var refusal = await RefusalAsync(bitmap, To(VariantFormat.Webp, 64));

        Assert.Equal(ErrorKind.ImageNotConvertible, refusal.Kind);
        Assert.Contains("image/bmp", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("%PDF-1.7 and nothing else that would be a picture")]
    [InlineData("P5 4 4 255 0123456789abcdef")]
    [InlineData("1,2,3\n4,5,6\n")]
    [InlineData("<html><body>502</body></html>")]
    public async Task What_is_no_image_is_refused(string text) => Assert.Equal(
        ErrorKind.ImageNotConvertible, (await RefusalAsync(System.Text.Encoding.ASCII.GetBytes(text), To(VariantFormat.Webp, 64))).Kind);

    [Fact]
    public async Task Tiff_is_converted()
    {
        using var halves = Halves(200, 100);

        var tiff = halves.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Lzw);

        var converted = await ConvertAsync(tiff, To(VariantFormat.Webp, 64));

        Assert.Equal((64, 32), (converted.Width, converted.Height));
    }

    internal static byte[] Packed(byte[] rows)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(rows);
        return packed.ToArray();
    }
}
