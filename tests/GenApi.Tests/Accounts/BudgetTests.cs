using System.Net;
using System.Text;
using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Webhooks;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Accounts;

/// <summary>Money beyond a budget is not spent, however many callers ask at once and whatever crashes in between.</summary>
public sealed class BudgetTests
{
    private const int Callers = 1000;

    /// <summary>One cent per image.</summary>
    private static readonly Dictionary<string, string?> Prices = new()
    {
        ["Models:Prices:sandbox/partial:PerImage"] = "0.01",
        ["Models:Prices:sandbox/fails:PerImage"] = "0.01",
        ["Replicate:CreationsPerMinute"] = "1000000",
        ["Replicate:ReadsPerMinute"] = "1000000",
        ["Generations:SettleSeconds"] = "0.2",
    };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_callers_at_once_with_money_for_a_hundred_get_a_hundred_runs()
    {
        await using var app = await Keys.StartAsync(Prices, time: new AfterNoon());
        var (_, secret) = await app.MakeBudgetedAsync(new { day = "5", total = "1.00" });
        await KnowTheModelAsync(app);

        var answers = await Task.WhenAll(Enumerable.Range(1, Callers).Select(seed => app.GenerateAsync(Cent(seed), Keys.Of(secret))));

        Assert.Equal(
            (100, 900),
            (answers.Count(answer => answer.Status == 200),
                answers.Count(answer => (answer.Status, answer.Status == 402 ? answer.Code : "") == (402, "budget_exhausted"))));
        Assert.Equal(101, app.Sandbox.Stats.Creations);
        Assert.Equal("day 1 + 0 of 5, month 1 + 0 of null, total 1 + 0 of 1", await StateAsync(app, secret));
        Assert.Equal(101, await Damage.ExecuteAsync(app, "SELECT count(*) FROM Generations"));
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task A_kill_in_the_middle_of_a_thousand_callers_changes_nothing_about_that()
    {
        await using var app = await GenApiApp.StartProcessAsync(
            new(Prices) { ["Accounts:AdminKey"] = Keys.Admin }, new SandboxOptions { Speed = 20 });
        var (_, secret) = await app.MakeBudgetedAsync(new { total = "1.00" });
        await KnowTheModelAsync(app);
        var answered = new SemaphoreSlim(0);
        var calls = Enumerable.Range(1, Callers).Select(async seed =>
        {
            var status = await SendAsync(app.Client, seed, secret);
            answered.Release();
            return status;
        }).ToList();
        for (var answers = 0; answers < 150; answers++)
            await answered.WaitAsync(Ended);

        await app.KillAsync();
        var before = await Task.WhenAll(calls);
        await app.StartAgainAsync();
        Assert.Contains(null, before);
        // Callers without an answer ask again.
        var after = await Task.WhenAll(
            before.Select((status, at) => status is null ? SendAsync(app.Client, at + 1, secret) : Task.FromResult(status)));

        Assert.All(
            after, status =>
                Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Accepted or HttpStatusCode.PaymentRequired, $"{status}"));
        for (var look = 0; look < 600
            && (await app.GetAsync("/accounts/me", Keys.Of(secret)))["budgets", "total", "reserved_usd"].GetString() != "0"; look++)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ended);
        // A day may end meanwhile.
        Assert.EndsWith("total 1 + 0 of 1", await StateAsync(app, secret), StringComparison.Ordinal);
        Assert.Equal(101, app.Sandbox.Stats.Creations);
        Assert.Equal(101, await Damage.ExecuteAsync(app, "SELECT count(*) FROM UsageEntries WHERE Kind='Run' AND Status='succeeded'"));
    }

    [Fact]
    public async Task What_does_not_fit_is_told_with_all_figures_and_what_is_stored_is_still_answered()
    {
        await using var app = await Keys.StartAsync(new(Prices) { ["Accounts:Budget:Month"] = "0.03" }, time: new AfterNoon());
        var (id, secret) = await app.MakeBudgetedAsync(new { day = "0.02" });
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await app.GenerateAsync(Cent(1), Keys.Of(secret), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        var made = await app.GenerateAsync(Cent(2), Keys.Of(secret));

        var refused = await app.GenerateAsync(Cent(3), Keys.Of(secret));
        var hit = await app.GenerateAsync(Cent(2), Keys.Of(secret));
        var joined = await app.GenerateAsync(Cent(1), Keys.Of(secret), ("Prefer", "respond-async"));
        var (_, another) = await app.MakeAsync("another");
        var last = await app.GenerateAsync(Cent(4), Keys.Of(another));
        var beyond = await app.GenerateAsync(Cent(5), Keys.Of(another));

        Assert.Equal((402, "budget_exhausted", made.Id, 202, 200), (refused.Status, refused.Code, hit.Id, joined.Status, last.Status));
        Assert.Equal(
            """{"of":"key","span":"day","limit_usd":"0.02","spent_usd":"0.01","reserved_usd":"0.01","price_usd":"0.01","resets"""
                + """_at":"2026-02-01T00:00:00Z"}""",
            refused["budget"].GetRawText());
        Assert.Contains("0.02 USD", refused["detail"].GetString(), StringComparison.Ordinal);
        // The spending of other keys stays hidden.
        Assert.Equal(
            """{"of":"all","span":"month","limit_usd":"0.03","spent_usd":null,"reserved_usd":null"""
                + ""","price_usd":"0.01","resets_at":"2026-02-01T00:00:00Z"}""",
            beyond["budget"].GetRawText());
        Assert.StartsWith(
            "The budget of the whole service for this month is 0.03 USD: less is left of it than this may cost, 0.01. Nothing was sent.",
            beyond["detail"].GetString(), StringComparison.Ordinal);
        // A refusal leaves nothing in the rows that had room.
        Assert.Equal("day 0.01 + 0.01 of 0.02, month 0.01 + 0.01 of null, total 0.01 + 0.01 of null", await StateAsync(app, secret));
        Assert.Equal("day 0.01 + 0 of null, month 0.01 + 0 of null, total 0.01 + 0 of null", await StateAsync(app, another));
        Assert.Equal(
            (await app.GetAsync($"/accounts/keys/{id}", Keys.AsAdmin))["budgets"].GetRawText(),
            (await app.GetAsync("/accounts/me", Keys.Of(secret)))["budgets"].GetRawText());
        Assert.Equal(3, app.Sandbox.Stats.Creations);
        held.Release();
    }

    [Fact]
    public async Task A_limit_that_is_lowered_or_raised_holds_from_the_next_request_on_and_what_failed_gives_its_money_back()
    {
        await using var app = await Keys.StartAsync(new(Prices) { ["Accounts:KeyBudget:Total"] = "0.02" }, time: new AfterNoon());
        var (id, secret) = await app.MakeAsync("shop");
        var me = Keys.Of(secret);
        Assert.Equal("day 0 + 0 of null, month 0 + 0 of null, total 0 + 0 of 0.02", await StateAsync(app, secret));
        Assert.Equal(502, (await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/fails" }, me)).Status);
        Assert.Equal(200, (await app.GenerateAsync(Cent(1), me)).Status);
        Assert.Equal("day 0.01 + 0 of null, month 0.01 + 0 of null, total 0.01 + 0 of 0.02", await StateAsync(app, secret));

        await app.PatchKeyAsync(id, """{"budgets":{"total":0.005,"month":"7"}}""");
        Assert.Equal("day 0.01 + 0 of null, month 0.01 + 0 of 7, total 0.01 + 0 of 0.005", await StateAsync(app, secret));
        Assert.Equal(402, (await app.GenerateAsync(Cent(2), me)).Status);
        await app.PatchKeyAsync(id, """{"budgets":{"total":"0.03"}}""");
        Assert.Equal(200, (await app.GenerateAsync(Cent(2), me)).Status);
        await app.PatchKeyAsync(id, """{"budgets":null}""");
        Assert.Equal("day 0.02 + 0 of null, month 0.02 + 0 of null, total 0.02 + 0 of 0.02", await StateAsync(app, secret));
        Assert.Equal(402, (await app.GenerateAsync(Cent(3), me)).Status);
    }

    [Fact]
    public async Task A_budget_that_can_not_be_one_is_named()
    {
        await using var app = await Keys.StartAsync();

        foreach (var (budgets, path) in new[]
        {
            ("""{"day":"-1"}""", "$.budgets.day"), ("""{"day":"much"}""", "$.budgets.day"),
            ("""{"month":"0.0000001"}""", "$.budgets.month"), ("""{"total":1e30}""", "$.budgets.total"),
            ("""{"year":"1"}""", "$.budgets.year"), ("\"5\"", "$.budgets"), ("""{"day":true}""", "$.budgets.day"),
        })
        {
            var answer = await app.PostAsync("/accounts/keys", $$"""{"name":"x","budgets":{{budgets}}}""", Keys.AsAdmin);
            Assert.Equal((400, "invalid_request", path), (answer.Status, answer.Code, answer["errors"].EnumerateObject().Single().Name));
        }
    }

    [Fact]
    public async Task A_run_belongs_to_the_day_in_which_it_was_accepted()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 5, 30, 23, 59, 0, TimeSpan.Zero));
        await using var app = await GenApiApp.StartAsync(
            new(Prices) { ["Accounts:AdminKey"] = Keys.Admin, ["Accounts:KeyBudget:Day"] = "0.01", ["Accounts:KeyBudget:Month"] = "0.02" },
            time: time);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var first = app.GenerateAsync(Cent(1), Keys.AsAdmin, ("Prefer", "respond-async"));
        await Clocks.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(100), () => first.IsCompleted && held.Reached.IsCompleted);
        Assert.Equal((402, "2026-05-31T00:00:00Z"), await RefusedAsync(app, Cent(2)));

        time.SetUtcNow(new DateTimeOffset(2026, 5, 31, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal("day 0 + 0 of 0.01, month 0 + 0.01 of 0.02, total 0 + 0.01 of null", await StateAsync(app, Keys.Admin));
        held.Release();
        var ended = app.GetAsync($"/generations/{(await first).Id}", Keys.AsAdmin, ("Prefer", "wait=60"));
        await Clocks.AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), () => ended.IsCompleted);
        Assert.Equal("day 0 + 0 of 0.01, month 0.01 + 0 of 0.02, total 0.01 + 0 of null", await StateAsync(app, Keys.Admin));

        var second = app.GenerateAsync(Cent(2), Keys.AsAdmin);
        await Clocks.AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), () => second.IsCompleted);
        Assert.Equal(200, (await second).Status);
        // Without listeners, whose timers would ring eighty thousand times.
        await app.StopAsync();
        time.SetUtcNow(new DateTimeOffset(2026, 5, 31, 23, 59, 0, TimeSpan.Zero));
        await app.StartAgainAsync();
        Assert.Equal((402, "2026-06-01T00:00:00Z"), await RefusedAsync(app, Cent(3)));
        time.SetUtcNow(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal("day 0 + 0 of 0.01, month 0 + 0 of 0.02, total 0.02 + 0 of null", await StateAsync(app, Keys.Admin));
    }

    [Fact]
    public async Task A_model_without_a_price_is_refused_under_a_budget_unless_that_is_allowed()
    {
        await using var app = await GenApiApp.StartAsync(new(Prices) { ["Accounts:Budget:Total"] = "1" });
        var unpriced = new { prompt = "a fox", model = "sandbox/collage", seed = 1 };

        var refused = await app.GenerateAsync(unpriced);
        Assert.Equal((402, "unpriced_model", 0), (refused.Status, refused.Code, app.Sandbox.Stats.Creations));
        await app.RestartAsync(new() { ["Accounts:AllowUnpriced"] = "true" });

        Assert.Equal(200, (await app.GenerateAsync(unpriced)).Status);
        Assert.Equal("0", (await app.GetAsync("/accounts/me"))["budgets", "total", "spent_usd"].GetString());
    }

    [Fact]
    public async Task Free_runs_cost_nothing_and_one_that_failed_leaves_its_place()
    {
        await using var app = await GenApiApp.StartAsync(new(Prices) { ["Accounts:FreeRuns"] = "2", ["Accounts:Budget:Total"] = "0.01" });

        await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/fails" });
        var free = new[] { await app.GenerateAsync(Cent(1)), await app.GenerateAsync(Cent(2)) };
        var paid = await app.GenerateAsync(Cent(3));
        var refused = await app.GenerateAsync(Cent(4));

        Assert.Equal(["0", "0", "0.01"], free.Append(paid).Select(answer => answer["cost", "usd"].GetString()));
        Assert.Equal(402, refused.Status);
        Assert.Equal("0.01", (await app.GetAsync("/usage"))["totals", "cost_usd"].GetString());
    }

    [Fact]
    public async Task What_is_reserved_and_spent_is_held_against_rows_and_ledger_and_mended_from_them()
    {
        await using var app = await GenApiApp.StartAsync(Prices);
        await app.GenerateAsync(Cent(1));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await app.GenerateAsync(Cent(2), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        await app.StopAsync();
        await Damage.ExecuteAsync(
            app, "UPDATE BudgetPeriods SET ReservedMicros=0 WHERE Period=''; DELETE FROM BudgetPeriods WHERE length(Period)=7");

        Assert.Equal("budget_wrong 4", Damage.Kinds((await Damage.FsckAsync(app)).Report));
        Assert.Equal(0, (await Damage.FsckAsync(app, "--repair")).ExitCode);

        await app.StartAgainAsync();
        var me = await app.GetAsync("/accounts/me");
        Assert.All(["day", "month", "total"], span => Assert.Equal(("0.01", "0.01"), Sums(me, span)));
        held.Release();
    }

    private static object Cent(int seed) =>
        new { prompt = "a red fox", seed, model = "sandbox/partial", num_outputs = 1, width = 64, height = 64 };

    private static (string, string) Sums(Answer me, string span) =>
        (me["budgets", span, "spent_usd"].GetString()!, me["budgets", span, "reserved_usd"].GetString()!);

    /// <summary>On the administrator's account, so that no budget counts it.</summary>
    private static async Task KnowTheModelAsync(GenApiApp app) =>
        Assert.Equal(200, (await app.GenerateAsync(Cent(5000), Keys.AsAdmin)).Status);

    private static async Task<(int, string)> RefusedAsync(GenApiApp app, object request)
    {
        var answer = await app.GenerateAsync(request, Keys.AsAdmin);
        return (answer.Status, answer["budget", "resets_at"].GetString()!);
    }

    /// <summary>Returns spent, reserved and limit of each span.</summary>
    private static async Task<string> StateAsync(GenApiApp app, string secret)
    {
        var budgets = (await app.GetAsync("/accounts/me", Keys.Of(secret)))["budgets"];
        return string.Join(", ", budgets.EnumerateObject().Select(each =>
            $"{each.Name} {each.Value.GetProperty("spent_usd")} + {each.Value.GetProperty("reserved_usd")} "
                + $"of {(each.Value.GetProperty("limit_usd") is { ValueKind: JsonValueKind.String } limit ? limit.ToString() : "null")}"));
    }

    /// <returns>The status; null if the connection was cut.</returns>
    private static async Task<HttpStatusCode?> SendAsync(HttpClient client, int seed, string secret)
    {
        using var content = new StringContent(JsonSerializer.Serialize(Cent(seed)), Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/generate") { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {secret}");
        request.Headers.Add("Prefer", "respond-async");
        try
        {
            using var answer = await client.SendAsync(request, Ended);
            return answer.StatusCode;
        }
        catch (Exception cut) when (
            cut is HttpRequestException or ObjectDisposedException || (cut is OperationCanceledException && !Ended.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>A clock that runs like the system's, but no day ends while a test runs.</summary>
    private sealed class AfterNoon : TimeProvider
    {
        private readonly TimeSpan _offset = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero) - System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _offset;
    }
}
