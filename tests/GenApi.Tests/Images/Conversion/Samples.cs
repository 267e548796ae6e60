using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Images.Conversion;
using Microsoft.Extensions.Options;
using NetVips;

namespace GenApi.Tests.Images.Conversion;

/// <summary>Originals for conversions, and what came of them.</summary>
internal static class Samples
{
    public static readonly double[] Red = [255, 0, 0], Green = [0, 255, 0], Blue = [0, 0, 255];

    public static readonly int[] Delays = [100, 250, 60, 90];

    private static readonly double[][] FrameColors = [Red, Green, Blue, [255, 255, 0]];

    public static ImageConverter Converter(Action<ConversionOptions>? change = null)
    {
        var options = new ConversionOptions { Workers = 2 };
        change?.Invoke(options);
        return new ImageConverter(Options.Create(options), RendererProgram.Find());
    }

    public static ImageConversion To(VariantFormat format, int? width = null, int? height = null, VariantFit fit = VariantFit.Inside) =>
        new() { Format = format, Width = width, Height = height, Fit = fit, Quality = 95 };

    public static async Task<ConvertedImage> ConvertAsync(byte[] original, ImageConversion wanted, Action<ConversionOptions>? change = null)
    {
        using var converter = Converter(change);
        return await converter.ConvertAsync(original, wanted, TestContext.Current.CancellationToken);
    }

    public static async Task<GenApiException> RefusalAsync(
        byte[] original, ImageConversion wanted, Action<ConversionOptions>? change = null) =>
        await Assert.ThrowsAsync<GenApiException>(() => ConvertAsync(original, wanted, change));

    public static Image Solid(int width, int height, params double[] color)
    {
        using var black = Image.Black(width, height, bands: color.Length);
        using var colored = black + color;
        using var bytes = colored.Cast(Enums.BandFormat.Uchar);
        return bytes.Copy(interpretation: color.Length > 2 ? Enums.Interpretation.Srgb : Enums.Interpretation.Bw);
    }

    /// <summary>Red on the left, blue on the right.</summary>
    public static Image Halves(int width, int height)
    {
        using var left = Solid(width / 2, height, Red);
        using var right = Solid(width - width / 2, height, Blue);
        return left.Join(right, Enums.Direction.Horizontal);
    }

    public static byte[] Turned(string extension, int width, int height, int orientation)
    {
        using var plain = Halves(width, height);
        using var turned = plain.Mutate(image => image.Set(GValue.GIntType, "orientation", orientation));
        return turned.WriteToBuffer(extension);
    }

    /// <summary>Four frames, red, green, blue and yellow, with a white stripe at the left and different times.</summary>
    public static byte[] Animation(string extension, int width, int height, int orientation = 0)
    {
        var frames = FrameColors.Select(color =>
        {
            using var solid = Solid(width, height, color);
            using var stripe = Solid(width / 8, height, 255, 255, 255);
            return solid.Insert(stripe, 0, 0);
        }).ToArray();
        using var strip = Image.Arrayjoin(frames, across: 1);
        using var animated = strip.Mutate(image =>
        {
            image.Set(GValue.GIntType, "page-height", height);
            image.Set(GValue.ArrayIntType, "delay", Delays);
            image.Set(GValue.GIntType, "loop", 3);
            if (orientation > 0)
                image.Set(GValue.GIntType, "orientation", orientation);
        });
        return extension == ".gif" ? animated.GifsaveBuffer() : animated.WebpsaveBuffer(lossless: true);
    }

    /// <summary>A PNG of this size whose pixels are all black, one bit each: a few kilobytes, however large it is.</summary>
    public static byte[] Vast(int width, int height)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var row = new byte[1 + (width + 7) / 8];
            for (var each = 0; each < height; each++)
                zlib.Write(row);
        }
        return Png(width, height, packed.ToArray());
    }

    /// <summary>A PNG that claims a size.</summary>
    public static byte[] Png(int width, int height, byte[] packed, params (string Type, byte[] Data)[] others)
    {
        var head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, width);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), height);
        head[8] = 1;
        return
        [
            0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR", head), .. others.SelectMany(each => Chunk(each.Type, each.Data)),
            .. Chunk("IDAT", packed), .. Chunk("IEND", []),
        ];
    }

    public static double[] Pixel(ConvertedImage converted, int x, int y)
    {
        using var image = Image.NewFromBuffer(converted.Bytes);
        return image.Getpoint(x, y)[..Math.Min(3, image.Bands)];
    }

    public static void Near(double[] expected, double[] actual, double tolerance) => Assert.True(
        expected.Zip(actual).All(pair => Math.Abs(pair.First - pair.Second) <= tolerance),
        $"expected {string.Join(',', expected)} ± {tolerance}, found {string.Join(',', actual)}");

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(type), .. data];
        var chunk = new byte[named.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        named.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(named.Length + 4), Crc32.HashToUInt32(named));
        return chunk;
    }
}
