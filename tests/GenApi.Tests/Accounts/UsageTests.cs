using System.Globalization;
using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Accounts.Usage;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Accounts;

/// <summary>The usage ledger as shown by GET /usage.</summary>
public sealed class UsageTests
{
    private static readonly Dictionary<string, string?> Prices = new()
    {
        ["Models:Prices:sandbox/partial:PerImage"] = "0.01",
        ["Models:Prices:sandbox/fails:PerImage"] = "0.01",
    };

    /// <summary>One run per hour on the first three days of March, this many are in it.</summary>
    private static readonly (string Range, int Runs)[] Ranges =
    [
        ("from=2026-03-02&to=2026-03-02", 24),
        ("from=2026-03-01&to=2026-03-03", 72),
        ("from=2026-03-01&to=2026-03-03T00:00:00Z", 48),
        ("from=2026-03-01T06:00:00Z&to=2026-03-01T09:00:00Z", 3),
        ("from=2026-03-01T22:00:00Z&to=2026-03-03T02:00:00Z", 28),
        ("from=2026-03-01T23:00:00Z&to=2026-03-02T01:00:00Z", 2),
        ("from=2026-03-01T00:00:00%2B02:00&to=2026-03-01T02:00Z", 2),
        ("from=2026-03-01&to=2026-03-31&key=open", 0),
        ("from=2026-03-01&to=2026-03-31&key=before-accounts", 72),
        ("from=2026-03-01&to=2026-03-31&upstream=sandbox", 0),
        ("from=2026-03-03", 24),
        ("to=2026-03-02", 48),
    ];

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_run_hit_and_joined_request_is_counted_on_the_account_it_was_for()
    {
        await using var app = await Keys.StartAsync(Prices);
        var (shopId, shop) = await app.MakeAsync("shop");
        var (blogId, blog) = await app.MakeAsync("blog");
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var run = app.GenerateAsync(Two(1), Keys.Of(shop));
        await held.Reached.WaitAsync(Ended);
        await app.GenerateAsync(Two(1), Keys.Of(blog), ("Prefer", "respond-async"));
        held.Release();
        var made = await run;
        for (var times = 0; times < 3; times++)
            await app.GenerateAsync(Two(1), Keys.Of(blog));
        await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/fails" }, Keys.Of(blog));
        await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/empty" }, Keys.Of(blog));
        await app.DeleteAsync($"/generations/{made.Id}", Keys.AsAdmin);

        var byKey = await UsageAsync(app, "?group_by=key", Keys.AsAdmin);
        var byStatus = await UsageAsync(app, "?group_by=status", Keys.AsAdmin);
        var byModel = await UsageAsync(app, "?group_by=model", Keys.AsAdmin);
        var own = await UsageAsync(app, "", Keys.Of(blog));

        Assert.Equal(
            [$"{shopId} shop: 1 runs 1 images 0 hits 0 joined saved 0 cost 0.01 unpriced 0",
                $"{blogId} blog: 2 runs 0 images 3 hits 1 joined saved 0.05 cost 0 unpriced 1"],
            Rows(byKey));
        Assert.Equal("3 runs 1 images 3 hits 1 joined saved 0.05 cost 0.01 unpriced 1", Sums(byKey["totals"]));
        Assert.Equal(
            ["succeeded 1/0/0", "failed 2/0/0", "hit 0/3/0", "joined 0/0/1"],
            byStatus["data"].EnumerateArray()
                .Select(
                    row => $"{row.GetProperty("group")} {row.GetProperty("runs")}/{row.GetProperty("hits")}/{row.GetProperty("joined")}"));
        Assert.Equal(
            ["sandbox/partial", "sandbox/empty", "sandbox/fails"],
            byModel["data"].EnumerateArray().Select(row => row.GetProperty("group").GetString()!));
        Assert.Equal("2 runs 0 images 3 hits 1 joined saved 0.05 cost 0 unpriced 1", Sums(own["totals"]));
        Assert.Equal(own.Text, (await UsageAsync(app, $"?key={blogId}", Keys.Of(blog))).Text);
        Assert.Equal(own.Text, (await UsageAsync(app, $"?key={blogId}", Keys.AsAdmin)).Text);
        Assert.Equal((404, "not_found"), await StatusAsync(app, $"?key={shopId}", Keys.Of(blog)));
    }

    [Fact]
    public async Task What_was_canceled_and_what_was_never_taken_up_has_a_line_too()
    {
        await using var app = await GenApiApp.StartAsync(new(Prices) { ["Replicate:MaxInFlight"] = "1" });
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var running = await app.GenerateAsync(Two(1), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        var waiting = await app.GenerateAsync(Two(2), ("Prefer", "respond-async"));
        var deleted = await app.GenerateAsync(Two(3), ("Prefer", "respond-async"));

        await app.PostAsync($"/generations/{waiting.Id}/cancel");
        await app.DeleteAsync($"/generations/{deleted.Id}");
        await app.PostAsync($"/generations/{running.Id}/cancel");
        held.Release();
        await Requests.EndedAsync(app, running.Id);

        Assert.StartsWith(
            "canceled: 3 runs 0 images", Assert.Single(Rows(await UsageAsync(app, "?group_by=status"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hits_are_written_by_and_by_equal_ones_in_one_line_and_the_rest_at_the_end()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 5, 31, 23, 58, 0, TimeSpan.Zero));
        await using var app = await GenApiApp.StartAsync(Prices, time: time);
        var made = app.GenerateAsync(Two(1));
        await Webhooks.Clocks.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(100), () => made.IsCompleted);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => app.GenerateAsync(Two(1))));
        Assert.Equal(0, await HitsAsync(app));

        await Webhooks.Clocks.AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), () => HitsAsync(app).GetAwaiter().GetResult() == 40);
        Assert.Equal(1, await Damage.ExecuteAsync(app, "SELECT count(*) FROM UsageEntries WHERE Kind='Hit'"));

        time.Advance(TimeSpan.FromMinutes(3));
        await app.GenerateAsync(Two(1));
        await app.StopAsync();
        Assert.Equal(41, await HitsAsync(app));
        await app.StartAgainAsync();
        Assert.Equal(
            ["2026-05-31: 1 runs 1 images 40 hits 0 joined saved 0.4 cost 0.01 unpriced 0"],
            Rows(await UsageAsync(app, "?from=2026-05-01&to=2026-05-31")));
        // This month is June by now.
        Assert.Equal("0 runs 0 images 1 hits 0 joined saved 0.01 cost 0 unpriced 0", Sums((await UsageAsync(app, ""))["totals"]));
    }

    [Fact]
    public async Task Whole_days_and_parts_of_days_are_added_up()
    {
        // One run an hour for three days; it is March then.
        await using var app = await GenApiApp.StartAsync(
            time: new FakeTimeProvider(new DateTimeOffset(2026, 3, 20, 12, 0, 0, TimeSpan.Zero)));
        var first = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;
        await Damage.ExecuteAsync(app, string.Create(CultureInfo.InvariantCulture, $"""
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 71)
            INSERT INTO UsageEntries (
                At, AcceptedAt, AccountId, Model, Upstream, Kind, GenerationId, Status, Count, Images,
                PredictMilliseconds, DurationMilliseconds, CostMicros, SavedMicros, IsFree)
            SELECT {first} + i * 36000000000, {first}, {app.Store.Id(Guid.Empty)}, 'a/b', 'replicate', 'Run', {app.Store.NewId},
                'succeeded', 1, 2, 1500, 1700, 1000, 0, FALSE FROM n
            """));

        foreach (var (range, runs) in Ranges)
        {
            foreach (var by in new[] { "day", "model", "key", "status" })
            {
                var totals = (await UsageAsync(app, $"?{range}&group_by={by}"))["totals"];
                Assert.Equal(
                    (range,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{runs} runs {2 * runs} images 0 hits 0 joined saved 0 cost {runs * 0.001m:0.###} unpriced 0")),
                    (range, Sums(totals)));
                Assert.Equal(runs * 1.5, totals.GetProperty("predict_seconds").GetDouble());
            }
        }
    }

    [Fact]
    public async Task What_is_wrong_with_a_question_is_told_at_once()
    {
        await using var app = await GenApiApp.StartAsync();

        var bad = await app.GetAsync("/usage?from=yesterday&group_by=weeks&key=me&upstream=openai&too=1");
        var turned = await app.GetAsync("/usage?from=2026-03-02&to=2026-03-01");

        Assert.Equal((400, "invalid_request"), (bad.Status, bad.Code));
        Assert.Equal(
            ["too", "from", "group_by", "upstream", "key"],
            bad["errors"].EnumerateObject().Select(each => each.Name)
                .OrderBy(name => Array.IndexOf(["too", "from", "group_by", "upstream", "key"], name)));
        Assert.Contains("day, model, key, status", bad["errors", "group_by"][0].GetString(), StringComparison.Ordinal);
        Assert.Equal((400, "to"), (turned.Status, turned["errors"].EnumerateObject().Single().Name));
    }

    [Fact]
    public async Task As_CSV_it_is_quoted_and_no_name_is_a_formula()
    {
        await using var app = await Keys.StartAsync(Prices);
        var (id, secret) = await app.MakeAsync("=HYPERLINK(\"http://evil\"),x");
        await app.GenerateAsync(Two(1), Keys.Of(secret));

        var csv = await app.GetAsync("/usage?group_by=key", Keys.AsAdmin, ("Accept", "text/csv"));
        var json = await app.GetAsync("/usage?group_by=key", Keys.AsAdmin, ("Accept", "application/json, text/csv;q=0.9, */*"));

        Assert.Equal((200, "text/csv; charset=utf-8; header=present"), (csv.Status, csv.Header("Content-Type")));
        Assert.Equal("Accept", csv.Header("Vary"));
        Assert.Contains(".csv\"", csv.Header("Content-Disposition"), StringComparison.Ordinal);
        var lines = csv.Text.Split("\r\n");
        Assert.Equal("group,name,runs,images,hits,joined,saved_usd,predict_seconds,cost_usd,unpriced_runs", lines[0]);
        Assert.StartsWith($"{id},\"'=HYPERLINK(\"\"http://evil\"\"),x\",1,1,0,0,0,", lines[1], StringComparison.Ordinal);
        Assert.EndsWith(",0.01,0", lines[1], StringComparison.Ordinal);
        Assert.Equal("", lines[2]);
        Assert.Equal("application/json", json.Header("Content-Type"));
    }

    [Theory]
    [InlineData("web shop", "web shop")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("=1", "\"'=1\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@x", "\"'@x\"")]
    [InlineData("a=b", "a=b")]
    [InlineData(null, "")]
    public void A_name_is_quoted_as_RFC_4180_says_and_can_not_be_run(string? name, string field)
    {
        var sums = new UsageSums(
            Runs: 1, Hits: 3, Joined: 4, Images: 2, PredictMilliseconds: 1500, CostMicros: 10_000, SavedMicros: 500_000, Unpriced: 0);

        var lines = UsageCsv.Text(new([new("key_1", name, sums)], sums)).Split("\r\n");

        Assert.Equal($"key_1,{field},1,2,3,4,0.5,1.5,0.01,0", lines[1]);
    }

    [Fact]
    public async Task The_ledger_is_held_against_the_generations_and_mended_from_them()
    {
        await using var app = await GenApiApp.StartAsync(Prices);
        for (var seed = 1; seed <= 3; seed++)
            await app.GenerateAsync(Two(seed));
        var before = await UsageAsync(app, "?group_by=model");
        await app.StopAsync();
        await Damage.ExecuteAsync(app, "DELETE FROM UsageEntries WHERE Number=1; UPDATE UsageEntries SET CostMicros=7 WHERE Number=2");

        var (exitCode, report) = await Damage.FsckAsync(app);
        Assert.Equal((1, "budget_wrong 6, usage_differs 1, usage_missing 1, usage_sums 1"), (exitCode, Damage.Kinds(report)));
        Assert.Equal(0, (await Damage.FsckAsync(app, "--repair")).ExitCode);

        await Damage.AssertSoundAsync(app);
        await app.StartAgainAsync();
        Assert.Equal(before.Text, (await UsageAsync(app, "?group_by=model")).Text);
    }

    /// <summary>Two images requested, one delivered, at a cent each.</summary>
    private static object Two(int seed) =>
        new { prompt = "a red fox", seed, model = "sandbox/partial", num_outputs = 2, width = 64, height = 64 };

    private static async Task<Answer> UsageAsync(GenApiApp app, string query, params (string, string)[] headers)
    {
        var answer = await app.GetAsync($"/usage{query}", headers);
        Assert.True(answer.Status == 200, answer.Text);
        return answer;
    }

    private static async Task<(int, string)> StatusAsync(GenApiApp app, string query, params (string, string)[] headers)
    {
        var answer = await app.GetAsync($"/usage{query}", headers);
        return (answer.Status, answer.Code);
    }

    private static async Task<long> HitsAsync(GenApiApp app) =>
        await Damage.ExecuteAsync(app, "SELECT coalesce(sum(Count), 0) FROM UsageEntries WHERE Kind='Hit'");

    private static IEnumerable<string> Rows(Answer answer) => answer["data"].EnumerateArray().Select(row =>
    {
        var name = row.GetProperty("name") is { ValueKind: JsonValueKind.String } text ? $" {text}" : "";
        return $"{row.GetProperty("group")}{name}: {Sums(row)}";
    });

    private static string Sums(JsonElement row) =>
        $"{row.GetProperty("runs")} runs {row.GetProperty("images")} images {row.GetProperty("hits")} hits "
        + $"{row.GetProperty("joined")} joined saved {row.GetProperty("saved_usd")} cost {row.GetProperty("cost_usd")} "
        + $"unpriced {row.GetProperty("unpriced_runs")}";
}
