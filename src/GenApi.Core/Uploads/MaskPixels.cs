using GenApi.Core.Errors;
using NetVips;

namespace GenApi.Core.Uploads;

/// <summary>
/// Masks turned round by libvips. A class of its own, because touching one of its types loads the library, which takes 6.6 MB of an idle service: one that inverts no
/// mask does without.
/// </summary>
internal static class MaskPixels
{
    /// <summary>8,192 × 8,192: 64 MiB in grey once decoded, 256 MiB in the richest form. No model takes a picture that large.</summary>
    public const int MostPixels = 1 << 26;

    // No mask is inverted twice, so what libvips would remember costs memory only.
    static MaskPixels() => Cache.Max = 0;

    /// <summary>What is transparent counts as black, which keeps: a mask is where it is white.</summary>
    internal static byte[] Invert(byte[] bytes)
    {
        try
        {
            // The header first: what it claims is known before anything is decoded. Cut short is an error, not a half-black mask.
            using var mask = Image.NewFromBuffer(bytes, failOn: Enums.FailOn.Truncated);
            if ((long)mask.Width * mask.Height > MostPixels)
                throw new GenApiException(ErrorKind.InvalidInput, $"has {mask.Width} × {mask.Height} pixels; a mask that has to be inverted may have {MostPixels} at most");
            using var upright = mask.Autorot();
            using var opaque = upright.HasAlpha() ? upright.Flatten() : upright.Copy();
            using var grey = opaque.Colourspace(Enums.Interpretation.Bw);
            using var plain = grey.Cast(Enums.BandFormat.Uchar);
            using var inverted = plain.Invert();
            return inverted.PngsaveBuffer(compression: 6, keep: Enums.ForeignKeep.None);
        }
        catch (VipsException failure)
        {
            throw new GenApiException(
                ErrorKind.InvalidInput, "has to be inverted for this model, which repaints where a mask is black, and can't be decoded here: send it as PNG, JPEG or WebP", failure);
        }
    }
}
