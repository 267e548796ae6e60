using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Images.Containers;

namespace GenApi.Core.Images.Metadata;

/// <summary>
/// Writes settings and the mark into a copy of an image, in the places where image tools look: PNG has them in its text
/// <c>parameters</c>, JPEG, WebP and AVIF in the Exif field UserComment. The mark is XMP in all four. The pixels stay byte for byte,
/// everything else that the image carries stays too, and a C2PA manifest is left out: any change makes it invalid.
/// </summary>
public static class SettingsWriter
{
    // The text in UserComment follows the name of its encoding.
    private static ReadOnlySpan<byte> Unicode => "UNICODE\0"u8;

    /// <summary>Returns the copy.</summary>
    /// <param name="image">The image, or a variant of it.</param>
    /// <param name="settings">What to write into it.</param>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.ImageNotConvertible"/>: the image is not PNG, JPEG, WebP or AVIF, or it is damaged.
    /// </exception>
    public static byte[] Embed(ReadOnlyMemory<byte> image, EmbeddedSettings settings)
    {
        var own = ImageContainer.Read(image);
        var xmp = ImageMark.Xmp(own.Xmp, settings.Model, settings.Version);
        if (own.Format == ContainerFormat.Png)
            return ImageContainer.Write(image, new MetadataChange { Text = (SettingsText.PngKeyword, SettingsText.Of(settings)), Xmp = xmp });
        var exif = (own.Exif is { } block ? ExifBlock.Read(block) : null) ?? new ExifBlock();
        if (own.Format != ContainerFormat.Jpeg)
            return ImageContainer.Write(image, new MetadataChange { Exif = WithComment(exif, SettingsText.Of(settings)), Xmp = xmp });
        return ImageContainer.Write(image, new MetadataChange
        {
            Exif = FittingJpeg(exif, settings),
            Xmp = xmp.Length + JpegSegment.XmpPrefix.Length <= JpegSegments.LongestData
                ? xmp
                : ImageMark.Xmp(null, settings.Model, settings.Version),
        });
    }

    /// <summary>
    /// Cuts the prompts to what the one segment of a JPEG holds. Where the image's own Exif leaves no room for even a short text, only its
    /// orientation stays.
    /// </summary>
    private static byte[] FittingJpeg(ExifBlock own, EmbeddedSettings settings)
    {
        foreach (var block in (ExifBlock[])[own, own.OrientationOnly()])
        {
            var used = WithComment(block, "").Length + JpegSegment.ExifPrefix.Length;
            // A value of more than four bytes is padded to an even length.
            var room = (JpegSegments.LongestData - used - 2) / sizeof(char);
            if (SettingsText.Of(settings, room) is { } text)
                return WithComment(block, text);
        }
        throw ContainerFaults.Unsupported(JpegSegments.Format, "the settings do not fit into the 64 kB of a segment");
    }

    /// <summary>
    /// Adds the comment in UTF-16 big-endian, whatever the order of the block: tools expect it so. Half of a surrogate pair becomes
    /// U+FFFD.
    /// </summary>
    private static byte[] WithComment(ExifBlock block, string text) =>
        block.WithExif(ExifEntry.Undefined(ExifTags.UserComment, [.. Unicode, .. Encoding.BigEndianUnicode.GetBytes(text)])).Write();
}
