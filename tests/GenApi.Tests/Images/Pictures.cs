using NetVips;

namespace GenApi.Tests.Images;

/// <summary>Real files of each format, made by libvips.</summary>
internal static class Pictures
{
    public static byte[] Png(int width = 61, int height = 43) => Noise(width, height).PngsaveBuffer();

    public static byte[] Of(string format, int width, int height)
    {
        using var image = Noise(width, height);
        return format switch
        {
            "png" => image.PngsaveBuffer(),
            "png interlaced" => image.PngsaveBuffer(interlace: true),
            "jpeg" => image.JpegsaveBuffer(),
            "jpeg progressive" => image.JpegsaveBuffer(interlace: true),
            "webp lossy" => image.WebpsaveBuffer(),
            "webp lossless" => image.WebpsaveBuffer(lossless: true),
            "webp extended" => image.Bandjoin(128).WebpsaveBuffer(),
            "gif" => image.GifsaveBuffer(),
            "avif" => image.HeifsaveBuffer(compression: Enums.ForeignHeifCompression.Av1, effort: 0),
            _ => throw new ArgumentException("No such format.", nameof(format)),
        };
    }

    /// <summary>Makes a JPEG with a long profile at its beginning, which pushes the size beyond any first buffer.</summary>
    public static byte[] JpegWithLongMetadata(int width, int height)
    {
        var jpeg = Of("jpeg", width, height);
        var segment = new byte[65_535 + 2];
        new byte[] { 0xFF, 0xE2, 0xFF, 0xFF }.CopyTo(segment, 0);
        return [.. jpeg[..2], .. segment, .. segment, .. segment, .. jpeg[2..]];
    }

    private static Image Noise(int width, int height)
    {
        using var grey = Image.Gaussnoise(width, height, sigma: 40, mean: 128, seed: 7);
        using var bytes = grey.Cast(Enums.BandFormat.Uchar);
        return bytes.Bandjoin(bytes.Invert(), bytes).Copy(interpretation: Enums.Interpretation.Srgb);
    }
}
