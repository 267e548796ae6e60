namespace GenApi.Core.Images;

/// <summary>What a stored output is. Only an <see cref="Image"/> counts as an image for prices and in lists of images.</summary>
public enum FileKind
{
    Image,
    Video,
    Audio,

    /// <summary>A model in three dimensions.</summary>
    Model,
    Archive,
    Document,
    Text,

    /// <summary>Everything else: JSON, arrays, weights, bytes of no known format.</summary>
    Data,
}

/// <summary>What the bytes of an output say of themselves.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="ContentType">At most <see cref="ImageFormat.LongestContentType"/> characters.</param>
/// <param name="Extension">With its dot; empty where none is known.</param>
/// <param name="Width">As shown, in pixels; null for what is no picture, or one that does not tell cheaply.</param>
/// <param name="Height">As <paramref name="Width"/>.</param>
public readonly record struct FileFacts(FileKind Kind, string ContentType, string Extension, int? Width = null, int? Height = null)
{
    internal static FileFacts Of(ImageFacts picture) => Of(picture.Format, picture.Width, picture.Height);

    internal static FileFacts Of(ImageFormat format, long? width = null, long? height = null) =>
        width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue
            ? new(FileKind.Image, format.ContentType, format.Extension, (int)width, (int)height)
            : new(FileKind.Image, format.ContentType, format.Extension);
}

/// <summary>What is known of an output before its bytes are looked at.</summary>
/// <param name="Extension">Of its address, without the dot and in lower case; null: it has none.</param>
/// <param name="ContentType">As the sender claims; null: not told.</param>
public sealed record FilePromise(string? Extension, string? ContentType)
{
    private const int LongestExtension = 12;

    /// <summary>The bytes were examined and taken before, so whatever they are is kept.</summary>
    public bool IsTaken { get; init; }

    /// <summary>An error page in its place is to be fetched again.</summary>
    internal bool IsPicture => !IsTaken && (Extension is null ? ContentType is not { } type || IsType(type, "image/") : ImageFormat.HasExtension("." + Extension));

    /// <summary>The address itself says so: a content type alone is what an error page has too.</summary>
    internal bool IsHtml => Extension is "html" or "htm" or "xhtml";

    /// <param name="address">Of the file; a data URI has no extension.</param>
    /// <param name="contentType">As the sender claims.</param>
    public static FilePromise Of(string address, string? contentType)
    {
        var isData = address.StartsWith("data:", StringComparison.OrdinalIgnoreCase);
        var name = !isData && Uri.TryCreate(address, UriKind.Absolute, out var uri) ? Path.GetExtension(uri.AbsolutePath).TrimStart('.').ToLowerInvariant() : "";
        if (isData && contentType is not null && IsType(contentType, "text/html"))
            name = "html";
        return new(name.Length is > 0 and <= LongestExtension && name.All(char.IsAsciiLetterOrDigit) ? name : null, contentType);
    }

    private static bool IsType(string type, string beginning) => type.StartsWith(beginning, StringComparison.OrdinalIgnoreCase);
}
