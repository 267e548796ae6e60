using GenApi.Core.Errors;

namespace GenApi.Core.Images.Containers;

/// <summary>The only failures of the readers and writers of containers, whatever bytes they get.</summary>
internal static class ContainerFaults
{
    /// <param name="format">The format as people write it: <c>PNG</c>.</param>
    public static GenApiException Damaged(string format) =>
        new(ErrorKind.ImageNotConvertible, $"The {format} is damaged: its structure can't be read to the end.");

    /// <param name="format">The format as people write it: <c>PNG</c>.</param>
    /// <param name="why">What is beyond the limit, as a sentence without its full stop.</param>
    public static GenApiException Unsupported(string format, string why) =>
        new(ErrorKind.ImageNotConvertible, $"The metadata of this {format} can't be changed: {why}.");
}
