using System.Text.Json;
using GenApi.Core.Models.Timings;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Uploads;

namespace GenApi.Tests.Accounts;

/// <summary>Tests what an estimate says of budgets and times, and what it keeps from a key about the others.</summary>
public sealed class EstimateSightTests
{
    private const string Path = "/generate/estimate";

    private static readonly Dictionary<string, string?> Prices = new() { ["Models:Prices:sandbox/partial:PerImage"] = "0.01" };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_lists_what_is_left_of_each_budget_and_whether_the_worst_case_fits()
    {
        await using var app = await Keys.StartAsync(Prices, time: new AfterNoon());
        var made = await app.PostAsync(
            "/accounts/keys",
            new { name = "shop", budgets = new { day = "0.04", total = 5 }, end_user_budgets = new { month = "0.02" } }, Keys.AsAdmin);
        var key = Keys.Of(made["secret"].GetString()!);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await app.GenerateAsync(Cent(1), key, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        await app.GenerateAsync(Cent(2, "ann"), key);

        var estimate = await app.PostAsync(Path, Cent(3, "ann"), key);

        Assert.Equal(
            """[{"of":"key","span":"day","limit_usd":"0.04","left_usd":"0.02","resets_at":"2026-02-01T00:00:00Z"},"""
                + """{"of":"key","span":"total","limit_usd":"5","left_usd":"4.98","resets_at":null},"""
                + """{"of":"end_user","span":"month","limit_usd":"0.02","left_usd":"0.01","resets_at":"2026-02-01T00:00:00Z"}]""",
            estimate["budgets"].GetRawText());
        Assert.True(await FitsAsync(app, Cent(3, "ann"), key));
        Assert.False(await FitsAsync(app, Cent(3, "ann", 2), key));
        Assert.True(await FitsAsync(app, Cent(3, "bob", 2), key));
        Assert.True(await FitsAsync(app, Cent(3, null, 2), key));
        Assert.False(await FitsAsync(app, Cent(3, null, 3), key));
        // The request itself agrees, and a stored answer takes nothing.
        Assert.Equal(402, (await app.GenerateAsync(Cent(3, null, 3), key)).Status);
        Assert.Equal(402, (await app.GenerateAsync(Cent(3, "ann", 2), key)).Status);
        await app.PatchKeyAsync(made.Id, """{ "budgets": { "day": 0 } }""");
        Assert.False(await FitsAsync(app, Cent(3), key));
        Assert.True(await FitsAsync(app, Cent(2), key));
        Assert.Equal(
            "0", (await app.PostAsync(Path, Cent(3), key))["budgets"][0].GetProperty("left_usd").GetString());
        // What has no price, or no bound, has no place under a limit.
        var unpriced = new { prompt = "a fox", model = "sandbox/fails" };
        var refused = await app.PostAsync(Path, unpriced, key);
        Assert.Equal((402, "unpriced_model"), (refused.Status, refused.Code));
        Assert.Equal((await app.GenerateAsync(unpriced, key))["detail"].GetString(), refused["detail"].GetString());
        Assert.Equal("null", (await app.PostAsync(Path, unpriced, Keys.AsAdmin))["cost"].GetRawText());
        held.Release();
    }

    [Fact]
    public async Task A_key_learns_of_the_shared_budget_only_that_nothing_is_left()
    {
        await using var app = await Keys.StartAsync(
            new(Prices) { ["Accounts:Budget:Day"] = "0.05", ["Accounts:Budget:Total"] = "9" }, time: new AfterNoon());
        var (_, shop) = await app.MakeAsync("shop");
        var key = Keys.Of(shop);
        for (var seed = 11; seed <= 14; seed++)
            await app.GenerateAsync(Cent(seed), Keys.AsAdmin);

        var seen = await app.PostAsync(Path, Cent(2, null, 2), key);

        Assert.Equal(
            """[{"of":"all","span":"day","limit_usd":"0.05","left_usd":null,"resets_at":"2026-02-01T00:00:00Z"},"""
                + """{"of":"all","span":"total","limit_usd":"9","left_usd":null,"resets_at":null}]""",
            seen["budgets"].GetRawText());
        // Larger and larger requests would show what the others have spent.
        Assert.True(seen["fits"].GetBoolean());
        var admin = await app.PostAsync(Path, Cent(2, null, 2), Keys.AsAdmin);
        Assert.False(admin["fits"].GetBoolean());
        Assert.Equal("0.01", admin["budgets"][0].GetProperty("left_usd").GetString());
        Assert.Equal(
            """{"span":"day","limit_usd":"0.05","spent_usd":"0.04","reserved_usd":"0","resets_at":"2026-02-01T00:00:00Z"}""",
            (await app.GetAsync("/accounts/me", Keys.AsAdmin))["service_budgets"][0].GetRawText());
        Assert.DoesNotContain("service_budgets", (await app.GetAsync("/accounts/me", key)).Text, StringComparison.Ordinal);
        await app.GenerateAsync(Cent(3), Keys.AsAdmin);
        Assert.False(await FitsAsync(app, Cent(2), key));
        Assert.True(await FitsAsync(app, Cent(3), key));
    }

    [Fact]
    public async Task A_key_sees_times_and_costs_of_runs_before_this_hour_in_two_digits_and_an_administrator_all()
    {
        // A dollar per second; SDXL makes 50 steps.
        await using var app = await Keys.StartAsync(new() { ["Models:Hardware:gpu-l40s"] = "1" }, time: new AfterNoon());
        var (_, shop) = await app.MakeAsync("shop");
        var version = (await app.GetAsync("/models/sdxl", Keys.AsAdmin))["version"].GetString();
        await app.StopAsync();
        foreach (var (hour, minute, seconds) in new[] { (10, 0, 3.333), (12, 1, 8.888) })
        {
            var ended = new DateTimeOffset(2026, 1, 31, hour, minute, 0, TimeSpan.Zero).UtcTicks;
            for (var run = 0; run < 6; run++)
            {
                await app.ExecuteAsync(
                    "INSERT INTO ModelRuns (Upstream, Model, Version, EndedAt, StartingSeconds, PredictSeconds, TookSeconds, Work, IsCold, "
                    + FormattableString.Invariant($"IdleSeconds) VALUES ('replicate', 'stability-ai/sdxl', '{version}', {ended}, ")
                    + FormattableString.Invariant($"{10 * seconds}, {seconds}, {seconds}, 50, TRUE, 3600)"));
            }
        }
        await app.StartAgainAsync();

        var key = await app.PostAsync(Path, Requests.Small(1), Keys.Of(shop));
        var admin = await app.PostAsync(Path, Requests.Small(1), Keys.AsAdmin);

        Assert.Equal((3.3, 33.0), (key["typical_seconds"].GetDouble(), key["boot_seconds"].GetDouble()));
        // Twice the median at least, rounded up: it must not be less than it is.
        Assert.Equal("""{"expected_usd":"3.3","worst_usd":"6.7"}""", key["cost"].GetRawText());
        Assert.Equal(key["state"].GetString(), admin["state"].GetString());
        Assert.Equal((3.333, 33.33), (admin["typical_seconds"].GetDouble(), admin["boot_seconds"].GetDouble()));
        Assert.Equal("""{"expected_usd":"3.333","worst_usd":"8.888"}""", admin["cost"].GetRawText());
        // Half the steps take half the time.
        Assert.Equal(
            1.7,
            (await app.PostAsync(Path, new { prompt = "a fox", steps = 25 }, Keys.Of(shop)))["typical_seconds"].GetDouble());
    }

    [Fact]
    public async Task It_needs_the_right_to_generate_and_names_no_image_of_another_key()
    {
        await using var app = await Keys.StartAsync();
        var (_, reader) = await app.MakeAsync("reader", "read");
        var (_, shop) = await app.MakeAsync("shop");
        var (_, other) = await app.MakeAsync("other");
        var image = (await app.GenerateAsync(Requests.Small(1), Keys.Of(shop)))["images"][0].GetProperty("id").GetString();
        var edit = new { prompt = "a fox", image };

        Assert.Equal(403, (await app.PostAsync(Path, Requests.Small(1), Keys.Of(reader))).Status);
        Assert.Equal(401, (await app.PostAsync(Path, Requests.Small(1))).Status);
        Assert.Equal(200, (await app.PostAsync(Path, edit, Keys.Of(shop))).Status);
        var strange = await app.PostAsync(Path, edit, Keys.Of(other));
        Assert.Equal((422, "invalid_input"), (strange.Status, strange.Code));
        // It grants nothing: after the same request has been estimated, the other's generation is as unknown as before.
        Assert.Equal("hit", (await app.PostAsync(Path, Requests.Small(1), Keys.Of(other)))["cached"].GetString());
        Assert.Equal("[]", (await app.GetAsync("/generations", Keys.Of(other)))["data"].GetRawText());
    }

    [Fact]
    public async Task With_answers_kept_apart_by_key_it_says_nothing_of_another_keys_answer()
    {
        await using var app = await Keys.StartAsync(new() { ["Generations:CacheScope"] = "key" });
        var (_, shop) = await app.MakeAsync("shop");
        var (_, other) = await app.MakeAsync("other");
        await app.GenerateAsync(Requests.Small(1), Keys.Of(shop));

        Assert.Equal("hit", (await app.PostAsync(Path, Requests.Small(1), Keys.Of(shop)))["cached"].GetString());
        Assert.Equal("no", (await app.PostAsync(Path, Requests.Small(1), Keys.Of(other)))["cached"].GetString());
    }

    [Fact]
    public async Task A_free_run_costs_nothing_under_any_limit()
    {
        await using var app = await GenApiApp.StartAsync(
            new(Prices) { ["Accounts:FreeRuns"] = "1", ["Accounts:Budget:Total"] = "0" });

        var free = await app.PostAsync(Path, Cent(1));
        await app.GenerateAsync(Cent(1));
        var paid = await app.PostAsync(Path, Cent(2));

        Assert.Equal(("0", true), (free["cost", "worst_usd"].GetString(), free["fits"].GetBoolean()));
        Assert.Equal(("0.01", false), (paid["cost", "worst_usd"].GetString(), paid["fits"].GetBoolean()));
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("6.666", "6.7")]
    [InlineData("6.6", "6.6")]
    [InlineData("0.000123", "0.00013")]
    [InlineData("1234", "1300")]
    [InlineData("9.91", "10")]
    public void A_worst_case_is_rounded_up_to_two_digits(string usd, string rounded) =>
        Assert.Equal(
            decimal.Parse(rounded, System.Globalization.CultureInfo.InvariantCulture),
            Coarse.RoundUp(decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture)));

    private static async Task<bool> FitsAsync(GenApiApp app, object body, (string, string) key)
    {
        var estimate = await app.PostAsync(Path, body, key);
        Assert.True(estimate.Status == 200, estimate.Text);
        return estimate["fits"].ValueKind == JsonValueKind.True;
    }

    /// <summary>Asks for images of a cent each.</summary>
    private static Dictionary<string, object> Cent(int seed, string? user = null, int images = 1)
    {
        var body = new Dictionary<string, object>
        {
            ["prompt"] = $"a fox {seed}",
            ["model"] = "sandbox/partial",
            ["num_outputs"] = images,
            ["width"] = 64,
            ["height"] = 64,
            ["seed"] = seed,
        };
        if (user is not null)
            body["user"] = user;
        return body;
    }
}
