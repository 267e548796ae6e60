namespace GenApi.Bench.Parts;

/// <summary>Compares new images of 64×64 through GenApi with the same requests to the sandbox itself, which has no delays.</summary>
internal static class MissPart
{
    private const int Pixels = 64;
    private const int FirstWarmUp = 5;
    private const double LeastPerSecond = 150;
    private const double MostAddedMilliseconds = 25;

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var (genApi, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "data", null, cancellationToken);
        var seed = 0;
        Task ThroughAsync(CancellationToken token) => genApi.GenerateAsync(Requests.Body(Interlocked.Increment(ref seed), Pixels), token);
        Task DirectAsync(CancellationToken token) => sandbox.PredictAsync(Interlocked.Increment(ref seed), Pixels, token);

        var duration = TimeSpan.FromSeconds(lab.Settings.Seconds);
        foreach (var callers in new[] { lab.Settings.MissCallers, 1 }.Distinct())
        {
            var isMost = callers == lab.Settings.MissCallers;
            // The runtime keeps recompiling a path of this length for some thousand generations. A freshly started service is a different
            // question.
            await Requests.RepeatAsync(callers, isMost ? duration * FirstWarmUp : duration, ThroughAsync, cancellationToken);
            await Requests.RepeatAsync(callers, duration, DirectAsync, cancellationToken);
            List<Load> ours = [], theirs = [];
            List<double> cpu = [];
            for (var round = 1; round <= lab.Settings.Rounds; round++)
            {
                var before = genApi.Child.CpuTime;
                ours.Add(await Requests.RepeatAsync(callers, duration, ThroughAsync, cancellationToken));
                cpu.Add((genApi.Child.CpuTime - before).TotalMilliseconds / ours[^1].Milliseconds.Count);
                theirs.Add(await Requests.RepeatAsync(callers, duration, DirectAsync, cancellationToken));
                await Console.Error.WriteLineAsync($"  miss, {callers} callers, round {round}: GenApi {Raw(ours[^1])}, {cpu[^1]:0.0} ms "
                    + $"CPU each; sandbox itself {Raw(theirs[^1])}");
            }
            var who = callers == 1 ? "1 caller" : $"{callers} callers";
            table.Beside(
                "miss", $"a second, {who}", [.. ours.Select(load => load.PerSecond)], "sandbox", [.. theirs.Select(load => load.PerSecond)],
                "/s",
                target: isMost ? figure => Target.AtLeast(LeastPerSecond, figure, "/s") : null);
            table.Beside(
                "miss",
                $"answer p50, {who}",
                [.. ours.Select(load => load.P50)],
                "sandbox",
                [.. theirs.Select(load => load.P50)],
                " ms",
                "0.0");
            table.Beside(
                "miss",
                $"answer p95, {who}",
                [.. ours.Select(load => load.P95)],
                "sandbox",
                [.. theirs.Select(load => load.P95)],
                " ms",
                "0.0");
            table.Median(
                "miss", $"added time p50, {who}", [.. ours.Zip(theirs, (our, their) => our.P50 - their.P50)], " ms", "0.0",
                callers == 1 ? figure => Target.AtMost(MostAddedMilliseconds, figure, " ms") : null);
            if (isMost)
                table.Median("miss", "GenApi's CPU for one generation", cpu, " ms", "0.0");
        }
    }

    private static string Raw(Load load) => $"{load.PerSecond:N0}/s p50 {load.P50:0.0} ms p95 {load.P95:0.0} ms";
}
