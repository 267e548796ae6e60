using System.Globalization;

namespace GenApi.Core.Errors;

/// <summary>A number of bytes as a person reads it.</summary>
public static class ByteSize
{
    private const int Step = 1024, FewestWithoutTenths = 10;

    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB"];

    /// <summary>
    /// Writes a size in its largest unit and rounds it down: <c>20 MiB</c>, <c>1.5 GiB</c>, <c>512 bytes</c>. Tenths stand only below ten.
    /// </summary>
    /// <param name="bytes">At least 0.</param>
    public static string Text(long bytes)
    {
        var (size, unit) = ((decimal)bytes, 0);
        while (size >= Step && unit < Units.Length - 1)
            (size, unit) = (size / Step, unit + 1);
        var rounded = size < FewestWithoutTenths ? Math.Floor(size * 10) / 10 : Math.Floor(size);
        return string.Create(CultureInfo.InvariantCulture, $"{rounded:0.#} {(bytes == 1 ? "byte" : Units[unit])}");
    }
}
