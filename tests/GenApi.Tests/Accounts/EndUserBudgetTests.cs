using GenApi.Sandbox.Control;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Accounts;

/// <summary>Budgets of the people behind a key hold as exactly as those of the key itself.</summary>
public sealed class EndUserBudgetTests
{
    private static readonly Dictionary<string, string?> Prices = new()
    {
        ["Models:Prices:sandbox/partial:PerImage"] = "0.01",
        ["Replicate:CreationsPerMinute"] = "1000000",
        ["Replicate:ReadsPerMinute"] = "1000000",
    };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hundred_requests_at_once_of_two_people_get_what_each_of_them_may_spend()
    {
        await using var app = await Keys.StartAsync(Prices, time: new AfterNoon());
        var (id, secret) = await MakeAsync(app, """{ "total": "0.05" }""");
        await app.GenerateAsync(Cent(1), Keys.AsAdmin);

        var answers = await Task.WhenAll(Enumerable.Range(1, 100).Select(seed =>
            app.GenerateAsync(Cent(1000 + seed, seed % 2 == 0 ? "ann" : "bob"), Keys.Of(secret))));

        Assert.Equal((10, 90), (answers.Count(each => each.Status == 200), answers.Count(each => each.Status == 402)));
        Assert.Equal(11, app.Sandbox.Stats.Creations);
        // The key itself has no limit, and neither has a request that names nobody.
        Assert.Equal(200, (await app.GenerateAsync(Cent(2), Keys.Of(secret))).Status);
        // The same names behind another key are other people.
        Assert.Equal(200, (await app.GenerateAsync(Cent(3, "ann"), Keys.Of((await MakeAsync(app, """{ "day": 1 }""")).Secret))).Status);
        Assert.Equal("0.11", (await app.GetAsync($"/accounts/keys/{id}", Keys.AsAdmin))["budgets", "total", "spent_usd"].GetString());
        Assert.Equal(
            ["ann 0.05", "bob 0.05", " 0.01"],
            (await app.GetAsync("/usage?group_by=end_user", Keys.Of(secret)))["data"].EnumerateArray()
                .Select(row => $"{row.GetProperty("group")} {row.GetProperty("cost_usd")}"));
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task A_refusal_names_the_person_and_the_limit_and_stored_answers_stay_free()
    {
        await using var app = await Keys.StartAsync(Prices, time: new AfterNoon());
        var (id, secret) = await MakeAsync(app, """{ "day": "0.02", "month": "5" }""");
        var key = Keys.Of(secret);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await app.GenerateAsync(Cent(1, "ann"), key, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        var made = await app.GenerateAsync(Cent(2), key, ("X-OpenWebUI-User-Id", "ann"));

        var refused = await app.GenerateAsync(Cent(3, "ann"), key);

        Assert.Equal((402, "budget_exhausted"), (refused.Status, refused.Code));
        Assert.Equal(
            """{"of":"end_user","end_user":"ann","span":"day","limit_usd":"0.02","spent_usd":"0.01","reserved_usd":"0.01","""
                + "\"price_usd\":\"0.01\",\"resets_at\":\"2026-02-01T00:00:00Z\"}",
            refused["budget"].GetRawText());
        Assert.StartsWith(
            "The budget of the end user 'ann' of this key for this day is 0.02 USD: 0.01 are spent and 0.01 are reserved for "
                + "unfinished generations, and this may cost 0.01. Nothing was sent.",
            refused["detail"].GetString(), StringComparison.Ordinal);
        Assert.Equal(made.Id, (await app.GenerateAsync(Cent(2, "ann"), key)).Id);
        Assert.Equal(200, (await app.GenerateAsync(Cent(3, "bob"), key)).Status);
        // A model without a price has no place under a limit, and only for those who have one.
        Assert.Equal("unpriced_model", (await app.GenerateAsync(Unpriced("eve"), key)).Code);
        // Which runs, and fails as that model does.
        Assert.Equal("upstream_failed", (await app.GenerateAsync(Unpriced(null), key)).Code);

        // A limit that is raised counts what was spent before.
        await app.PatchKeyAsync(id, """{ "end_user_budgets": { "day": 0.03 } }""");
        Assert.Equal(200, (await app.GenerateAsync(Cent(4, "ann"), key)).Status);
        Assert.Equal(402, (await app.GenerateAsync(Cent(5, "ann"), key)).Status);
        await app.PatchKeyAsync(id, """{ "end_user_budgets": null }""");
        Assert.Equal(200, (await app.GenerateAsync(Cent(5, "ann"), key)).Status);
        held.Release();
    }

    [Fact]
    public async Task Limits_of_end_users_are_set_over_http_and_at_the_command_line_and_shown_and_audited()
    {
        await using var app = await Keys.StartAsync();
        var (id, _) = await MakeAsync(app, """{ "day": "0.5", "total": 10 }""");
        Assert.Equal("""{"day":"0.5","month":null,"total":"10"}""", await LimitsAsync(id));
        await app.PatchKeyAsync(id, """{ "name": "shop" }""");
        await app.PatchKeyAsync(id, """{ "end_user_budgets": { "month": "2", "total": null } }""");
        Assert.Equal("""{"day":"0.5","month":"2","total":null}""", await LimitsAsync(id));
        await app.StopAsync();
        var (exitCode, _, errors) = await app.VerbAsync(
            "keys", "create", "--name", "chat", "--end-user-day-budget", "1", "--end-user-month-budget", "20",
            "--end-user-total-budget", "300.5");
        Assert.True(exitCode == 0, errors);
        await app.StartAgainAsync();
        var made = errors[errors.IndexOf("key_", StringComparison.Ordinal)..].Split(' ')[0];
        Assert.Equal("""{"day":"1","month":"20","total":"300.5"}""", await LimitsAsync(made));
        Assert.Contains(
            "day budget of each end user 0.5 USD, month budget of each end user 2 USD",
            (await app.GetAsync("/accounts/audit", Keys.AsAdmin)).Text, StringComparison.Ordinal);

        (exitCode, _, errors) = await app.VerbAsync("keys", "create", "--name", "chat", "--end-user-day-budget", "much");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("--end-user-day-budget: 'day' must be US dollars", errors, StringComparison.Ordinal);
        var refused = await app.PostAsync(
            "/accounts/keys", """{ "name": "x", "end_user_budgets": { "day": -1, "week": 1 }, "budgets": 5 }""", Keys.AsAdmin);
        Assert.Equal(
            ["$.budgets", "$.end_user_budgets.day", "$.end_user_budgets.week"],
            refused["errors"].EnumerateObject().Select(each => each.Name).Order(StringComparer.Ordinal));

        async Task<string> LimitsAsync(string key) =>
            (await app.GetAsync($"/accounts/keys/{key}", Keys.AsAdmin))["end_user_budgets"].GetRawText();
    }

    [Fact]
    public async Task Sums_of_end_users_are_checked_and_mended_like_all_others()
    {
        await using var app = await Keys.StartAsync(Prices);
        var (_, secret) = await MakeAsync(app, """{ "total": 1 }""");
        await app.GenerateAsync(Cent(1, "ann"), Keys.Of(secret));
        await app.GenerateAsync(Cent(2), Keys.Of(secret));
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);

        await Damage.ExecuteAsync(
            app, "UPDATE BudgetPeriods SET SpentMicros=5 WHERE EndUser='ann' AND Period=''; DELETE FROM BudgetPeriods WHERE "
                + "EndUser='ann' AND length(Period)=7; UPDATE UsageDays SET EndUser='bob' WHERE EndUser='ann'");
        var (_, report) = await Damage.FsckAsync(app);
        Assert.Equal("budget_wrong 2, usage_sums 1", Kinds(report));
        Assert.Contains("end user 'ann' replicate altogether", report.GetRawText().Replace("\\u0027", "'", StringComparison.Ordinal),
            StringComparison.Ordinal);
        Assert.Equal(0, (await Damage.FsckAsync(app, "--repair")).ExitCode);
        await Damage.AssertSoundAsync(app);

        // A line that names somebody else than its row.
        await Damage.ExecuteAsync(app, "UPDATE UsageEntries SET EndUser='bob' WHERE EndUser='ann'");
        Assert.Equal("budget_wrong 6, usage_differs 1, usage_sums 1", Kinds((await Damage.FsckAsync(app)).Report));
        Assert.Equal(0, (await Damage.FsckAsync(app, "--repair")).ExitCode);
        await Damage.AssertSoundAsync(app);
        await app.StartAgainAsync();
        Assert.Equal("ann", (await app.GetAsync("/usage?group_by=end_user", Keys.Of(secret)))["data"][1].GetProperty("group").GetString());
    }

    /// <summary>Sorted, because the order says nothing.</summary>
    private static string Kinds(System.Text.Json.JsonElement report) =>
        string.Join(", ", Damage.Kinds(report).Split(", ").Order(StringComparer.Ordinal));

    private static async Task<(string Id, string Secret)> MakeAsync(GenApiApp app, string budgets)
    {
        var made = await app.PostAsync("/accounts/keys", $$"""{ "name": "chat", "end_user_budgets": {{budgets}} }""", Keys.AsAdmin);
        Assert.True(made.Status == 201, made.Text);
        return (made.Id, made["secret"].GetString()!);
    }

    private static object Unpriced(string? user) => new { prompt = "a fox", seed = 7, model = "sandbox/fails", user };

    private static object Cent(int seed, string? user = null) =>
        new { prompt = "a red fox", seed, model = "sandbox/partial", num_outputs = 1, width = 64, height = 64, user };
}
