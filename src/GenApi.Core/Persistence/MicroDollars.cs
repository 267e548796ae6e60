using System.Globalization;

namespace GenApi.Core.Persistence;

/// <summary>
/// Money in rows: whole millionths of a US dollar, which every engine adds and compares exactly. In code it is a <c>decimal</c> of dollars, in
/// JSON a decimal string.
/// </summary>
public static class MicroDollars
{
    private const decimal PerDollar = 1_000_000m;

    /// <summary>To the nearest, half of one up.</summary>
    public static long Of(decimal usd) => (long)Math.Round(usd * PerDollar, MidpointRounding.AwayFromZero);

    /// <summary>Never less than <paramref name="usd"/>, for figures that a limit is held against.</summary>
    public static long AtLeast(decimal usd) => (long)Math.Ceiling(usd * PerDollar);

    public static decimal ToUsd(long micros) => micros / PerDollar;

    /// <summary>As it stands in JSON: <c>0.0063</c>, without zeros at its end.</summary>
    public static string ToText(long micros) => ToUsd(micros).ToString("0.######", CultureInfo.InvariantCulture);
}
