using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Webhooks;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page;

/// <summary>The list of runs, a run beside it, and what can be done with it.</summary>
public sealed class RunsTests : PageTest
{
    [Fact]
    public async Task A_failed_run_says_why_in_words_and_can_be_tried_again_and_deleted()
    {
        await using var app = await GenApiApp.StartAsync();
        var failed = await app.GenerateAsync(new { prompt = "a castle of sand", model = "sandbox/fails", seed = 1 });
        var id = failed["generation_id"].GetString()!;
        var page = await (await VisitAsync(app)).OpenAsync("app/runs");
        var main = page.GetByRole(AriaRole.Main);

        await Expect(main.GetByText("The model failed.")).ToBeVisibleAsync();
        await main.GetByRole(AriaRole.Link, new() { Name = "a castle of sand" }).ClickAsync();
        await Expect(main.GetByRole(AriaRole.Heading, new() { Name = "Run", Exact = true })).ToBeFocusedAsync();
        await Expect(main.GetByText("Try again: many failures pass.")).ToBeVisibleAsync();
        Assert.Contains($"run={id}", page.Url, StringComparison.Ordinal);

        await page.Button("Try again").ClickAsync();
        await Expect(page).Not.ToHaveURLAsync(new System.Text.RegularExpressions.Regex(id));
        await Expect(main.Locator("[data-run]")).ToHaveCountAsync(2);
        Assert.Equal(2, app.Sandbox.Stats.Creations);

        await page.Button("Delete").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(main.Locator("[data-run]")).ToHaveCountAsync(1);
        Assert.Equal([id], (await app.GetAsync("/generations"))["data"].EnumerateArray().Select(row => row.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_run_that_goes_on_is_seen_to_end_and_a_new_one_moves_nothing_while_it_is_open()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var page = await (await VisitAsync(app)).OpenAsync("app/runs");
        await Expect(page.GetByText("There are no runs yet.")).ToBeVisibleAsync();
        var run = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        await page.GetByRole(AriaRole.Link, new() { Name = "a red fox" }).ClickAsync();
        var shown = page.Locator(".runs-run");
        await Expect(shown.Locator(".status")).ToContainTextAsync("Running");
        await app.GenerateAsync(Requests.Small(2, "a blue whale"));
        await Expect(page.Button("One new run")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-run]")).ToHaveCountAsync(1);
        held.Release();
        await Expect(shown.Locator(".status")).ToContainTextAsync("Done");
        await shown.Locator(".runs-images img").LoadedAsync();
        await page.Button("One new run").ClickAsync();
        await Expect(page.Locator("[data-run]")).ToHaveCountAsync(2);

        await page.Keyboard.PressAsync("Escape");
        await page.GetByLabel("Words of the prompt").FillAsync("whale");
        await Expect(page.Locator("[data-run]")).ToHaveCountAsync(1);
        Assert.EndsWith("?q=whale", page.Url, StringComparison.Ordinal);
        Assert.DoesNotContain(run.Id, await page.Locator(".runs-list").InnerHTMLAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_runs_move_nothing_until_they_are_wanted_and_enter_at_once_where_somebody_chose_it()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1, "a red fox"));
        var page = await (await VisitAsync(app)).OpenAsync("app/runs");
        var rows = page.Locator("[data-run]");
        await Expect(rows).ToHaveCountAsync(1);
        await page.SettledAsync();
        await page.WatchShiftsAsync();

        await app.GenerateAsync(Requests.Small(2, "a blue whale"));
        await app.GenerateAsync(new { prompt = "a castle of sand", model = "sandbox/fails", seed = 3 });
        await Expect(page.Button("2 new runs")).ToBeVisibleAsync();
        await Expect(rows).ToHaveCountAsync(1);
        // No more than the text in the middle of the button, which is another for two.
        Assert.InRange(await page.ShiftsAsync(), 0, 0.001);
        await page.Button("2 new runs").ClickAsync();
        await Expect(rows).ToHaveCountAsync(3);

        await page.GetByLabel("Show new runs at once").CheckAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Runs" }).HoverAsync();
        await app.GenerateAsync(Requests.Small(4, "a green parrot"));
        await Expect(rows).ToHaveCountAsync(4);
        await Expect(rows.First).ToContainTextAsync("a green parrot");
    }

    /// <summary>Each figure that a problem carries stands in its sentence, and nothing is left blank.</summary>
    [Fact]
    public async Task A_problem_is_explained_with_its_figures()
    {
        await using var app = await GenApiApp.StartAsync();
        var page = await (await VisitAsync(app)).OpenAsync("app/runs");

        async Task<string> ExplainAsync(string problem) => await page.EvaluateAsync<string>(
            """
            async problem => {
              const module = document.querySelector('script[src$="/main.js"]').src.replace('main.js', 'kernel/problems.js');
              const { title, next, detail, fields } = (await import(module)).explain(JSON.parse(problem));
              return [title, next, detail, ...fields.map(field => `${field.name}: ${field.message}`)].filter(Boolean).join(' | ');
            }
            """,
            problem);
        static string Budget(string of, string span) => $$"""
            {
              "code": "budget_exhausted", "status": 402,
              "budget": {
                "of": "{{of}}", "end_user": "ann", "span": "{{span}}", "limit_usd": "5", "spent_usd": "4.5", "reserved_usd": "0.25",
                "price_usd": "0.5", "resets_at": "2026-02-01T00:00:00Z"
              }
            }
            """;
        async Task AssertAsync(string problem, string text) =>
            Assert.Contains(text, await ExplainAsync(problem), StringComparison.Ordinal);

        await AssertAsync(
            Budget("key", "day"),
            "Your budget for today has no room for this request, which may cost up to $0.50: of $5.00, $4.50 are spent and $0.25 are "
                + "reserved for running generations. Nothing was sent. | There is room when running generations end, or after ");
        foreach (var of in new[] { "key", "end_user", "all" })
        {
            foreach (var span in new[] { "day", "month", "total" })
            {
                var text = await ExplainAsync(Budget(of, span));
                Assert.Contains("$0.50", text, StringComparison.Ordinal);
                Assert.Equal(of == "end_user", text.Contains("of ann", StringComparison.Ordinal));
                Assert.DoesNotContain("{", text, StringComparison.Ordinal);
            }
        }
        await AssertAsync(
            """{ "code": "rate_limited", "status": 429, "retryAfter": 12 }""",
            "You have sent too many requests in a short time. Nothing was sent to the model. | Try again in 12 s.");
        await AssertAsync(
            """{ "code": "invalid_input", "status": 422, "detail": "x", "errors": { "$.input.width": ["is 65"] } }""",
            "The model does not accept these settings. | Change what is named here, then try again. | width: is 65");
        await AssertAsync("""{ "code": "storage_full", "status": 507, "generationId": "gen_1" }""", "made and paid for");
        await AssertAsync("""{ "code": "http_502", "status": 502 }""", "A server between this page and the service");
        await AssertAsync("""{ "code": "teapot", "status": 418, "detail": "Short and stout" }""", "The request failed (418).");
        await AssertAsync("""{ "message": "x is undefined" }""", "Something went wrong in this page.");
    }

    [Fact]
    public async Task A_webhook_that_was_given_up_is_sent_again()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Say(410);
        await using var app = await GenApiApp.StartAsync(receiver.Settings);
        var made = await app.GenerateAsync(new { prompt = "a red fox", seed = 1, width = 64, height = 64, webhook = receiver.Url });
        var page = await (await VisitAsync(app, Screen.Phone)).OpenAsync($"app/runs?run={made.Id}");
        await Expect(page.GetByText("Refused for good")).ToBeVisibleAsync();

        receiver.Say(204);
        await page.Button("Send again").ClickAsync();

        await Expect(page.GetByText("Delivered")).ToBeVisibleAsync();
        Assert.Equal(2, receiver.Messages.Count);
        await page.AssertNoSidewaysScrollingAsync();
    }
}
