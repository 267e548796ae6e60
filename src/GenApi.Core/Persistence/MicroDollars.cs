using System.Globalization;

namespace GenApi.Core.Persistence;

/// <summary>
/// Converts money. Rows hold whole millionths of a US dollar, which every engine adds and compares exactly. Code uses a <c>decimal</c> of
/// dollars, JSON a decimal string.
/// </summary>
public static class MicroDollars
{
    private const decimal PerDollar = 1_000_000m;

    /// <summary>Rounds to the nearest, halves away from zero.</summary>
    public static long Of(decimal usd) => (long)Math.Round(usd * PerDollar, MidpointRounding.AwayFromZero);

    /// <summary>Rounds up, for amounts that are compared with a limit.</summary>
    public static long AtLeast(decimal usd) => (long)Math.Ceiling(usd * PerDollar);

    public static decimal ToUsd(long micros) => micros / PerDollar;

    /// <summary>Writes the amount as in JSON: <c>0.0063</c>, without trailing zeros.</summary>
    public static string ToText(long micros) => ToUsd(micros).ToString("0.######", CultureInfo.InvariantCulture);
}
