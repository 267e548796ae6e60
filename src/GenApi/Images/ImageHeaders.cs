using System.Globalization;
using System.Text;
using GenApi.Core.Images;
using GenApi.Core.Images.Variants;
using Microsoft.Extensions.Primitives;

namespace GenApi.Images;

/// <summary>
/// The header values of one image, file or variant. It never changes, so they are created once while its row is in memory.
/// </summary>
internal sealed class ImageHeaders
{
    private static readonly StringValues AcceptRanges = "bytes";

    // Every answer forbids browsers to run or load anything for it (SecurityHeaders). An SVG may also use its own styles, and the page that
    // a browser builds around a video or sound may load it.
    private static readonly StringValues SvgPolicy =
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'";

    private static readonly StringValues PlayerPolicy =
        "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

    // Texts that a browser shows without running anything. Everything else is a download.
    private static readonly string[] ShownTexts = ["text/plain", "application/json"];

    private readonly StringValues _contentType;
    private readonly StringValues _cacheControl;
    private readonly StringValues _entityTag;
    private readonly StringValues _lastModified;
    private readonly StringValues _disposition;
    private readonly StringValues _download;
    private readonly StringValues _policy;

    /// <param name="image">The image or file.</param>
    /// <param name="cacheControl">The header that limits caches.</param>
    /// <param name="sha256">The hash of other bytes that are served in its place; null: its own bytes are served.</param>
    public ImageHeaders(StoredImage image, StringValues cacheControl, string? sha256 = null)
        : this(image, image.ContentType, sha256 ?? image.Sha256, image.CreatedAt, cacheControl)
    {
    }

    /// <param name="image">The image.</param>
    /// <param name="variant">The variant of it that is served.</param>
    /// <param name="cacheControl">The caches that may keep it, and for how long.</param>
    /// <param name="sha256">The hash of other bytes that are served in its place; null: its own bytes are served.</param>
    public ImageHeaders(StoredImage image, KeptVariant variant, StringValues cacheControl, string? sha256 = null)
        : this(image, variant.ContentType, sha256 ?? variant.Sha256, variant.CreatedAt, cacheControl)
    {
    }

    private ImageHeaders(
        StoredImage image, string contentType, string sha256, DateTimeOffset createdAt, StringValues cacheControl)
    {
        // HTTP dates have whole seconds.
        LastModifiedAt = createdAt.AddTicks(-(createdAt.Ticks % TimeSpan.TicksPerSecond));
        EntityTag = $"\"{sha256}\"";
        LastModified = LastModifiedAt.ToString("r", CultureInfo.InvariantCulture);
        var name = FileNameParameters(image.IsImage ? image.FileName + ImageFormat.Find(contentType)?.Extension : image.FileName);
        var isSvg = contentType == ImageFormat.Svg.ContentType;
        var isShown = !isSvg
            && (image.Kind is FileKind.Image or FileKind.Video or FileKind.Audio || ShownTexts.Contains(contentType));
        _download = "attachment; " + name;
        _disposition = isShown ? "inline; " + name : _download;
        _policy = isSvg ? SvgPolicy : image.Kind is FileKind.Video or FileKind.Audio ? PlayerPolicy : StringValues.Empty;
        (_contentType, _cacheControl, _entityTag, _lastModified) = (contentType, cacheControl, EntityTag, LastModified);
    }

    public string EntityTag { get; }

    public string LastModified { get; }

    public DateTimeOffset LastModifiedAt { get; }

    /// <summary>Writes the headers that a 304 must repeat.</summary>
    public void WriteValidators(IHeaderDictionary headers)
    {
        headers.ETag = _entityTag;
        headers.CacheControl = _cacheControl;
        headers.LastModified = _lastModified;
    }

    /// <summary>Says whether a browser that shows the bytes needs a policy from us.</summary>
    public bool HasPolicy => _policy.Count > 0;

    /// <summary>Returns the type and the disposition, for another server that sends the bytes.</summary>
    public (string ContentType, string ContentDisposition) Describe(bool asDownload) =>
        (_contentType.ToString(), (asDownload ? _download : _disposition).ToString());

    /// <summary>Returns how long a caller may keep the bytes: with a link no longer than that is valid.</summary>
    public string CacheControlFor(ValidLink? link) => link is null
        ? _cacheControl.ToString()
        : string.Create(CultureInfo.InvariantCulture, $"private, max-age={link.SecondsLeft}");

    public void Write(IHeaderDictionary headers, bool asDownload)
    {
        WriteValidators(headers);
        headers.ContentType = _contentType;
        headers.AcceptRanges = AcceptRanges;
        headers.ContentDisposition = asDownload ? _download : _disposition;
        if (_policy.Count > 0)
            headers.ContentSecurityPolicy = _policy;
    }

    /// <summary>Writes the file name by RFC 6266: in plain ASCII, and in RFC 8187's encoding if it has other letters.</summary>
    private static string FileNameParameters(string name)
    {
        if (Ascii.IsValid(name))
            return $"filename=\"{name}\"";
        var plain = string.Concat(name.Select(each => char.IsAscii(each) ? each : '_'));
        return $"filename=\"{plain}\"; filename*=UTF-8''{Uri.EscapeDataString(name)}";
    }
}
