using System.Diagnostics;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page.Lasting;

/// <summary>What happens arrives in every tab, once, whatever happens to the network, the tab and the service meanwhile.</summary>
public sealed class LiveTests : PageTest
{
    /// <summary>The target is two seconds on an idle machine; bench/run.sh measures it.</summary>
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task A_cut_network_is_said_and_everything_missed_is_there_soon_after_it_and_nothing_twice()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var network = CutNetwork.Start(app.Address);
        var visitor = await VisitAsync(app, network: network);
        visitor.Expect("net::ERR_");
        var page = await visitor.OpenAsync("app/runs");
        await app.GenerateAsync(Requests.Small(1, "before the cut"));
        await Expect(Cell(page, "before the cut")).ToHaveCountAsync(1);

        network.Cut();
        for (var seed = 2; seed <= 4; seed++)
            await app.GenerateAsync(Requests.Small(seed, $"meanwhile {seed}"));
        await Expect(page.GetByText("No connection")).ToBeVisibleAsync();
        network.Restore();
        var since = Stopwatch.GetTimestamp();

        await page.Button("3 new runs").ClickAsync();
        for (var seed = 2; seed <= 4; seed++)
            await Expect(Cell(page, $"meanwhile {seed}")).ToHaveCountAsync(1);
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, CatchUp);
        await Expect(page.GetByText("No connection")).ToHaveCountAsync(0);
        await Expect(Cell(page, "before the cut")).ToHaveCountAsync(1);
    }

    /// <summary>
    /// The page's own clock moves on, which that of a shared worker does not: this browser has none, so the page follows the events itself.
    /// </summary>
    [Fact]
    public async Task After_three_minutes_of_silence_the_picture_of_a_run_appears()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var network = CutNetwork.Start(app.Address);
        var visitor = await VisitAsync(app, network: network);
        visitor.Expect("net::ERR_");
        await visitor.Context.AddInitScriptAsync("delete window.SharedWorker");
        await visitor.Context.Clock.InstallAsync();
        var page = await visitor.OpenAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await page.GenerateAsync("a red fox");
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        await Expect(page.GetByRole(AriaRole.Progressbar).First).ToBeVisibleAsync();

        network.Silence();
        held.Release();
        var id = (await app.GetAsync("/generations?limit=1"))["data"][0].GetProperty("id").GetString()!;
        await Requests.EndedAsync(app, id);
        await visitor.Context.Clock.FastForwardAsync("03:00");
        network.Restore();
        var since = Stopwatch.GetTimestamp();

        await page.GetByAltText("a red fox", new() { Exact = true }).First.LoadedAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, CatchUp);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_restart_of_the_service_is_caught_up_with_too()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var network = CutNetwork.Start(app.Address);
        var visitor = await VisitAsync(app, network: network);
        visitor.Expect("net::ERR_");
        var page = await visitor.OpenAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await page.GenerateAsync("a red fox");
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        network.Cut();
        await app.RestartAsync();
        network.Target = app.Address;
        network.Restore();
        held.Release();

        await page.GetByAltText("a red fox", new() { Exact = true }).First.LoadedAsync();
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    /// <summary>With a stream for each, Chromium would not even load the seventh: it opens six connections to an origin.</summary>
    [Fact]
    public async Task Eight_tabs_at_once_all_load_and_all_hear_of_a_new_picture()
    {
        await using var app = await GenApiApp.StartAsync();
        var visitor = await VisitAsync(app);
        var tabs = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => visitor.OpenAsync("app/runs")));

        await app.GenerateAsync(Requests.Small(1, "for all tabs"));

        foreach (var tab in tabs)
            await Expect(Cell(tab, "for all tabs")).ToHaveCountAsync(1);
    }

    /// <summary>The prompt in the list of runs.</summary>
    private static ILocator Cell(IPage page, string prompt) =>
        page.GetByRole(AriaRole.Main).GetByText(prompt, new() { Exact = true });
}
