using System.Globalization;
using System.Text;
using GenApi.Core.Images;
using Microsoft.Extensions.Primitives;

namespace GenApi.Images;

/// <summary>The header values of one image. An image never changes, so they are made once for as long as its row is in memory.</summary>
internal sealed class ImageHeaders
{
    private static readonly StringValues AcceptRanges = "bytes";

    // An SVG that is opened as a page may hold script: the sandbox gives it no origin, no script and no network.
    private static readonly StringValues SvgPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'";

    private readonly StringValues _contentType;
    private readonly StringValues _cacheControl;
    private readonly StringValues _entityTag;
    private readonly StringValues _lastModified;
    private readonly StringValues _inline;
    private readonly string _fileName;
    private readonly bool _isSvg;

    public ImageHeaders(StoredImage image, StringValues cacheControl)
    {
        // HTTP dates have whole seconds.
        LastModifiedAt = image.CreatedAt.AddTicks(-(image.CreatedAt.Ticks % TimeSpan.TicksPerSecond));
        EntityTag = $"\"{image.Sha256}\"";
        LastModified = LastModifiedAt.ToString("r", CultureInfo.InvariantCulture);
        _fileName = FileNameParameters(image.FileName + ImageFormat.Find(image.ContentType)?.Extension);
        _isSvg = image.ContentType == ImageFormat.Svg.ContentType;
        _inline = "inline; " + _fileName;
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
        headers.ContentDisposition = asDownload ? "attachment; " + _fileName : _inline;
        if (_isSvg)
            headers.ContentSecurityPolicy = SvgPolicy;
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
