using System.Globalization;
using System.Text.Json;
using GenApi.Tests.Page;
using Microsoft.Playwright;

namespace GenApi.Bench.Parts;

/// <summary>
/// Measures the web page in Chromium: the first view, work while runs progress, the way from the store to the screen, a long cut of the
/// network, and a gallery of very many images.
/// </summary>
internal static class PagePart
{
    private const int SlowDown = 4, Runs = 20, Missed = 10;
    private const double MostUsable = 1000, MostTransferred = 150, MostLcp = 1200, MostCls = 0.02, MostTask = 100, MostVisible = 150;
    private const double MostCaughtUp = 2;

    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(5);

    /// <exception cref="BenchException">One of its measurements failed. The others have their rows.</exception>
    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var wanted = (Environment.GetEnvironmentVariable("BENCH_STEPS") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        (string Name, Func<Lab, Chromium, Table, CancellationToken, Task> Run)[] steps =
        [
            ("first view", FirstViewAsync), ("progress", ProgressAsync), ("visible", VisibleAsync), ("cut", CutAsync),
            ("gallery", PageGallery.RunAsync),
        ];
        var failed = new List<string>();
        foreach (var (name, run) in steps.Where(step => wanted.Length == 0 || wanted.Contains(step.Name)))
        {
            // Each has its own browser and servers: what one leaves behind must not be in the figures of the next.
            await using var own = new Lab(lab.Settings, $"page-{name.Replace(' ', '-')}");
            await using var chromium = await Chromium.StartAsync();
            try
            {
                await run(own, chromium, table, cancellationToken);
            }
            catch (Exception failure) when (BenchException.IsOfOnePart(failure))
            {
                failed.Add(name);
                table.Failed($"page: {name}", failure.Message);
            }
        }
        if (failed.Count > 0)
            throw new BenchException($"not measured: {string.Join(", ", failed)}");
    }

    /// <summary>Loads the first view with an empty cache, and once more with a full one.</summary>
    private static async Task FirstViewAsync(Lab lab, Chromium chromium, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var (server, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "first", null, cancellationToken);
        var (usable, lcp, cls, kilobytes, again) =
            (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var requests = 0;
        // The first round warms the server up and does not count.
        for (var round = -1; round < lab.Settings.Rounds; round++)
        {
            await using var tab = await chromium.OpenAsync();
            await tab.SlowDownAsync(SlowDown);
            await tab.Page.GotoAsync(server.BaseUrl.AbsoluteUri);
            var took = await tab.UsableAsync();
            await tab.SettledAsync();
            if (round < 0)
                continue;
            (var transferred, requests) = (tab.Transferred, tab.Requests);
            usable.Add(took);
            lcp.Add(await tab.SeenAsync("lcp"));
            cls.Add(await tab.SeenAsync("cls"));
            kilobytes.Add(transferred / 1000.0);
            await tab.Page.ReloadAsync();
            await tab.UsableAsync();
            await tab.SettledAsync();
            again.Add((tab.Transferred - transferred) / 1000.0);
        }
        table.Median("page", $"first view usable, CPU / {SlowDown}", usable, " ms", target: it => Target.AtMost(MostUsable, it, " ms"));
        table.Median(
            "page", $"transferred, {requests} requests", kilobytes, " kB", target: it => Target.AtMost(MostTransferred, it, " kB"));
        table.Median("page", "transferred by a reload", again, " kB");
        table.Median("page", $"largest contentful paint, CPU / {SlowDown}", lcp, " ms", target: it => Target.AtMost(MostLcp, it, " ms"));
        table.Median("page", "layout shift of the first view", cls, "", "0.000", it => Target.AtMost(MostCls, it));
        await lab.StopAsync(server);
        await lab.StopAsync(sandbox);
    }

    /// <summary>Watches two views while runs progress, at the speed of the real models.</summary>
    private static async Task ProgressAsync(Lab lab, Chromium chromium, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(1, cancellationToken);
        var (server, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "progress", null, cancellationToken);
        var seed = 0;
        foreach (var (view, path) in new[] { ("create", ""), ("runs", "app/runs") })
        {
            await using var tab = await chromium.OpenAsync();
            await tab.Page.GotoAsync(new Uri(server.BaseUrl, path).AbsoluteUri);
            await tab.SettledAsync();
            await tab.Page.EvaluateAsync("() => { seen.longest = 0; seen.cls = 0; }");
            for (var run = 0; run < Runs; run++)
                await server.AcceptAsync(Requests.Body(++seed, 512, steps: 100), cancellationToken);
            await Task.Delay(Watched, TimeProvider.System, cancellationToken);
            var (longest, shift) = (await tab.SeenAsync("longest"), await tab.SeenAsync("cls"));
            table.Single(
                "page", $"longest task, {Runs} runs progress, {view}", $"{longest:0} ms", Target.AtMost(MostTask, longest, " ms"),
                $"within {Watched.TotalSeconds:0} s; 0: none of 50 ms");
            table.Single("page", $"layout shift meanwhile, {view}", $"{shift:0.000}", Target.AtMost(MostCls, shift));
        }
        await lab.StopAsync(server);
        await lab.StopAsync(sandbox);
    }

    /// <summary>
    /// Makes pictures by the form, one at a time: compares the clock at their end with the clock when they are on the screen.
    /// </summary>
    private static async Task VisibleAsync(Lab lab, Chromium chromium, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(8, cancellationToken);
        var (server, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "visible", null, cancellationToken);
        await using var tab = await chromium.OpenAsync();
        await tab.Page.GotoAsync(server.BaseUrl.AbsoluteUri);
        await tab.UsableAsync();
        var (late, asked, served) = (new List<double>(), new List<double>(), new List<double>());
        const int warmUps = 3;
        for (var run = -warmUps; run < lab.Settings.LookRuns; run++)
        {
            var prompt = string.Create(CultureInfo.InvariantCulture, $"a lighthouse, take {run + warmUps}");
            await tab.Page.Locator("main textarea").First.FillAsync(prompt);
            await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Generate", Exact = true }).ClickAsync();
            var source = $"[...document.querySelectorAll('main img')].find(it => it.alt === {JsonSerializer.Serialize(prompt)})?.src";
            await tab.UntilAsync($"window.seen.loaded[{source}]");
            var shown = await tab.Page.EvaluateAsync<double>($"() => window.seen.loaded[{source}]");
            var newest = new Uri("generations?limit=1", UriKind.Relative);
            var made = Requests.Parse(await server.Http.GetByteArrayAsync(newest, cancellationToken));
            var completed = made.GetProperty("data")[0].GetProperty("completed_at").GetDateTimeOffset();
            if (run < 0)
                continue;
            var stored = (completed - DateTimeOffset.UnixEpoch).TotalMilliseconds;
            // Where the time goes: until the page asks for the picture, and until it has its bytes.
            var fetch = $"performance.getEntriesByName({source})[0]";
            var begin = await tab.Page.EvaluateAsync<double>($"() => performance.timeOrigin + {fetch}.startTime");
            late.Add(shown - stored);
            asked.Add(begin - stored);
            served.Add(await tab.Page.EvaluateAsync<double>($"() => {fetch}.responseEnd - {fetch}.startTime"));
        }
        var p95 = late.Percentile(0.95);
        table.Single(
            "page", "picture stored to picture visible, p95", $"{p95:0} ms", Target.AtMost(MostVisible, p95, " ms"),
            $"p50 {late.Median():0}, {late.Min():0} – {late.Max():0} ms in {late.Count} runs; asked for after {asked.Median():0} ms, "
            + $"served in {served.Median():0} ms (p95 {asked.Percentile(0.95):0} and {served.Percentile(0.95):0})");
        await lab.StopAsync(server);
        await lab.StopAsync(sandbox);
    }

    /// <summary>Cuts the network of an open tab, makes runs meanwhile, and waits until the tab shows each of them once.</summary>
    private static async Task CutAsync(Lab lab, Chromium chromium, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var (server, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "cut", null, cancellationToken);
        await using var network = CutNetwork.Start(server.BaseUrl);
        await using var tab = await chromium.OpenAsync();
        await tab.Page.GotoAsync(new Uri(network.Address, "app/runs").AbsoluteUri);
        await server.GenerateAsync(Requests.Body(1, 64), cancellationToken);
        var rows = "document.querySelectorAll('main [data-run]').length";
        await tab.UntilAsync($"{rows} >= 1");
        network.Cut();
        for (var run = 0; run < Missed; run++)
            await server.GenerateAsync(Requests.Body(2 + run, 64), cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(lab.Settings.CutSeconds), TimeProvider.System, cancellationToken);
        var since = TimeProvider.System.GetTimestamp();
        network.Restore();
        // They wait behind a button: nothing moves before somebody's eyes.
        await tab.UntilAsync(
            $"[...document.querySelectorAll('main button')].some(it => it.textContent.trim() === '{Missed} new runs')");
        var took = TimeProvider.System.GetElapsedTime(since).TotalSeconds;
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = $"{Missed} new runs", Exact = true }).ClickAsync();
        await Task.Delay(Watched, TimeProvider.System, cancellationToken);
        var shown = await tab.Page.EvaluateAsync<int>($"() => {rows}");
        table.Single(
            "page",
            $"caught up after {lab.Settings.CutSeconds} s without a network",
            $"{took:0.00} s",
            Target.AtMost(MostCaughtUp, took, " s"),
            $"{shown} rows of {Missed + 1}");
        await lab.StopAsync(server);
        await lab.StopAsync(sandbox);
    }
}
