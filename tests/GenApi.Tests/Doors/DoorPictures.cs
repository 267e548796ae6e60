using NetVips;

namespace GenApi.Tests.Doors;

/// <summary>Images as clients of doors send and get them.</summary>
internal static class DoorPictures
{
    /// <summary>Makes an image whose left half is transparent.</summary>
    public static byte[] LeftTransparent(int width, int height)
    {
        using var clear = Image.Black(width / 2, height, bands: 4).Cast(Enums.BandFormat.Uchar);
        using var opaque = Image.Black(width - width / 2, height, bands: 4).Linear([1.0], [255.0]).Cast(Enums.BandFormat.Uchar);
        using var both = clear.Join(opaque, Enums.Direction.Horizontal).Copy(interpretation: Enums.Interpretation.Srgb);
        return both.PngsaveBuffer();
    }

    /// <summary>Makes an image of noise, whose file is about as long as its pixels.</summary>
    public static byte[] Noise(int side)
    {
        using var noise = Image.Gaussnoise(side, side, sigma: 60, mean: 128).Cast(Enums.BandFormat.Uchar);
        using var image = noise.Bandjoin(noise.Rot90(), noise.Rot180()).Copy(interpretation: Enums.Interpretation.Srgb);
        return image.PngsaveBuffer();
    }

    /// <summary>Returns the content type that the first bytes show.</summary>
    public static string TypeOf(byte[] bytes) => bytes switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', ..] => "image/webp",
        _ => "something else",
    };
}
