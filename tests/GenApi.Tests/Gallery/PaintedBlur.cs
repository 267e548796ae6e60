namespace GenApi.Tests.Gallery;

/// <summary>Paints a ThumbHash as a page does, to compare two of them.</summary>
internal static class PaintedBlur
{
    private const int LongerSide = 32;

    public static (int Width, int Height, byte[] Rgba) Of(byte[] hash)
    {
        var averages = hash[0] | hash[1] << 8 | hash[2] << 16;
        var shape = hash[3] | hash[4] << 8;
        var (hasAlpha, isLandscape, shorter) = (averages >> 23 != 0, shape >> 15 != 0, shape & 7);
        var longer = hasAlpha ? 5 : 7;
        var (across, down) = isLandscape ? (longer, shorter) : (shorter, longer);
        var ratio = (double)across / down;
        var (width, height) = ratio > 1 ? (LongerSide, Round(LongerSide / ratio)) : (Round(LongerSide * ratio), LongerSide);

        var nibbles = new Queue<int>(hash.Skip(hasAlpha ? 6 : 5).SelectMany(each => (int[])[each & 15, each >> 4]));
        var lightness = new Wave((averages & 63) / 63.0, (averages >> 18 & 31) / 31.0, Math.Max(3, across), Math.Max(3, down), nibbles);
        var yellowBlue = new Wave((averages >> 6 & 63) / 31.5 - 1, (shape >> 3 & 63) / 63.0 * 1.25, 3, 3, nibbles);
        var redGreen = new Wave((averages >> 12 & 63) / 31.5 - 1, (shape >> 9 & 63) / 63.0 * 1.25, 3, 3, nibbles);
        var alpha = hasAlpha ? new Wave((hash[5] & 15) / 15.0, (hash[5] >> 4) / 15.0, 5, 5, nibbles) : null;

        var rgba = new List<byte>();
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                double At(Wave wave) => wave.At((x + 0.5) / width, (y + 0.5) / height);
                var (l, p, q) = (At(lightness), At(yellowBlue), At(redGreen));
                var blue = l - 2 * p / 3;
                var red = (3 * l - blue + q) / 2;
                rgba.AddRange(
                    ((double[])[red, red - q, blue, alpha is null ? 1 : At(alpha)]).Select(each => (byte)(255 * Math.Clamp(each, 0, 1))));
            }
        }
        return (width, height, [.. rgba]);
    }

    private static int Round(double value) => (int)Math.Floor(value + 0.5);

    private sealed class Wave
    {
        private readonly double _average;
        private readonly List<(int X, int Y, double Amplitude)> _parts = [];

        public Wave(double average, double scale, int across, int down, Queue<int> nibbles)
        {
            _average = average;
            for (var y = 0; y < down; y++)
            {
                for (var x = y == 0 ? 1 : 0; x * down < across * (down - y); x++)
                    _parts.Add((x, y, (nibbles.Dequeue() / 7.5 - 1) * scale));
            }
        }

        public double At(double x, double y) => _average + _parts.Sum(
            part => 2 * part.Amplitude * Math.Cos(Math.PI * part.X * x) * Math.Cos(Math.PI * part.Y * y));
    }
}
