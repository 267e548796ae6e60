using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using GenApi.Images;
using Microsoft.Extensions.Options;

namespace GenApi.Doors;

/// <summary>
/// The addresses of images and files in the answers of doors. They need no key, have the extension in their path, and begin with the
/// scheme, host and prefix by which the caller came.
/// </summary>
internal sealed class DoorLinks(LastingLinks lasting, ImageLinks signed, IOptions<DoorsOptions> options, TimeProvider time)
{
    /// <summary>The formats that an image can be served in, by extension.</summary>
    private static readonly (string Extension, string Format, ImageFormat Stored)[] Formats =
    [
        (".png", "png", ImageFormat.Png), (".jpg", "jpeg", ImageFormat.Jpeg), (".jpeg", "jpeg", ImageFormat.Jpeg),
        (".webp", "webp", ImageFormat.WebP), (".avif", "avif", ImageFormat.Avif),
    ];

    private readonly bool _areLasting = AreLasting(options.Value.Links);

    /// <summary>Returns the address of an image or file.</summary>
    /// <param name="context">The request that is being answered.</param>
    /// <param name="output">The image or file.</param>
    /// <param name="extension">
    /// <c>.png</c>, <c>.jpg</c>, <c>.jpeg</c>, <c>.webp</c> or <c>.avif</c>, with or without the dot: the link opens an image in that
    /// format, converted if it is stored in another one. Null: as it is stored.
    /// </param>
    /// <exception cref="GenApiException">StorageUnavailable: the secret of lasting links can't be read.</exception>
    public string Url(HttpContext context, StoredImage output, string? extension = null) =>
        Url(CallerAddress.Of(context.Request), output, extension);

    /// <inheritdoc cref="Url(HttpContext, StoredImage, string?)"/>
    /// <param name="baseUrl">The address by which the caller came, without a slash at its end.</param>
    /// <param name="output">The image or file.</param>
    /// <param name="extension">As above.</param>
    public string Url(string baseUrl, StoredImage output, string? extension = null)
    {
        var format = "";
        if (extension is null)
            extension = ExtensionOf(output);
        else
        {
            var wanted = Wanted(extension);
            if (output.ContentType != wanted.Stored.ContentType)
                format = $"&format={wanted.Format}";
            extension = wanted.Extension;
        }
        var route = output.IsImage ? "images" : "files";
        return $"{baseUrl}/{route}/{output.PublicId}{extension}{Query(output.Id)}{format}";
    }

    private static bool AreLasting(string setting) =>
        DoorsOptions.AllLinks.Contains(setting, StringComparer.OrdinalIgnoreCase)
            ? setting.Equals(DoorsOptions.Lasting, StringComparison.OrdinalIgnoreCase)
            : throw new SettingException(
                $"{DoorsOptions.Section}:{nameof(DoorsOptions.Links)}",
                $"'{setting}' is not known. Allowed: {string.Join(", ", DoorsOptions.AllLinks)}.");

    private string Query(Guid output) =>
        _areLasting ? lasting.Query(output) : signed.Query(output, signed.ExpiryFrom(time.GetUtcNow()));

    private static (string Extension, string Format, ImageFormat Stored) Wanted(string extension)
    {
        var text = extension.StartsWith('.') ? extension : "." + extension;
        var found = Array.Find(Formats, each => each.Extension == text);
        return found.Extension is not null
            ? found
            : throw new ArgumentOutOfRangeException(nameof(extension), extension, "No image is served in this format.");
    }

    /// <summary>Returns the extension of the bytes as they are stored, with its dot; empty if none is known.</summary>
    private static string ExtensionOf(StoredImage output)
    {
        if (output.IsImage)
            return ImageFormat.Find(output.ContentType)?.Extension ?? "";
        // An extension that the route of files does not take would break the link.
        var extension = Path.GetExtension(output.FileName);
        return OutputId.Parse(PublicId.File, output.PublicId + extension) is null ? "" : extension;
    }
}
