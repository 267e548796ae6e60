using System.Text;
using System.Text.Unicode;

namespace GenApi.Core.Uploads;

/// <summary>
/// Describes by their beginning what bytes look like, in words for the sender. It is a guess for a sentence; no decision depends on it.
/// </summary>
/// <param name="Text">With its article: <c>a PDF document</c>.</param>
/// <param name="IsImage">Whether the format is accepted, so that only this one file is at fault.</param>
internal readonly record struct ContentSniffer(string Text, bool IsImage = false)
{
    private static readonly (int At, byte[] Magic, ContentSniffer Looks)[] Known =
    [
        (0, [0x89, .. "PNG\r\n"u8], new("a PNG image", true)),
        (0, [0xFF, 0xD8, 0xFF], new("a JPEG image", true)),
        (8, [.. "WEBP"u8], new("a WebP image", true)),
        (0, [.. "GIF8"u8], new("a GIF image", true)),
        (4, [.. "ftypavif"u8], new("an AVIF image", true)),
        (4, [.. "ftypavis"u8], new("an AVIF image", true)),
        (4, [.. "ftyphei"u8], new("a HEIC image", true)),
        (4, [.. "ftypmif1"u8], new("a HEIC image", true)),
        (4, [.. "ftypqt"u8], new("a QuickTime video")),
        (4, [.. "ftypM4A"u8], new("an MPEG-4 audio file")),
        (4, [.. "ftyp"u8], new("an MP4 video")),
        (0, [.. "BM"u8], new("a BMP image", true)),
        (0, [.. "II*\0"u8], new("a TIFF image, which models do not accept")),
        (0, [.. "MM\0*"u8], new("a TIFF image, which models do not accept")),
        (0, [0xFF, 0x0A], new("a JPEG XL image, which models do not accept")),
        (4, [.. "JXL "u8], new("a JPEG XL image, which models do not accept")),
        (4, [.. "jP  "u8], new("a JPEG 2000 image, which models do not accept")),
        (0, [.. "8BPS"u8], new("a Photoshop document")),
        (0, [0, 0, 1, 0], new("an icon (ICO)")),
        (0, [.. "%PDF-"u8], new("a PDF document")),
        (0, [.. "PK\u0003\u0004"u8], new("a ZIP archive (or a document that is one, such as .docx)")),
        (0, [.. "PK\u0005\u0006"u8], new("an empty ZIP archive")),
        (0, [0x1F, 0x8B], new("a gzip file")),
        (0, [.. "BZh"u8], new("a bzip2 file")),
        (0, [0xFD, .. "7zXZ"u8], new("an xz file")),
        (0, [0x28, 0xB5, 0x2F, 0xFD], new("a Zstandard file")),
        (0, [.. "7z"u8, 0xBC, 0xAF], new("a 7-Zip archive")),
        (0, [.. "Rar!"u8], new("a RAR archive")),
        (257, [.. "ustar"u8], new("a tar archive")),
        (0, [0x1A, 0x45, 0xDF, 0xA3], new("a WebM or Matroska video")),
        (8, [.. "AVI "u8], new("an AVI video")),
        (8, [.. "WAVE"u8], new("a WAV audio file")),
        (0, [.. "OggS"u8], new("an Ogg file")),
        (0, [.. "fLaC"u8], new("a FLAC audio file")),
        (0, [.. "ID3"u8], new("an MP3 audio file")),
        (0, [0xFF, 0xFB], new("an MP3 audio file")),
        (0, [0x7F, .. "ELF"u8], new("a program")),
        (0, [.. "MZ"u8], new("a Windows program")),
        (0, [.. "SQLite format 3"u8], new("an SQLite database")),
    ];

    /// <param name="head">The first bytes; 512 are enough.</param>
    /// <param name="count">The total number of bytes.</param>
    public static ContentSniffer Describe(ReadOnlySpan<byte> head, long count)
    {
        if (count == 0)
            return new("an empty file");
        foreach (var (at, magic, looks) in Known)
        {
            if (head.Length >= at + magic.Length && head[at..].StartsWith(magic))
                return looks;
        }
        return Words(head, count);
    }

    /// <summary>
    /// Returns whether the bytes can only be XML or HTML: the first character other than a space is an angle bracket, in UTF-8 or UTF-16.
    /// </summary>
    public static bool IsMarkup(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            head = head[3..];
        else if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            head = head[2..];
        return head.TrimStart(" \t\r\n\0"u8) is [(byte)'<', ..];
    }

    private static ContentSniffer Words(ReadOnlySpan<byte> head, long count)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            head = head[3..];
        if (!IsText(head, isWhole: head.Length == count))
            return new("binary data of an unknown kind");
        var text = Encoding.UTF8.GetString(head).TrimStart();
        if (text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase))
        {
            return new("an HTML page (text/html)");
        }
        if (text.Contains("<svg", StringComparison.OrdinalIgnoreCase))
            return new("an SVG drawing, which models do not accept");
        if (text.StartsWith('<'))
            return new("an XML or HTML text");
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
            return new("a data URI: put it into the request, or send the bytes that it encodes");
        if (text.StartsWith('{') || text.StartsWith('['))
            return new("a JSON text");
        return new("plain text");
    }

    /// <summary>Returns whether the bytes are UTF-8 without control characters; the head may end in the middle of a letter.</summary>
    private static bool IsText(ReadOnlySpan<byte> head, bool isWhole)
    {
        for (var cut = 0; cut <= (isWhole ? 0 : 3) && cut < head.Length; cut++)
        {
            var piece = head[..^cut];
            if (Utf8.IsValid(piece))
                return piece.IndexOfAnyInRange((byte)0, (byte)8) < 0;
        }
        return false;
    }
}
