namespace GenApi.Core.Models.Timings;

/// <summary>
/// What the runs of all accounts show, for a caller who must not learn from it when others run what: whether the model is warm now, and
/// how long its runs took until the hour
/// began, in two digits. When and how many is not told.
/// </summary>
internal static class Coarse
{
    private const int Digits = 2;

    /// <param name="now">What all runs show.</param>
    /// <param name="earlier">What those show that had ended when the hour began.</param>
    public static ModelTimings Of(ModelTimings now, ModelTimings earlier) =>
        new(now.State, null, null, Round(earlier.WarmStart), Round(earlier.ColdStart), Round(earlier.Predict));

    public static decimal? Round(decimal? usd) => usd is { } known ? (decimal)Round((double)known) : null;

    private static MeasuredTime? Round(MeasuredTime? time) => time is null ? null : new(null, Round(time.MedianSeconds), Round(time.P95Seconds));

    private static double Round(double value)
    {
        if (value <= 0)
            return 0;
        var decimals = Digits - 1 - (int)Math.Floor(Math.Log10(value));
        var unit = Math.Pow(10, Math.Abs(decimals));
        return decimals < 0 ? Math.Round(value / unit) * unit : Math.Round(value, Math.Min(decimals, 15));
    }
}
