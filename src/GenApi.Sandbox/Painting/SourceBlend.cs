using NetVips;

namespace GenApi.Sandbox.Painting;

/// <summary>Blends the source picture into the painted one. Where the mask says so, the source stays unchanged.</summary>
internal static class SourceBlend
{
    public static void Apply(Canvas canvas, Source source)
    {
        var below = Pixels(source.Image, canvas, Enums.Interpretation.Srgb, bands: 3);
        var mask = source.Mask is null ? null : Pixels(source.Mask, canvas, Enums.Interpretation.Bw, bands: 1);
        // With a mask the painted area is opaque; without one the strength sets the opacity.
        var everywhere = (int)(255 * Math.Clamp(source.Strength, 0, 1));
        for (var pixel = 0; pixel < canvas.Width * canvas.Height; pixel++)
        {
            var painted = mask is null ? everywhere : source.PaintsBlack ? 255 - mask[pixel] : mask[pixel];
            for (var at = pixel * 3; at < pixel * 3 + 3; at++)
                canvas.Pixels[at] = (byte)((canvas.Pixels[at] * painted + below[at] * (255 - painted)) / 255);
        }
    }

    private static byte[] Pixels(SourcePicture picture, Canvas canvas, Enums.Interpretation colours, int bands)
    {
        using var image = Image.ThumbnailBuffer(picture.Bytes, canvas.Width, height: canvas.Height, size: Enums.Size.Force);
        using var opaque = image.HasAlpha() ? image.Flatten() : image.Copy();
        using var coloured = opaque.Colourspace(colours);
        using var exact = coloured.ExtractBand(0, n: bands).Cast(Enums.BandFormat.Uchar);
        return exact.WriteToMemory<byte>();
    }
}
