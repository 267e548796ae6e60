using System.Globalization;
using GenApi.Core.Images.Conversion;

namespace GenApi.Core.Images.Variants;

/// <summary>
/// A variant of one image, in one normal form: requests for the same variant are equal. <see cref="For"/> makes it.
/// </summary>
/// <param name="Width">The greatest width in pixels; null: the image's.</param>
/// <param name="Height">The greatest height in pixels; null: the image's.</param>
/// <param name="Fit">How the image fits both; <see cref="VariantFit.Inside"/> without both.</param>
/// <param name="Format">The format of the variant.</param>
/// <param name="Quality">1 to 100; 100 for PNG, which is lossless.</param>
/// <param name="Background">The color behind transparent pixels of a JPEG, as <c>0xrrggbb</c>; 0 for other formats.</param>
public readonly record struct VariantRequest(
    int? Width, int? Height, VariantFit Fit, VariantFormat Format, int Quality, int Background)
{
    /// <summary>
    /// The version of the recipe. A converter that makes better variants of the same request gets the next one: variants of an earlier
    /// version are no longer served, and go when their image gets its next variant.
    /// </summary>
    private const int Version = 1;

    /// <summary>The beginning of the recipes of this version.</summary>
    internal static string RecipesBegin { get; } = string.Create(CultureInfo.InvariantCulture, $"{Version}:");

    /// <summary>Makes the normal form: bounds that an image already keeps, and values without an effect, are left out.</summary>
    /// <param name="image">The image.</param>
    /// <param name="format">The format of the variant.</param>
    /// <param name="width">The greatest width; null: any.</param>
    /// <param name="height">The greatest height; null: any.</param>
    /// <param name="fit">How the image fits both.</param>
    /// <param name="quality">1 to 100; null: the usual one of the format.</param>
    /// <param name="background">The color behind transparent pixels, as in <see cref="VariantsOptions.Background"/>.</param>
    public static VariantRequest For(
        StoredImage image, VariantFormat format, int? width, int? height, VariantFit fit, int? quality, string background)
    {
        if (width is null || height is null)
            fit = VariantFit.Inside;
        // A box that covers is a proportion too, so both of its sides always count.
        if (fit == VariantFit.Inside)
        {
            if (width >= image.Width)
                width = null;
            if (height >= image.Height)
                height = null;
        }
        return new(
            width, height, fit, format,
            format == VariantFormat.Png ? 100 : quality ?? UsualQuality(format),
            format == VariantFormat.Jpeg ? int.Parse(background, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : 0);
    }

    /// <summary>The quality of a request that names none. Equal numbers look different in each format.</summary>
    public static int UsualQuality(VariantFormat format) => format == VariantFormat.Avif ? 50 : 80;

    /// <summary>The format that keeps most of an image: its own, or WebP, which has transparency and animation.</summary>
    public static VariantFormat FormatOf(string contentType) => contentType switch
    {
        "image/png" => VariantFormat.Png,
        "image/jpeg" => VariantFormat.Jpeg,
        "image/avif" => VariantFormat.Avif,
        _ => VariantFormat.Webp,
    };

    /// <returns>The color in lower case; null if the text is not six hexadecimal digits.</returns>
    public static string? ParseColor(ReadOnlySpan<char> text)
    {
        if (text.Length != 6)
            return null;
        foreach (var digit in text)
        {
            if (!char.IsAsciiHexDigit(digit))
                return null;
        }
        return text.ToString().ToLowerInvariant();
    }

    /// <summary>The text that identifies the variant among those of its image; at most <see cref="ImageVariant.LongestRecipe"/>.</summary>
    /// <param name="isMarked">Whether it carries the marking of AI images.</param>
    internal string Recipe(bool isMarked) => string.Create(
        CultureInfo.InvariantCulture,
        $"{RecipesBegin}{Word(Format)}:{Quality}:{Width}x{Height}:{(Fit == VariantFit.Cover ? "cover" : "")}:{Color}"
        + $":{(isMarked ? "mark" : "")}");

    internal ImageConversion ToConversion(byte[]? xmp) => new()
    {
        Width = Width,
        Height = Height,
        Fit = Fit,
        Format = Format,
        Quality = Quality,
        Background = string.Create(CultureInfo.InvariantCulture, $"{Background:x6}"),
        Xmp = xmp,
    };

    private string Color => Format == VariantFormat.Jpeg ? string.Create(CultureInfo.InvariantCulture, $"{Background:x6}") : "";

    private static string Word(VariantFormat format) => format switch
    {
        VariantFormat.Webp => "webp",
        VariantFormat.Avif => "avif",
        VariantFormat.Jpeg => "jpeg",
        _ => "png",
    };
}
