using System.ComponentModel.DataAnnotations;

namespace GenApi.Images;

/// <summary>Section <c>Images</c>.</summary>
public sealed class ImagesOptions
{
    public const string Section = "Images";

    internal static readonly string[] CacheControls = ["private", "public"];

    /// <summary><c>private</c>: only the caller's own cache may keep an image; <c>public</c>: proxies and CDNs too.</summary>
    public string CacheControl { get; set; } = CacheControls[0];

    /// <summary>How long a link to an image can be used without a key, in minutes; 1 minute to a year.</summary>
    [Range(1, 525_600)]
    public int LinkMinutes { get; set; } = 24 * 60;
}
