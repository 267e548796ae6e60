using GenApi.Core.Errors;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// What an output is, by its bytes. Nothing is decoded, and no size of a picture is too large to be kept. What surely is another file than a picture is final; a page, an
/// empty or a cut file in the place of one is to be fetched again.
/// </summary>
internal static class OutputProbe
{
    /// <param name="read">Reads the bytes.</param>
    /// <param name="length">How many there are.</param>
    /// <param name="promise">What is known of them beforehand.</param>
    /// <param name="isWhole">Whether they came whole; asked only where the format does not tell by itself.</param>
    /// <exception cref="GenApiException"><see cref="ErrorKind.DownloadFailed"/>, transient: what was promised has not come, or not whole.</exception>
    public static FileFacts Read(ImageBytes.Reader read, long length, FilePromise promise, Func<bool> isWhole)
    {
        if (length == 0)
            throw ImageFaults.Empty();
        using var bytes = new ImageBytes(read, length);
        if (ImageProbe.Find(read, bytes) is { } picture)
            return FileFacts.Of(picture);
        var facts = OtherImageProbe.Find(bytes) ?? MediaProbe.Find(bytes) ?? TextProbe.Read(read, bytes, promise);
        return isWhole() ? facts : throw ImageFaults.Unproven();
    }
}
