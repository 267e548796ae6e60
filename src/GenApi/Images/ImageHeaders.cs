using System.Globalization;
using System.Text;
using GenApi.Core.Images;
using Microsoft.Extensions.Primitives;

namespace GenApi.Images;

/// <summary>The header values of one image or file. It never changes, so they are made once for as long as its row is in memory.</summary>
internal sealed class ImageHeaders
{
    private static readonly StringValues AcceptRanges = "bytes";

    // Every answer says that nothing may be run or loaded for it (SecurityHeaders). A drawing keeps its own styles beside that, and what is played may be loaded by the
    // page that a browser makes for it.
    private static readonly StringValues SvgPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'";
    private static readonly StringValues PlayerPolicy = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

    // What a browser shows without running anything in it. All else is a download, whatever it turns out to be.
    private static readonly string[] ShownTexts = ["text/plain", "application/json"];

    private readonly StringValues _contentType;
    private readonly StringValues _cacheControl;
    private readonly StringValues _entityTag;
    private readonly StringValues _lastModified;
    private readonly StringValues _disposition;
    private readonly StringValues _download;
    private readonly StringValues _policy;

    public ImageHeaders(StoredImage image, StringValues cacheControl)
    {
        // HTTP dates have whole seconds.
        LastModifiedAt = image.CreatedAt.AddTicks(-(image.CreatedAt.Ticks % TimeSpan.TicksPerSecond));
        EntityTag = $"\"{image.Sha256}\"";
        LastModified = LastModifiedAt.ToString("r", CultureInfo.InvariantCulture);
        var name = FileNameParameters(image.IsImage ? image.FileName + ImageFormat.Find(image.ContentType)?.Extension : image.FileName);
        var isSvg = image.ContentType == ImageFormat.Svg.ContentType;
        var isShown = !isSvg && (image.Kind is FileKind.Image or FileKind.Video or FileKind.Audio || ShownTexts.Contains(image.ContentType));
        _download = "attachment; " + name;
        _disposition = isShown ? "inline; " + name : _download;
        _policy = isSvg ? SvgPolicy : image.Kind is FileKind.Video or FileKind.Audio ? PlayerPolicy : StringValues.Empty;
        (_contentType, _cacheControl, _entityTag, _lastModified) = (image.ContentType, cacheControl, EntityTag, LastModified);
    }

    public string EntityTag { get; }

    public string LastModified { get; }

    public DateTimeOffset LastModifiedAt { get; }

    /// <summary>What a 304 must repeat, and nothing more.</summary>
    public void WriteValidators(IHeaderDictionary headers)
    {
        headers.ETag = _entityTag;
        headers.CacheControl = _cacheControl;
        headers.LastModified = _lastModified;
    }

    public void Write(IHeaderDictionary headers, bool asDownload)
    {
        WriteValidators(headers);
        headers.ContentType = _contentType;
        headers.AcceptRanges = AcceptRanges;
        headers.ContentDisposition = asDownload ? _download : _disposition;
        if (_policy.Count > 0)
            headers.ContentSecurityPolicy = _policy;
    }

    /// <summary>
    /// RFC 6266: the plain name for everybody, and the true one in RFC 8187's encoding where it has other letters than ASCII.
    /// </summary>
    private static string FileNameParameters(string name)
    {
        if (Ascii.IsValid(name))
            return $"filename=\"{name}\"";
        var plain = string.Concat(name.Select(each => char.IsAscii(each) ? each : '_'));
        return $"filename=\"{plain}\"; filename*=UTF-8''{Uri.EscapeDataString(name)}";
    }
}
