namespace GenApi.Bench.Parts;

/// <summary>Measures the gallery of the page with very many images while it is scrolled.</summary>
internal static class PageGallery
{
    private const int Scrolled = 5000;
    private const double MostTiles = 400, MostGrowth = 30, MostPage = 60;
    private const double Megabyte = 1_000_000;

    private static readonly TimeSpan BodyPatience = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Lab lab, Chromium chromium, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var (server, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "page-gallery", null, cancellationToken);
        await server.GenerateAsync(Requests.Body(1, 512), cancellationToken);
        await lab.StopAsync(server);
        await FullStore.FillAsync(Path.Combine(lab.Folder, "page-gallery", "genapi.db"), lab.Settings.Rows, cancellationToken);
        (server, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "page-gallery", null, cancellationToken);
        await SearchPart.FilledAsync(server, cancellationToken);

        await using var tab = await chromium.OpenAsync();
        var pages = new System.Collections.Concurrent.ConcurrentBag<Task<byte[]>>();
        tab.Page.Response += (_, response) =>
        {
            if (new Uri(response.Url).AbsolutePath.EndsWith("/images", StringComparison.Ordinal))
                pages.Add(response.BodyAsync());
        };
        await tab.Page.GotoAsync(new Uri(server.BaseUrl, "app/gallery").AbsoluteUri);
        await tab.UntilAsync("document.querySelectorAll('main [role=gridcell]').length > 10");
        await ScrollAsync(tab, Scrolled / 10);
        // Asking for the heap collects garbage, which is no growth, so it comes before the process's memory.
        var heap = await tab.HeapBytesAsync();
        var memory = await chromium.LargestTabBytesAsync();
        var (tiles, seen) = await ScrollAsync(tab, Scrolled);
        var heapGrown = (await tab.HeapBytesAsync() - heap) / Megabyte;
        var grown = (await chromium.LargestTabBytesAsync() - memory) / Megabyte;
        var largest = await LargestAsync(pages) / 1000.0;
        var row = $"gallery of {lab.Settings.Rows:N0}, {seen:N0} scrolled";
        table.Single("page", $"{row}: most tiles", $"{tiles}", Target.AtMost(MostTiles, tiles));
        table.Single(
            "page", $"{row}: growth of the heap", $"{heapGrown:+0.0;-0.0} MB", Target.AtMost(MostGrowth, Math.Abs(heapGrown), " MB"),
            $"from {heap / Megabyte:0.0} MB, after a collection");
        table.Single(
            "page", $"{row}: growth of the tab's process", $"{grown:+0;-0} MB", Target.AtMost(MostGrowth, Math.Abs(grown), " MB"),
            $"from {memory / Megabyte:0} MB; VmRSS");
        table.Single("page", $"{row}: largest page of data", $"{largest:0} kB", Target.AtMost(MostPage, largest, " kB"));
        await lab.StopAsync(server);
        await lab.StopAsync(sandbox);
    }

    /// <summary>The body of a request that the page gave up may never come.</summary>
    private static async Task<int> LargestAsync(IEnumerable<Task<byte[]>> pages)
    {
        var all = pages.ToList();
        await Task.WhenAny(Task.WhenAll(all), Task.Delay(BodyPatience, TimeProvider.System));
        return (await Task.WhenAll(all.Where(page => page.IsCompletedSuccessfully))).Max(page => page.Length);
    }

    /// <summary>Scrolls down by nearly a screen at a time until so many more images were shown.</summary>
    /// <returns>The most tiles in the document, and the images shown.</returns>
    private static async Task<(int Tiles, int Seen)> ScrollAsync(Tab tab, int images)
    {
        var result = await tab.Page.EvaluateAsync<int[]>(
            """
            async images => {
              const frame = () => new Promise(done => requestAnimationFrame(done));
              const shown = window.shown ??= new Set();
              const goal = shown.size + images;
              let most = 0, idle = 0;
              while (shown.size < goal && idle < 300) {
                const tiles = [...document.querySelectorAll('main [role="gridcell"]')];
                const before = shown.size;
                tiles.forEach(it => shown.add(it.dataset.id));
                most = Math.max(most, tiles.length);
                idle = shown.size === before ? idle + 1 : 0;
                scrollBy(0, innerHeight * 0.8);
                await frame();
                await frame();
              }
              return [most, shown.size];
            }
            """,
            images);
        return (result[0], result[1]);
    }
}
