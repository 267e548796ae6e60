namespace GenApi.Core.Images.ThumbHashes;

/// <summary>
/// Encodes an image as a ThumbHash (https://evanw.github.io/thumbhash): at most <see cref="StoredImage.LongestThumbHash"/> bytes from which
/// a page paints a blur before the image has loaded. The image becomes lightness, two colour differences and opacity; each is stored as its
/// average and a few frequencies in four bits.
/// </summary>
internal static class ThumbHashEncoder
{
    /// <summary>In pixels. More pixels cost time and change nothing.</summary>
    public const int LongestSide = 100;

    /// <summary>Frequencies along the longer side: fewer with opacity, so that the hash has the same length.</summary>
    private const int OfOpaque = 7, OfTransparent = 5;

    private const int OfColor = 3, OfAlpha = 5;

    /// <param name="width">In pixels, at most <see cref="LongestSide"/>.</param>
    /// <param name="height">As <paramref name="width"/>.</param>
    /// <param name="rgba">Four bytes a pixel, row by row; alpha is not multiplied into the colours.</param>
    public static byte[] Encode(int width, int height, ReadOnlySpan<byte> rgba)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Math.Max(width, height), LongestSide);
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(width, height), 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgba.Length, 4 * width * height);

        var planes = Planes.Of(rgba);
        var most = planes.IsOpaque ? OfOpaque : OfTransparent;
        var across = Math.Max(1, Round((double)most * width / Math.Max(width, height)));
        var down = Math.Max(1, Round((double)most * height / Math.Max(width, height)));

        var lightness = Channel.Of(planes.Lightness, width, height, Math.Max(3, across), Math.Max(3, down));
        var yellowBlue = Channel.Of(planes.YellowBlue, width, height, OfColor, OfColor);
        var redGreen = Channel.Of(planes.RedGreen, width, height, OfColor, OfColor);
        var alpha = planes.IsOpaque ? null : Channel.Of(planes.Alpha, width, height, OfAlpha, OfAlpha);

        var isLandscape = width > height;
        var averages = Round(63 * lightness.Average) | Round(31.5 + 31.5 * yellowBlue.Average) << 6
            | Round(31.5 + 31.5 * redGreen.Average) << 12 | Round(31 * lightness.Scale) << 18 | (alpha is null ? 0 : 1 << 23);
        var shape = (isLandscape ? down : across) | Round(63 * yellowBlue.Scale) << 3 | Round(63 * redGreen.Scale) << 9
            | (isLandscape ? 1 << 15 : 0);

        List<byte> hash = [(byte)averages, (byte)(averages >> 8), (byte)(averages >> 16), (byte)shape, (byte)(shape >> 8)];
        if (alpha is not null)
            hash.Add((byte)(Round(15 * alpha.Average) | Round(15 * alpha.Scale) << 4));
        var frequencies = lightness.Frequencies.Concat(yellowBlue.Frequencies).Concat(redGreen.Frequencies)
            .Concat(alpha?.Frequencies ?? []).Select(each => Round(15 * each));
        foreach (var pair in frequencies.Chunk(2))
            hash.Add((byte)(pair[0] | (pair.Length > 1 ? pair[1] << 4 : 0)));
        return [.. hash];
    }

    // As JavaScript rounds. Halves to even would give a picture of 1:2 with alpha another shape.
    private static int Round(double value) => (int)Math.Floor(value + 0.5);

    /// <summary>The values that are encoded of each pixel. A transparent pixel has the average colour, which adds no edge.</summary>
    private sealed class Planes(int pixels)
    {
        public double[] Lightness { get; } = new double[pixels];

        public double[] YellowBlue { get; } = new double[pixels];

        public double[] RedGreen { get; } = new double[pixels];

        public double[] Alpha { get; } = new double[pixels];

        public bool IsOpaque { get; private set; } = true;

        public static Planes Of(ReadOnlySpan<byte> rgba)
        {
            var planes = new Planes(rgba.Length / 4);
            double red = 0, green = 0, blue = 0, weight = 0;
            for (var at = 0; at < rgba.Length; at += 4)
            {
                var alpha = rgba[at + 3] / 255.0;
                red += alpha / 255 * rgba[at];
                green += alpha / 255 * rgba[at + 1];
                blue += alpha / 255 * rgba[at + 2];
                weight += alpha;
                planes.IsOpaque &= rgba[at + 3] == byte.MaxValue;
            }
            if (weight > 0)
                (red, green, blue) = (red / weight, green / weight, blue / weight);
            for (var at = 0; at < rgba.Length; at += 4)
                planes.Put(at / 4, rgba.Slice(at, 4), (red, green, blue));
            return planes;
        }

        private void Put(int pixel, ReadOnlySpan<byte> rgba, (double Red, double Green, double Blue) behind)
        {
            var alpha = rgba[3] / 255.0;
            var red = behind.Red * (1 - alpha) + alpha / 255 * rgba[0];
            var green = behind.Green * (1 - alpha) + alpha / 255 * rgba[1];
            var blue = behind.Blue * (1 - alpha) + alpha / 255 * rgba[2];
            Lightness[pixel] = (red + green + blue) / 3;
            YellowBlue[pixel] = (red + green) / 2 - blue;
            RedGreen[pixel] = red - green;
            Alpha[pixel] = alpha;
        }
    }

    /// <summary>One plane as its average and its lowest frequencies.</summary>
    /// <param name="Average">The average of the plane.</param>
    /// <param name="Scale">The largest amplitude.</param>
    /// <param name="Frequencies">Amplitudes from 0 to 1, where 0.5 is none; row by row of a triangle.</param>
    private sealed record Channel(double Average, double Scale, IReadOnlyList<double> Frequencies)
    {
        /// <summary>
        /// A cosine transform of the frequencies in the lower triangle. Its sums run over the pixels row by row: in another order, an
        /// amplitude of zero would round to the other side than in other implementations, and so would every flat part of a picture.
        /// </summary>
        public static Channel Of(double[] plane, int width, int height, int across, int down)
        {
            var (alongRow, alongColumn) = (Cosines(across, width), Cosines(down, height));
            var amplitudes = new List<double>();
            for (var y = 0; y < down; y++)
            {
                for (var x = 0; x * down < across * (down - y); x++)
                    amplitudes.Add(Sum(plane, alongRow[x], alongColumn[y]) / (width * height));
            }
            var frequencies = amplitudes[1..];
            var scale = frequencies.Max(each => Math.Abs(each));
            return new(amplitudes[0], scale, scale > 0 ? [.. frequencies.Select(each => 0.5 + 0.5 / scale * each)] : frequencies);
        }

        private static double[][] Cosines(int count, int length) =>
        [
            .. Enumerable.Range(0, count).Select(frequency => Enumerable.Range(0, length)
                .Select(at => Math.Cos(Math.PI / length * frequency * (at + 0.5))).ToArray()),
        ];

        private static double Sum(double[] plane, double[] alongRow, double[] alongColumn)
        {
            var sum = 0.0;
            for (var y = 0; y < alongColumn.Length; y++)
            {
                for (var x = 0; x < alongRow.Length; x++)
                    sum += plane[x + y * alongRow.Length] * alongRow[x] * alongColumn[y];
            }
            return sum;
        }
    }
}
