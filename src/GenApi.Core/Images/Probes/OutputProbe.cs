using GenApi.Core.Errors;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Determines what an output is, by its bytes. It decodes nothing, and no image is too large to store. A file that is clearly not an image
/// is final; a web page, an empty file or a truncated one in place of an image is fetched again.
/// </summary>
internal static class OutputProbe
{
    /// <param name="read">Reads the bytes.</param>
    /// <param name="length">The number of bytes.</param>
    /// <param name="promise">What is claimed about the file.</param>
    /// <param name="isWhole">Whether the bytes are complete; asked only if the format does not show it.</param>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.DownloadFailed"/>, transient: the expected file has not arrived, or only in part.
    /// </exception>
    public static FileFacts Read(ImageBytes.Reader read, long length, FilePromise promise, Func<bool> isWhole)
    {
        if (length == 0)
            throw ImageFaults.Empty();
        using var bytes = new ImageBytes(read, length);
        if (ImageProbe.Find(read, bytes) is { } picture)
            return FileFacts.Of(picture);
        var facts = OtherImageProbe.Find(bytes) ?? MediaProbe.Find(bytes)
            ?? ModelProbe.Find(bytes) ?? TextProbe.Read(read, bytes, promise);
        return isWhole() ? facts : throw ImageFaults.Unproven();
    }
}
