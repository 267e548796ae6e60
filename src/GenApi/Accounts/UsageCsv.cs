using System.Globalization;
using System.Text;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Persistence;

namespace GenApi.Accounts;

/// <summary>A usage report as CSV (RFC 4180), for spreadsheets: the rows and no sum under them, which would be taken for one more.</summary>
internal static class UsageCsv
{
    public const string ContentType = "text/csv";

    public static byte[] Of(UsageReport report) => Encoding.UTF8.GetBytes(Text(report));

    public static string Text(UsageReport report)
    {
        var text = new StringBuilder("group,name,runs,images,hits,joined,saved_usd,predict_seconds,cost_usd,unpriced_runs\r\n");
        foreach (var (group, name, sums) in report.Rows)
        {
            text.Append(Field(group)).Append(',').Append(Field(name ?? "")).Append(CultureInfo.InvariantCulture,
                $",{sums.Runs},{sums.Images},{sums.Hits},{sums.Joined},{MicroDollars.ToText(sums.SavedMicros)},{sums.PredictMilliseconds / 1000m:0.###},{MicroDollars.ToText(sums.CostMicros)},{sums.Unpriced}\r\n");
        }
        return text.ToString();
    }

    /// <summary>
    /// Names are what people typed. One that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection); one with a comma, a quote or the end of
    /// a line is quoted.
    /// </summary>
    private static string Field(string value)
    {
        if (value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r')
            value = "'" + value;
        return value.AsSpan().IndexOfAny("\",\r\n") < 0 ? value : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
