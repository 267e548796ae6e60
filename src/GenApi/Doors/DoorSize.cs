using System.Globalization;

namespace GenApi.Doors;

/// <summary>Reads sizes and shapes as other services write them.</summary>
internal static class DoorSize
{
    /// <summary>The longest side that is read, in pixels.</summary>
    public const int Largest = 16_384;

    /// <summary>Reads <c>1024x1024</c>, with <c>x</c>, <c>X</c>, <c>×</c> or <c>*</c>.</summary>
    public static bool TryRead(string text, out (int Width, int Height) size) => TryPair(text.Split('x', 'X', '×', '*'), out size);

    /// <summary>Reads <c>16:9</c>.</summary>
    public static bool TryReadRatio(string text, out (int Width, int Height) ratio) => TryPair(text.Split(':'), out ratio);

    private static bool TryPair(string[] parts, out (int Width, int Height) pair)
    {
        pair = default;
        return parts is [var left, var right] && TryNumber(left, out pair.Width) && TryNumber(right, out pair.Height);
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is >= 1 and <= Largest;
}
