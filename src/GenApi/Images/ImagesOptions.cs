using System.ComponentModel.DataAnnotations;

namespace GenApi.Images;

/// <summary>Section <c>Images</c>.</summary>
public sealed class ImagesOptions
{
    public const string Section = "Images";

    internal static readonly string[] CacheControls = ["private", "public"];

    /// <summary>
    /// The caches that may store an image. <c>private</c>: only the caller's own. <c>public</c>: proxies and CDNs too, which then serve it
    /// without asking for a key. Images fetched by a link are always <c>private</c>.
    /// </summary>
    /// <value><c>private</c>, <c>public</c></value>
    public string CacheControl { get; set; } = CacheControls[0];

    /// <summary>The number of minutes for which the links to images in answers are valid. They need no key.</summary>
    [Range(1, 525_600)]
    public int LinkMinutes { get; set; } = 24 * 60;
}
