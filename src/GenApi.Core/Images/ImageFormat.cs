namespace GenApi.Core.Images;

/// <summary>A format that is stored and served unchanged.</summary>
public sealed record ImageFormat(string ContentType, string Extension)
{
    internal const int LongestContentType = 32;

    public static readonly ImageFormat Png = new("image/png", ".png");
    public static readonly ImageFormat Jpeg = new("image/jpeg", ".jpg");
    public static readonly ImageFormat WebP = new("image/webp", ".webp");
    public static readonly ImageFormat Gif = new("image/gif", ".gif");
    public static readonly ImageFormat Avif = new("image/avif", ".avif");
    public static readonly ImageFormat Heic = new("image/heic", ".heic");
    public static readonly ImageFormat Bmp = new("image/bmp", ".bmp");

    /// <summary>Some models return vector images. A drawing may contain script, so it is served as a download and in a sandbox.</summary>
    public static readonly ImageFormat Svg = new("image/svg+xml", ".svg");

    // Models return these too. They are stored unchanged; an input must be one of the formats above.
    public static readonly ImageFormat Jxl = new("image/jxl", ".jxl");
    public static readonly ImageFormat Jpeg2000 = new("image/jp2", ".jp2");
    public static readonly ImageFormat Jpeg2000Stream = new("image/j2c", ".j2k");
    public static readonly ImageFormat Tiff = new("image/tiff", ".tif");
    public static readonly ImageFormat Icon = new("image/vnd.microsoft.icon", ".ico");
    public static readonly ImageFormat Psd = new("image/vnd.adobe.photoshop", ".psd");
    public static readonly ImageFormat Exr = new("image/x-exr", ".exr");
    public static readonly ImageFormat Hdr = new("image/vnd.radiance", ".hdr");
    public static readonly ImageFormat Qoi = new("image/qoi", ".qoi");

    private static readonly ImageFormat[] All =
        [Png, Jpeg, WebP, Gif, Avif, Heic, Bmp, Svg, Jxl, Jpeg2000, Jpeg2000Stream, Tiff, Icon, Psd, Exr, Hdr, Qoi];

    private static readonly string[] OtherExtensions =
        [".jpeg", ".jpe", ".jfif", ".apng", ".heif", ".tiff", ".cur", ".jpf", ".jpx", ".j2c", ".jpc"];

    /// <summary>Returns the format of a content type; null for a type that this version does not store.</summary>
    public static ImageFormat? Find(string contentType) => Array.Find(All, format => format.ContentType == contentType);

    /// <summary>Returns whether images have this extension, given with its dot and in lower case.</summary>
    internal static bool HasExtension(string extension) =>
        Array.Exists(All, format => format.Extension == extension) || OtherExtensions.Contains(extension);
}

/// <summary>The facts that the bytes of an image show.</summary>
/// <param name="Format">The format, whatever a header or an extension claims.</param>
/// <param name="Width">In pixels, as displayed: rotated and cropped as the file asks.</param>
/// <param name="Height">As <paramref name="Width"/>.</param>
public readonly record struct ImageFacts(ImageFormat Format, int Width, int Height);
