using GenApi.Core.Blobs;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Blobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page.Trouble;

/// <summary>What goes wrong is said in plain words with the next step, and nothing that was typed is lost.</summary>
public sealed class PageFaultTests : PageTest
{
    private const string Prompt = "a red fox";

    [Fact]
    public async Task A_refused_input_is_said_and_can_be_mended()
    {
        await using var app = await GenApiApp.StartAsync();
        var (visitor, page) = await OpenAsync(app);
        visitor.Expect("422 POST", "400 POST");
        app.Sandbox.Faults.Add(new Fault(FaultKind.CreateRefused) { Status = 422, Text = "input.prompt: it is too short" });

        await AssertProblemAsync(page, "The model does not accept these settings.", "Change what is named here");
        await page.GenerateAsync("a larger red fox");

        await page.GetByAltText("a larger red fox", new() { Exact = true }).First.LoadedAsync();
    }

    [Fact]
    public async Task An_empty_budget_says_how_much_is_left_and_when_there_is_more()
    {
        await using var app = await Keys.StartAsync(new() { ["Models:Prices:stability-ai/sdxl:PerImage"] = "0.04" });
        var (_, secret) = await app.MakeBudgetedAsync(new { month = "0.05" });
        var visitor = await VisitAsync(app);
        await visitor.SignInAsync(secret);
        visitor.Expect("402 POST");
        var page = await visitor.OpenAsync();
        await page.GenerateAsync(Prompt);
        await page.GetByAltText(Prompt, new() { Exact = true }).First.LoadedAsync();

        await AssertProblemAsync(page, "has no room for this request", "A cheaper request may fit now", "a second red fox");
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_run_that_waits_for_an_upstream_that_is_down_says_that_it_is_queued_and_ends_when_it_is_back()
    {
        await using var app = await GenApiApp.StartAsync();
        var (visitor, page) = await OpenAsync(app);
        visitor.Expect("503 POST", "502 POST");
        var down = app.Sandbox.Faults.Add(new Fault(FaultKind.CreateError) { Status = 503, Times = null });

        await page.GenerateAsync(Prompt);
        await down.Reached.WaitAsync(TestContext.Current.CancellationToken);
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Results" }).GetByText("Queued")).ToBeVisibleAsync();
        await page.AssertAccessibleAsync();
        await Expect(page.Prompt()).ToHaveValueAsync(Prompt);
        Assert.True(app.Sandbox.Faults.Remove(down.Id));

        await page.GetByAltText(Prompt, new() { Exact = true }).First.LoadedAsync();
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_full_disk_is_said_and_the_picture_appears_when_there_is_room()
    {
        var files = new FailingFiles();
        await using var app = await GenApiApp.StartAsync(services: services => services.AddSingleton<DurableFiles>(files));
        var (visitor, page) = await OpenAsync(app);
        visitor.Expect("507 POST");
        files.Fail("write", new IOException("It failed.", 28), lasts: true);

        await page.GenerateAsync(Prompt);
        await Expect(page.GetByRole(AriaRole.Main).GetByText("disk of the server is full").First).ToBeVisibleAsync();
        files.Heal();

        await page.GetByAltText(Prompt, new() { Exact = true }).First.LoadedAsync();
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_said_and_what_was_pressed_is_sent_once_it_is_back()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var network = CutNetwork.Start(app.Address);
        var visitor = await VisitAsync(app, network: network);
        visitor.Expect("net::ERR_");
        var page = await visitor.OpenAsync();
        network.Cut();

        await AssertProblemAsync(page, "The service can’t be reached.", "What you typed stays here");
        await Expect(page.Prompt()).ToHaveValueAsync(Prompt);
        network.Restore();

        await page.GetByAltText(Prompt, new() { Exact = true }).First.LoadedAsync();
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    private async Task<(Visitor Visitor, IPage Page)> OpenAsync(GenApiApp app)
    {
        var visitor = await VisitAsync(app);
        return (visitor, await visitor.OpenAsync());
    }

    private static async Task AssertProblemAsync(IPage page, string said, string next, string prompt = Prompt)
    {
        await page.GenerateAsync(prompt);
        var main = page.GetByRole(AriaRole.Main);
        await Expect(main.GetByText(said).First).ToBeVisibleAsync();
        await Expect(main.GetByText(next).First).ToBeVisibleAsync();
        await page.AssertAccessibleAsync();
    }
}
