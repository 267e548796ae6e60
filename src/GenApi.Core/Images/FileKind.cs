namespace GenApi.Core.Images;

/// <summary>The kind of a stored output. Only <see cref="Image"/> counts as an image for prices and in lists of images.</summary>
public enum FileKind
{
    Image,
    Video,
    Audio,

    /// <summary>A 3D model.</summary>
    Model,
    Archive,
    Document,
    Text,

    /// <summary>Everything else: JSON, arrays, weights, bytes of no known format.</summary>
    Data,
}

/// <summary>The facts that the bytes of an output show.</summary>
/// <param name="Kind">The kind of file.</param>
/// <param name="ContentType">At most <see cref="ImageFormat.LongestContentType"/> characters.</param>
/// <param name="Extension">With its dot; empty if none is known.</param>
/// <param name="Width">
/// In pixels, as displayed; null for a file that is neither an image nor a video, or whose header does not show it cheaply.
/// </param>
/// <param name="Height">As <paramref name="Width"/>.</param>
/// <param name="DurationMs">
/// The length of a video or sound in milliseconds; null for anything else, or if the file does not state it cheaply.
/// </param>
public readonly record struct FileFacts(
    FileKind Kind, string ContentType, string Extension, int? Width = null, int? Height = null, long? DurationMs = null)
{
    /// <summary>Ten years: what claims to be longer states no length.</summary>
    private const double LongestSeconds = 10 * 365 * 86_400d;

    internal static FileFacts Of(ImageFacts picture) => Of(picture.Format, picture.Width, picture.Height);

    internal static FileFacts Of(ImageFormat format, long? width = null, long? height = null) =>
        width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue
            ? new(FileKind.Image, format.ContentType, format.Extension, (int)width, (int)height)
            : new(FileKind.Image, format.ContentType, format.Extension);

    /// <summary>Adds a length; one of less than a millisecond, or that is no number, counts as not stated.</summary>
    internal FileFacts Lasting(double seconds) =>
        seconds is >= 0.001 and <= LongestSeconds ? this with { DurationMs = (long)Math.Round(seconds * 1000) } : this;

    /// <summary>Adds a size in pixels, unless a side is missing.</summary>
    internal FileFacts Sized(long width, long height) => width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue
        ? this with { Width = (int)width, Height = (int)height }
        : this;
}

/// <summary>The claims about an output before its bytes are examined.</summary>
/// <param name="Extension">The extension in its address, without the dot and in lower case; null: none.</param>
/// <param name="ContentType">The content type that the sender claims; null: none.</param>
public sealed record FilePromise(string? Extension, string? ContentType)
{
    private const int LongestExtension = 12;

    /// <summary>True if the bytes were already examined and accepted; then they are stored whatever they are.</summary>
    public bool IsAccepted { get; init; }

    /// <summary>True if an image is expected: an error page in its place is fetched again.</summary>
    internal bool PromisesImage => !IsAccepted
        && (Extension is null ? ContentType is not { } type || IsType(type, "image/") : ImageFormat.HasExtension("." + Extension));

    /// <summary>True if the address itself says HTML. A content type alone is not enough, because an error page has it too.</summary>
    internal bool IsHtml => Extension is "html" or "htm" or "xhtml";

    /// <param name="address">The address of the file; a data URI has no extension.</param>
    /// <param name="contentType">The content type that the sender claims.</param>
    public static FilePromise Of(string address, string? contentType)
    {
        var isData = address.StartsWith("data:", StringComparison.OrdinalIgnoreCase);
        var name = !isData && Uri.TryCreate(address, UriKind.Absolute, out var uri)
            ? Path.GetExtension(uri.AbsolutePath).TrimStart('.').ToLowerInvariant()
            : "";
        if (isData && contentType is not null && IsType(contentType, "text/html"))
            name = "html";
        return new(name.Length is > 0 and <= LongestExtension && name.All(char.IsAsciiLetterOrDigit) ? name : null, contentType);
    }

    private static bool IsType(string type, string beginning) => type.StartsWith(beginning, StringComparison.OrdinalIgnoreCase);
}
