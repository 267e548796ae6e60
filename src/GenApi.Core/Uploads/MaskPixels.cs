using GenApi.Core.Errors;
using NetVips;

namespace GenApi.Core.Uploads;

/// <summary>
/// Inverts masks with libvips. It is a separate class because touching one of its types loads the library, which takes 6.6 MB of an idle
/// service; a service that inverts no mask does not load it.
/// </summary>
internal static class MaskPixels
{
    /// <summary>8,192 × 8,192: 64 MiB once decoded to grey, 256 MiB in the richest form. No model accepts an image that large.</summary>
    public const int MostPixels = 1 << 26;

    // No mask is inverted twice, so libvips' cache would only cost memory.
    static MaskPixels() => Cache.Max = 0;

    /// <summary>Inverts a mask. Transparent pixels count as black, which keeps the image: a mask marks the white area.</summary>
    internal static byte[] Invert(byte[] bytes)
    {
        try
        {
            // The header comes first: its size is checked before anything is decoded. A truncated file is an error, not a half-black mask.
            using var mask = Image.NewFromBuffer(bytes, failOn: Enums.FailOn.Truncated);
            if ((long)mask.Width * mask.Height > MostPixels)
            {
                throw new GenApiException(ErrorKind.InvalidInput,
                    $"has {mask.Width} × {mask.Height} pixels; a mask that has to be inverted may have at most {MostPixels}");
            }
            using var upright = mask.Autorot();
            using var opaque = upright.HasAlpha() ? upright.Flatten() : upright.Copy();
            using var grey = opaque.Colourspace(Enums.Interpretation.Bw);
            using var plain = grey.Cast(Enums.BandFormat.Uchar);
            using var inverted = plain.Invert();
            return inverted.PngsaveBuffer(compression: 6, keep: Enums.ForeignKeep.None);
        }
        catch (VipsException failure)
        {
            throw new GenApiException(ErrorKind.InvalidInput,
                "has to be inverted for this model, which repaints where a mask is black, and can't be decoded here: "
                + "send it as PNG, JPEG or WebP", failure);
        }
    }
}
