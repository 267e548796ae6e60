using GenApi.Core.Images;
using GenApi.Core.Images.Conversion;
using GenApi.Core.Images.Variants;
using GenApi.Hosting;
using Microsoft.Extensions.Primitives;
using Microsoft.OpenApi;

namespace GenApi.Images;

/// <summary>
/// The part of an image's query that asks for a copy: a variant in another size or format, or with its settings inside. See
/// <see cref="DerivedQueryReader"/>.
/// </summary>
internal readonly record struct DerivedQuery
{
    internal const string WidthName = "width";
    internal const string HeightName = "height";
    internal const string FitName = "fit";
    internal const string FormatName = "format";
    internal const string QualityName = "quality";
    internal const string BackgroundName = "background";
    internal const string MetadataName = "metadata";

    internal const string Embedded = "embedded";

    private const string Sides = "one of `Images:Widths` (64, 128, 256, 512, 1024, 2048)";

    internal static WordsAttribute Fits { get; } = new("VariantFit", "inside", "cover");

    internal static WordsAttribute Formats { get; } = new("VariantFormat", "auto", "webp", "avif", "jpeg", "png");

    /// <summary>The parameters, as the API document shows them.</summary>
    public static IReadOnlyList<QueryParameter> Parameters { get; } =
    [
        new(
            WidthName, JsonSchemaType.Integer,
            $"The greatest width of a smaller copy in pixels: {Sides}. No copy is larger than the image."),
        new(HeightName, JsonSchemaType.Integer, $"The greatest height of a smaller copy in pixels: {Sides}."),
        QueryParameter.Of(
            FitName, Fits,
            "`inside`: the whole image, at most that wide and high. `cover`: the middle of the image in the proportions of `width` and "
            + "`height`, both of which it needs. Absent: `inside`."),
        QueryParameter.Of(
            FormatName, Formats,
            "The format of the copy. `auto`: WebP or AVIF if `Accept` names it, otherwise the image's own. Absent: the image's own if "
            + "it is one of these, otherwise WebP."),
        new(QualityName, JsonSchemaType.Integer, "1 to 100, for WebP, AVIF and JPEG. Absent: 80; for AVIF 50."),
        QueryParameter.Text(
            BackgroundName,
            "The color behind transparent pixels in a JPEG, as six hexadecimal digits. Absent: `Images:Background` (white)."),
        QueryParameter.Text(
            MetadataName,
            "`embedded`: a copy with the settings of its generation and the mark of AI-made images inside (PNG, JPEG, WebP, AVIF). It "
            + "needs a key; a link is not enough.",
            Embedded),
    ];

    public int? Width { get; init; }

    public int? Height { get; init; }

    public VariantFit Fit { get; init; }

    /// <summary>The format by name; null: the image's own, or negotiated.</summary>
    public VariantFormat? Format { get; init; }

    /// <summary>True if the header <c>Accept</c> decides about the format.</summary>
    public bool IsNegotiated { get; init; }

    public int? Quality { get; init; }

    /// <summary>Six hexadecimal digits; null: the setting's.</summary>
    public string? Background { get; init; }

    /// <summary>True if the copy has another size or format than the image.</summary>
    public bool IsVariant { get; init; }

    /// <summary>True if the copy carries the settings of its generation.</summary>
    public bool HasSettings { get; init; }

    /// <summary>Decides which variant of this image to serve.</summary>
    /// <param name="image">The image.</param>
    /// <param name="accept">The header <c>Accept</c>.</param>
    /// <param name="background">The color of the settings.</param>
    public VariantRequest For(StoredImage image, StringValues accept, string background)
    {
        var own = VariantRequest.FormatOf(image.ContentType);
        var format = IsNegotiated ? AcceptedFormats.Choose(accept, own) : Format ?? own;
        return VariantRequest.For(image, format, Width, Height, Fit, Quality, Background ?? background);
    }
}
