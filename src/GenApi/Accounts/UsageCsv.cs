using System.Text;
using CsvHelper;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Persistence;

namespace GenApi.Accounts;

/// <summary>
/// Writes a usage report as CSV (RFC 4180) for spreadsheets. It has the rows without their sum, which a spreadsheet would take for one more
/// row.
/// </summary>
internal static class UsageCsv
{
    public const string ContentType = "text/csv";

    // People typed the names. One that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection).
    private static readonly CsvWriterOptions Options = new() { Injection = CsvInjection.Escape };

    public static string Text(UsageReport report) => Encoding.UTF8.GetString(Of(report));

    public static byte[] Of(UsageReport report)
    {
        using var text = new MemoryStream();
        using (var csv = CsvWriter.Create(text, Options, leaveOpen: true))
        {
            csv.WriteHeader([
                "group", "name", "runs", "images", "hits", "joined", "saved_usd", "predict_seconds", "cost_usd", "unpriced_runs",
            ]);
            foreach (var (group, name, sums) in report.Rows)
            {
                csv.WriteField(group);
                csv.WriteField(name);
                csv.WriteField(sums.Runs);
                csv.WriteField(sums.Images);
                csv.WriteField(sums.Hits);
                csv.WriteField(sums.Joined);
                csv.WriteField(MicroDollars.ToText(sums.SavedMicros));
                csv.WriteField(sums.PredictMilliseconds / 1000m, "0.###");
                csv.WriteField(MicroDollars.ToText(sums.CostMicros));
                csv.WriteField(sums.Unpriced);
                csv.EndRecord();
            }
        }
        return text.ToArray();
    }
}
