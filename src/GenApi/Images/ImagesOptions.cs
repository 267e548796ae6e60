namespace GenApi.Images;

/// <summary>Section <c>Images</c>.</summary>
public sealed class ImagesOptions
{
    public const string Section = "Images";

    internal static readonly string[] CacheControls = ["private", "public"];

    /// <summary><c>private</c>: only the caller's own cache may keep an image; <c>public</c>: proxies and CDNs too.</summary>
    public string CacheControl { get; set; } = CacheControls[0];
}
