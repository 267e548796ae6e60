namespace GenApi.Core.Models.Timings;

/// <summary>
/// Coarsens what the runs of all accounts show, for a caller who must not learn when others run what. It shows whether the model is warm
/// now, and how long its runs took until the hour began, in two digits; not when they ran, nor how many there were.
/// </summary>
internal static class Coarse
{
    private const int Digits = 2;

    /// <param name="now">The times of all runs.</param>
    /// <param name="earlier">The times of runs that had ended when the hour began.</param>
    public static ModelTimings Of(ModelTimings now, ModelTimings earlier) =>
        new(now.State, null, null, Round(earlier.WarmStart), Round(earlier.ColdStart), Round(earlier.Predict));

    public static decimal? Round(decimal? usd) => usd is { } known ? (decimal)Round((double)known) : null;

    public static double? Round(double? seconds) => seconds is { } known ? Round(known) : null;

    /// <summary>Rounds a worst case, which must not be less than it is.</summary>
    public static decimal RoundUp(decimal usd)
    {
        var rounded = (decimal)Round((double)usd);
        return rounded >= usd ? rounded : rounded + (decimal)Math.Pow(10, Math.Floor(Math.Log10((double)usd)) - (Digits - 1));
    }

    private static MeasuredTime? Round(MeasuredTime? time) =>
        time is null ? null : new(null, Round(time.MedianSeconds), Round(time.P95Seconds));

    private static double Round(double value)
    {
        if (value <= 0)
            return 0;
        var decimals = Digits - 1 - (int)Math.Floor(Math.Log10(value));
        var unit = Math.Pow(10, Math.Abs(decimals));
        return decimals < 0 ? Math.Round(value / unit) * unit : Math.Round(value, Math.Min(decimals, 15));
    }
}
