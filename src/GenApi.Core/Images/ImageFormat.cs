namespace GenApi.Core.Images;

/// <summary>A format that is stored and served as it came.</summary>
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

    /// <summary>
    /// Some models draw vectors. It may hold script, so it is served in a sandbox and never run as part of a page of ours.
    /// </summary>
    public static readonly ImageFormat Svg = new("image/svg+xml", ".svg");

    private static readonly ImageFormat[] All = [Png, Jpeg, WebP, Gif, Avif, Heic, Bmp, Svg];

    /// <summary>Null for a type this version does not store.</summary>
    public static ImageFormat? Find(string contentType) => Array.Find(All, format => format.ContentType == contentType);
}

/// <summary>What the bytes themselves say.</summary>
public readonly record struct ImageFacts(ImageFormat Format, int Width, int Height);
