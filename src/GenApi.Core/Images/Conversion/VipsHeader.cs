using NetVips;

namespace GenApi.Core.Images.Conversion;

/// <summary>The facts that libvips reads of a file without decoding it.</summary>
internal sealed record VipsHeader
{
    private const string ProfileField = "icc-profile-data", OrientationField = "orientation";
    private const int ProfileSpace = 16, ProfileMagic = 36;

    public required int Width { get; init; }

    /// <summary>Of one frame.</summary>
    public required int Height { get; init; }

    /// <summary>The frames that are converted: 1 unless the result is animated too.</summary>
    public required int Frames { get; init; }

    public required int Bands { get; init; }

    public required int BytesPerPixel { get; init; }

    /// <summary>True if a color has 16 bits.</summary>
    public required bool IsDeep { get; init; }

    /// <summary>1 to 8, as in Exif; 1 is upright.</summary>
    public required int Orientation { get; init; }

    /// <summary>True if the image is stored in several passes, so that it has to be in memory as a whole.</summary>
    public required bool HasPasses { get; init; }

    /// <summary>True if the colors of a JPEG are stored at half the resolution.</summary>
    public required bool HasHalfColors { get; init; }

    /// <summary>
    /// The built-in profile that replaces the file's if that turns out to be unusable; empty: there is no such one. Null: the file has no
    /// profile for its colors.
    /// </summary>
    public required string? FallbackProfile { get; init; }

    public bool IsTurned => Orientation >= 5;

    public int DisplayedWidth => IsTurned ? Height : Width;

    public int DisplayedHeight => IsTurned ? Width : Height;

    /// <summary>
    /// Options of the loader. <c>fail_on</c> stands here because the argument of that name has no effect on thumbnails. libjpeg reports
    /// damaged data as a warning.
    /// </summary>
    public static string Options(ImageFormat format, bool allFrames) =>
        $"fail_on={(format == ImageFormat.Jpeg ? "warning" : "error")}{(allFrames ? ",n=-1" : "")}";

    /// <param name="bytes">The file.</param>
    /// <param name="format">Its format by our own probe; libvips must see the same.</param>
    /// <param name="allFrames">Whether all frames of an animation are converted.</param>
    public static VipsHeader Read(byte[] bytes, ImageFormat format, bool allFrames)
    {
        VipsLibrary.Prepare();
        // Other loaders do not know the option.
        allFrames &= format == ImageFormat.Gif || format == ImageFormat.WebP;
        try
        {
            using var source = Source.NewFromMemory(bytes);
            using var image = Image.NewFromSource(source, Options(format, allFrames), Enums.Access.Sequential);
            var loader = image.Get("vips-loader") as string ?? "";
            return loader.StartsWith(LoaderOf(format), StringComparison.Ordinal) || (format == ImageFormat.Jpeg && IsUltraHdr(loader))
                ? Read(image)
                : throw ConversionFaults.NotAnImage();
        }
        catch (VipsException failure)
        {
            throw ConversionFaults.Damaged(failure);
        }
    }

    private static VipsHeader Read(Image image) => new()
    {
        Width = image.Width,
        Height = image.PageHeight,
        Frames = image.Height / image.PageHeight,
        Bands = image.Bands,
        BytesPerPixel = image.Bands * BytesOf(image.Format),
        IsDeep = image.Format == Enums.BandFormat.Ushort,
        Orientation = Number(image, OrientationField) is >= 1 and <= 8 and var orientation ? orientation : 1,
        HasPasses = Number(image, "interlaced") > 0 || Number(image, "jpeg-multiscan") > 0,
        HasHalfColors = image.Contains("jpeg-chroma-subsample") && image.Get("jpeg-chroma-subsample") is "4:2:0",
        FallbackProfile = FallbackOf(image),
    };

    private static string LoaderOf(ImageFormat format) => format.Extension switch
    {
        ".jpg" => "jpegload",
        ".avif" => "heifload",
        ".tif" => "tiffload",
        _ => $"{format.Extension[1..]}load",
    };

    /// <summary>A JPEG with a second image for displays of high dynamic range has a separate loader.</summary>
    private static bool IsUltraHdr(string loader) => loader.StartsWith("uhdrload", StringComparison.Ordinal);

    private static int Number(Image image, string field) => image.Contains(field) && image.Get(field) is int number ? number : 0;

    private static int BytesOf(Enums.BandFormat format) => format switch
    {
        Enums.BandFormat.Uchar or Enums.BandFormat.Char => 1,
        Enums.BandFormat.Ushort or Enums.BandFormat.Short => 2,
        Enums.BandFormat.Double or Enums.BandFormat.Complex => 8,
        Enums.BandFormat.Dpcomplex => 16,
        _ => 4,
    };

    /// <summary>
    /// Accepts a profile only for images of the same color space. A gray PNG with a profile for RGB, for example, is an image without one.
    /// </summary>
    private static string? FallbackOf(Image image)
    {
        if (!image.Contains(ProfileField) || image.Get(ProfileField) is not byte[] { Length: > 128 } profile
            || !profile.AsSpan(ProfileMagic).StartsWith("acsp"u8))
        {
            return null;
        }
        var space = profile.AsSpan(ProfileSpace, 4);
        return image.Interpretation switch
        {
            Enums.Interpretation.Cmyk => space.SequenceEqual("CMYK"u8) ? "cmyk" : null,
            Enums.Interpretation.Bw or Enums.Interpretation.Grey16 => space.SequenceEqual("GRAY"u8) ? "" : null,
            _ => image.Bands >= 3 && space.SequenceEqual("RGB "u8) ? "srgb" : null,
        };
    }
}
