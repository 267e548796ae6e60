using System.Diagnostics;

namespace GenApi.Bench.Parts;

/// <summary>Sends a thousand identical requests at the same moment and counts what the upstream bills.</summary>
internal static class SamePart
{
    private const int Callers = 1000;
    private const int Pixels = 256;

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        // A run of about two seconds, so that all requests arrive before it ends.
        var sandbox = await lab.StartSandboxAsync(2, cancellationToken);
        var (genApi, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "data", null, cancellationToken);
        await genApi.GenerateAsync(Requests.Body(1, Pixels), cancellationToken);
        List<double> creations = [], took = [];
        for (var round = 1; round <= lab.Settings.Rounds; round++)
        {
            await sandbox.ResetAsync(cancellationToken);
            var body = Requests.Body(1000 + round, Pixels);
            var since = Stopwatch.GetTimestamp();
            var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => genApi.GenerateAsync(body, cancellationToken)));
            took.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            creations.Add((await sandbox.StatsAsync(cancellationToken)).GetProperty("creations").GetInt32());
            var ids = answers.Select(each => Requests.Parse(each.Answer).GetProperty("id").GetString()).Distinct().Count();
            var joined = answers.Count(each => each.Outcome.EndsWith("collapsed", StringComparison.Ordinal));
            await Console.Error.WriteLineAsync(
                $"  same, round {round}: {creations[^1]} creations, {ids} ids, {joined} joined, all answered after {took[^1]:N0} ms");
            if (ids != 1)
                throw new BenchException($"{Callers} identical requests got {ids} different generations.");
        }
        table.Single(
            "same",
            $"{Callers:N0} identical at once: creations",
            $"{creations.Max():0}",
            Target.AtMost(1, creations.Max()),
            $"the most in {creations.Count} rounds");
        table.Median("same", "until the last of them is answered, a 2-second run", took, " ms");
    }
}
