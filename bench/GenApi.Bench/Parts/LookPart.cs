using System.Globalization;

namespace GenApi.Bench.Parts;

/// <summary>Measures the delay between the upstream's end and our answer, and the number of polls for it.</summary>
internal static class LookPart
{
    private const int WarmUps = 3;
    private const int Pixels = 1024;
    private const double MostMilliseconds = 300;
    private const double MostLooks = 8;

    /// <summary>sdxl runs 0.25 s and 72 ms per step: 3.99 s.</summary>
    private const int Steps = 52;

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(1, cancellationToken);
        var (genApi, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "data", null, cancellationToken);
        List<(string Id, DateTimeOffset AnsweredAt)> runs = [];
        for (var run = 0; run < WarmUps + lab.Settings.LookRuns; run++)
        {
            var (answer, _) = await genApi.GenerateAsync(Requests.Body(1000 + run, Pixels, steps: Steps), cancellationToken);
            runs.Add((Requests.Parse(answer).GetProperty("prediction_id").GetString()!, TimeProvider.System.GetUtcNow()));
        }
        // Counted before this program polls the predictions itself.
        var looks = (await sandbox.StatsAsync(cancellationToken)).GetProperty("created").EnumerateArray()
            .ToDictionary(each => each.GetProperty("id").GetString()!, each => (double)each.GetProperty("looks").GetInt32());
        List<double> late = [], looked = [];
        foreach (var (id, answeredAt) in runs.Skip(WarmUps))
        {
            var completed = (await sandbox.PredictionAsync(id, cancellationToken)).GetProperty("completed_at").GetString()!;
            late.Add((answeredAt - DateTimeOffset.Parse(completed, CultureInfo.InvariantCulture)).TotalMilliseconds);
            looked.Add(looks[id]);
            await Console.Error.WriteLineAsync($"  look: {late[^1]:0} ms after the end, {looked[^1]} looks");
        }
        var p95 = late.Percentile(0.95);
        table.Single(
            "look",
            "upstream's end to our answer, 4 s model, p95",
            $"{p95:0} ms",
            Target.AtMost(MostMilliseconds, p95, " ms"),
            $"p50 {late.Median():0}, {late.Min():0} – {late.Max():0} ms in {late.Count} runs");
        table.Single(
            "look",
            "polls of one prediction, highest",
            $"{looked.Max():0}",
            Target.AtMost(MostLooks, looked.Max()),
            $"median {looked.Median():0}");
    }
}
