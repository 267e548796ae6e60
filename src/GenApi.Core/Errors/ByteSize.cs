using System.Globalization;

namespace GenApi.Core.Errors;

/// <summary>Writes a number of bytes for people.</summary>
public static class ByteSize
{
    private const int Step = 1024;

    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>
    /// Writes a limit in its largest unit up to GiB, rounded down: <c>20 MiB</c>, <c>1.5 GiB</c>, <c>512 bytes</c>. Sizes of ten units or
    /// more have no decimals.
    /// </summary>
    /// <param name="bytes">At least 0.</param>
    public static string Text(long bytes) => Text(bytes, "GiB", wholeFrom: 10);

    /// <summary>
    /// Writes a measured size in its largest unit up to TiB, rounded down: <c>61.3 GiB</c>. Sizes of a hundred units or more have no
    /// decimals.
    /// </summary>
    /// <param name="bytes">At least 0.</param>
    public static string Measured(long bytes) => Text(bytes, "TiB", wholeFrom: 100);

    private static string Text(long bytes, string largest, int wholeFrom)
    {
        var (size, unit) = ((double)bytes, 0);
        for (; size >= Step && Units[unit] != largest; unit++)
            size /= Step;
        var rounded = size < wholeFrom ? Math.Floor(size * 10) / 10 : Math.Floor(size);
        return string.Create(CultureInfo.InvariantCulture, $"{rounded:0.#} {(bytes == 1 ? "byte" : Units[unit])}");
    }
}
