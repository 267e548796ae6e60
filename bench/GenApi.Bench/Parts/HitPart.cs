namespace GenApi.Bench.Parts;

/// <summary>Compares POST /generate of a finished request with a bare Kestrel that reads and writes the same bytes.</summary>
internal static class HitPart
{
    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var (genApi, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "data", null, cancellationToken);
        var body = Requests.Body(seed: 42, pixels: 64);
        await genApi.GenerateAsync(body, cancellationToken);
        var (answer, outcome) = await genApi.GenerateAsync(body, cancellationToken);
        if (outcome != "GenApi; hit")
            throw new BenchException($"The second request was no hit but '{outcome}'.");
        var answerFile = Path.Combine(lab.Folder, "answer.json");
        await File.WriteAllBytesAsync(answerFile, answer, cancellationToken);
        var kestrel = await lab.StartRivalAsync(answerFile, cancellationToken);
        var (same, _) = await kestrel.GenerateAsync(body, cancellationToken);
        if (Math.Abs(same.Length - answer.Length) > 0.02 * answer.Length)
            throw new BenchException($"The rival answers {same.Length} bytes and GenApi {answer.Length}.");

        var connections = lab.Settings.Connections;
        var (ours, theirs) = await new Duel(lab, "hit").RunAsync(
            new("GenApi", genApi, new(new Uri(genApi.BaseUrl, "generate"), connections, "POST", body)),
            new("Kestrel", kestrel, new(new Uri(kestrel.BaseUrl, "generate"), connections, "POST", body)),
            cancellationToken);
        table.Versus(
            "hit",
            $"cache hit, {body.Length} B in, {answer.Length} B out",
            "Kestrel",
            [.. ours.Select(turn => turn.Result.PerSecond)],
            [.. theirs.Select(turn => turn.Result.PerSecond)],
            0.5);
        table.Beside("hit", "server's CPU for one request", Cpu(ours), "Kestrel", Cpu(theirs), " µs", "0.0");

        static double[] Cpu(IEnumerable<Duel.Turn> turns) => [.. turns.Select(turn => turn.CpuPerRequest.TotalMicroseconds)];
    }
}
