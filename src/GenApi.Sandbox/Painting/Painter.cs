using NetVips;

namespace GenApi.Sandbox.Painting;

internal static class Painter
{
    public static byte[] Paint(Picture picture)
    {
        var pixels = new byte[picture.Width * picture.Height * 3];
        var random = new Random(HashCode.Combine((int)picture.Seed, picture.Prompt.Length));
        var (r, g, b) = (random.Next(256), random.Next(256), random.Next(256));
        for (var i = 0; i < pixels.Length; i += 3)
            (pixels[i], pixels[i + 1], pixels[i + 2]) = ((byte)r, (byte)g, (byte)(b + i / 3 / picture.Width));
        using var image = Image.NewFromMemory(pixels, picture.Width, picture.Height, 3, Enums.BandFormat.Uchar);
        return picture.Format switch
        {
            PictureFormat.Jpeg => image.JpegsaveBuffer(q: Math.Max(1, picture.Quality)),
            PictureFormat.Webp => image.WebpsaveBuffer(q: picture.Quality, effort: 1),
            _ => image.PngsaveBuffer(compression: 1),
        };
    }
}
