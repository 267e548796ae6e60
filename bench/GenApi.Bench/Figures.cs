namespace GenApi.Bench;

internal static class Figures
{
    public static double Median(this IEnumerable<double> values) => values.Percentile(0.5);

    /// <summary>Returns the value below which <paramref name="share"/> of the others lie, interpolated between neighbours.</summary>
    public static double Percentile(this IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
            throw new BenchException("Nothing was measured.");
        var place = share * (sorted.Length - 1);
        var (below, above) = ((int)Math.Floor(place), (int)Math.Ceiling(place));
        return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
    }
}
