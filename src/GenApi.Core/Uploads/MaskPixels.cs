using GenApi.Core.Errors;
using GenApi.Core.Images.Conversion;
using NetVips;

namespace GenApi.Core.Uploads;

/// <summary>
/// Makes masks with libvips. It is a separate class because touching one of its types loads the library, which takes 6.6 MB of an idle
/// service; a service that makes no mask does not load it.
/// </summary>
internal static class MaskPixels
{
    /// <summary>8,192 × 8,192: 64 MiB once decoded to grey, 256 MiB in the richest form. No model accepts an image that large.</summary>
    public const int MostPixels = 1 << 26;

    private const double Opaque = 255;

    /// <summary>Inverts a mask. Transparent pixels count as black, which keeps the image: a mask marks the white area.</summary>
    internal static byte[] Invert(byte[] bytes)
    {
        try
        {
            using var mask = Open(bytes, "a mask that has to be inverted");
            using var upright = mask.Autorot();
            using var opaque = upright.HasAlpha() ? upright.Flatten() : upright.Copy();
            using var grey = opaque.Colourspace(Enums.Interpretation.Bw);
            using var plain = grey.Cast(Enums.BandFormat.Uchar);
            using var inverted = plain.Invert();
            return Saved(inverted);
        }
        catch (VipsException failure)
        {
            throw new GenApiException(ErrorKind.InvalidInput,
                "has to be inverted for this model, which repaints where a mask is black, and can't be decoded here: "
                + "send it as PNG, JPEG or WebP", failure);
        }
    }

    /// <summary>Makes a mask of an image's transparency, grey where a pixel is half transparent.</summary>
    /// <param name="bytes">The image.</param>
    /// <param name="painted">The pixels that become white.</param>
    /// <returns>Null if no pixel is transparent.</returns>
    internal static byte[]? FromAlpha(byte[] bytes, AlphaMeaning painted)
    {
        try
        {
            using var image = Open(bytes, "a mask");
            using var upright = image.Autorot();
            if (!upright.HasAlpha())
                return null;
            using var alpha = upright.ExtractBand(upright.Bands - 1);
            // Images with 16 bits for each colour have them for the transparency too.
            using var plain = alpha.Cast(Enums.BandFormat.Uchar, shift: alpha.Format != Enums.BandFormat.Uchar);
            if (plain.Min() >= Opaque)
                return null;
            using var mask = painted == AlphaMeaning.TransparentIsPainted ? plain.Invert() : plain.Copy();
            using var grey = mask.Copy(interpretation: Enums.Interpretation.Bw);
            return Saved(grey);
        }
        catch (VipsException failure)
        {
            throw new GenApiException(
                ErrorKind.InvalidInput, "can't be decoded here to read its transparency: send it as PNG or WebP", failure);
        }
    }

    /// <summary>
    /// Opens an image. The header comes first: its size is checked before anything is decoded. A truncated file is an error, not a
    /// half-black mask.
    /// </summary>
    private static Image Open(byte[] bytes, string what)
    {
        VipsLibrary.Prepare();
        var image = Image.NewFromBuffer(bytes, failOn: Enums.FailOn.Truncated);
        if ((long)image.Width * image.Height <= MostPixels)
            return image;
        var (width, height) = (image.Width, image.Height);
        image.Dispose();
        throw new GenApiException(ErrorKind.InvalidInput, $"has {width} × {height} pixels; {what} may have at most {MostPixels}");
    }

    private static byte[] Saved(Image mask) => mask.PngsaveBuffer(compression: 6, keep: Enums.ForeignKeep.None);
}
