using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace GenApi.Bench.Parts;

/// <summary>
/// Measures the time of a report over a month of very many ledger lines, by whole days and with partial days at both ends.
/// </summary>
internal static class UsagePart
{
    private const int Lines = 1_000_000;
    private const int Asked = 20;
    private const double MostMilliseconds = 200;

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var (first, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "ledger", null, cancellationToken);
        await lab.StopAsync(first);
        await FillAsync(Path.Combine(lab.Folder, "ledger", "genapi.db"), cancellationToken);
        var (genApi, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "ledger", null, cancellationToken);
        foreach (var (row, query) in new[]
        {
            ("a month by model", "from=2026-01-01&to=2026-01-31&group_by=model"),
            ("a month by key", "from=2026-01-01&to=2026-01-31&group_by=key"),
            ("a month less some hours by model", "from=2026-01-01T12:00:00Z&to=2026-01-31T12:00:00Z&group_by=model"),
        })
        {
            List<double> took = [];
            for (var time = 0; time <= Asked; time++)
            {
                var since = Stopwatch.GetTimestamp();
                var report = Requests.Parse(
                    await genApi.Http.GetByteArrayAsync(new Uri($"usage?{query}", UriKind.Relative), cancellationToken));
                // The first report includes compilation.
                if (time > 0)
                    took.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
                var runs = report.GetProperty("totals").GetProperty("runs").GetInt64();
                if (query.Contains('T', StringComparison.Ordinal) ? runs is 0 or >= Lines : runs != Lines)
                    throw new BenchException($"The report counts {runs} of {Lines} runs.");
            }
            table.Median(
                "usage", $"{row}, {Lines:N0} ledger lines", took, " ms", "0.0", figure => Target.AtMost(MostMilliseconds, figure, " ms"));
        }
    }

    /// <summary>
    /// Spreads the lines evenly over January 2026. A hundred keys use twenty models each on every day, which makes 62,000 daily sums.
    /// </summary>
    private static async Task FillAsync(string file, CancellationToken cancellationToken)
    {
        await using var db = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString);
        await db.OpenAsync(cancellationToken);
        await using var command = db.CreateCommand();
        command.CommandTimeout = 0;
        command.CommandText = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"""
            PRAGMA synchronous=OFF;
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {Lines - 1})
            INSERT INTO UsageEntries (
                At, AcceptedAt, AccountId, Model, Upstream, Kind, GenerationId, Status, Count, Images,
                PredictMilliseconds, DurationMilliseconds, CostMicros, SavedMicros, IsFree)
            SELECT {new DateTime(2026, 1, 1).Ticks} + i * {TimeSpan.FromDays(31).Ticks / Lines}, {new DateTime(2026, 1, 1).Ticks},
                unhex(printf('%032x', 16 + i / 20 % 100)), 'bench/m' || (i % 20),
                'replicate', 'Run', randomblob(16), CASE i % 10 WHEN 0 THEN 'failed' ELSE 'succeeded' END,
                1, 1, 3800, 5300, 3705, 0, 0 FROM n;
            PRAGMA wal_checkpoint(TRUNCATE);
            """);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
