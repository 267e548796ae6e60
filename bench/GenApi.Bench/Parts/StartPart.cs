namespace GenApi.Bench.Parts;

/// <summary>
/// Measures the time from the start of the process to the first 200 of /health/ready, with an empty store and with a full one.
/// </summary>
internal static class StartPart
{
    private const double MostEmpty = 2000;
    private const double MostFull = 3000;
    private const int Models = 500;

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var rows = lab.Settings.Rows;
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var (first, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "full", null, cancellationToken);
        await first.GenerateAsync(Requests.Body(1, 64), cancellationToken);
        await lab.StopAsync(first);
        var bytes = await FullStore.FillAsync(Path.Combine(lab.Folder, "full", "genapi.db"), rows, cancellationToken);

        var (filling, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "full", null, cancellationToken);
        table.Single(
            "start",
            $"search index of {rows:N0} generations made after an upgrade",
            $"{(await SearchPart.FilledAsync(filling, cancellationToken)).TotalSeconds:0.0} s");
        await lab.StopAsync(filling);

        // As many aliases as rows, one for each row.
        var aliases = Enumerable.Range(1, Models).ToDictionary(number => $"Models__Aliases__m{number}", number => $"bench/m{number}");
        var (second, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "models", null, cancellationToken);
        await second.Http.GetByteArrayAsync(new Uri("models/flux-schnell", UriKind.Relative), cancellationToken);
        await lab.StopAsync(second);
        await FullStore.FillModelsAsync(Path.Combine(lab.Folder, "models", "genapi.db"), Models, cancellationToken);

        List<double> empty = [], full = [], models = [];
        for (var round = 1; round <= lab.Settings.Rounds; round++)
        {
            var (fresh, freshTook) = await lab.StartGenApiAsync(sandbox.BaseUrl, $"empty{round}", null, cancellationToken);
            await lab.StopAsync(fresh);
            var (old, oldTook) = await lab.StartGenApiAsync(sandbox.BaseUrl, "full", null, cancellationToken);
            // Ready must mean that stored data can be read.
            var page = Requests.Parse(
                await old.Http.GetByteArrayAsync(new Uri("generations?limit=100", UriKind.Relative), cancellationToken));
            if (page.GetProperty("data").GetArrayLength() != 100)
                throw new BenchException("The full store lists fewer than 100 generations.");
            await lab.StopAsync(old);
            // Nothing listens at this upstream: the answers come from the store.
            var (many, manyTook) = await lab.StartGenApiAsync(new Uri("http://127.0.0.1:9"), "models", aliases, cancellationToken);
            var model = Requests.Parse(
                await many.Http.GetByteArrayAsync(new Uri($"models/m{Models}", UriKind.Relative), cancellationToken));
            if (model.GetProperty("input_schema").GetProperty("properties").EnumerateObject().Any() is false)
                throw new BenchException($"Alias m{Models} tells no inputs.");
            await lab.StopAsync(many);
            empty.Add(freshTook.TotalMilliseconds);
            full.Add(oldTook.TotalMilliseconds);
            models.Add(manyTook.TotalMilliseconds);
            await Console.Error.WriteLineAsync($"  start, round {round}: empty {empty[^1]:N0} ms, {rows:N0} generations {full[^1]:N0} "
                + $"ms, {Models} models {models[^1]:N0} ms");
        }
        table.Median("start", "ready with an empty store", empty, " ms", target: figure => Target.AtMost(MostEmpty, figure, " ms"));
        table.Median(
            "start",
            $"ready with {Models} models and as many aliases",
            models,
            " ms",
            target: figure => Target.AtMost(MostEmpty, figure, " ms"));
        table.Median(
            "start",
            $"ready with {rows:N0} generations ({bytes >> 20:N0} MB)",
            full,
            " ms",
            target: figure => Target.AtMost(MostFull, figure, " ms"));
    }
}
