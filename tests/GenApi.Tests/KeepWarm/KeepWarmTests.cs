using System.Text.Json;
using GenApi.Core.Accounts;
using GenApi.Core.Generations;
using GenApi.Core.KeepWarm;
using GenApi.Core.Persistence;
using GenApi.Sandbox.Control;
using GenApi.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.KeepWarm;

/// <summary>Keep-warm runs: when, how and for how much; nothing but their cost remains.</summary>
public sealed class KeepWarmTests
{
    private readonly KeepWarmClock _clock = new();

    /// <summary>At noon, so that no day ends unasked.</summary>
    public KeepWarmTests() => _clock.Advance(TimeSpan.FromHours(36) - _clock.GetUtcNow().TimeOfDay);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_that_nobody_uses_is_run_once_in_its_period_and_nothing_is_left_but_the_cost()
    {
        await using var app = await StartAsync("sdxl", ("EveryMinutes", "10"));
        await RunAsync(app);

        var body = JsonElement.Parse(Assert.Single(app.Sandbox.Stats.CreationRequests).Body).GetProperty("input");
        Assert.Equal(
            (256, 256, 1),
            (body.GetProperty("width").GetInt32(), body.GetProperty("height").GetInt32(), body.GetProperty("num_inference_steps")
                .GetInt32()));
        Assert.Equal(0, (await app.GetAsync("/generations"))["data"].GetArrayLength());
        Assert.Empty(await app.Store.NeededBlobsAsync());
        var model = await app.GetAsync("/models/sdxl");
        Assert.Equal(
            (1, 1, "null"),
            (model["times", "runs"].GetInt32(), model["times", "warm_start", "runs"].GetInt32(), model["times", "predict"]
                .GetRawText()));
        Assert.Equal(
            ("sdxl", 10, "1", "null"),
            (model["keep_warm", "alias"].GetString(), model["keep_warm", "every_minutes"]
                .GetInt32(), model["keep_warm", "daily_limit_usd"].GetString(), model["keep_warm", "not_running"].GetRawText()));
        Assert.Equal(model["last_run_at"].GetDateTimeOffset().AddMinutes(10), model["keep_warm", "next_run_at"].GetDateTimeOffset());
        Assert.Equal(model["keep_warm"].GetRawText(), (await app.GetAsync("/models/stability-ai/sdxl"))["keep_warm"].GetRawText());
        Assert.All(
            (await app.GetAsync("/models"))["data"]
            .EnumerateArray(), each => Assert.Equal(
                each.GetProperty("alias").GetString() == "sdxl"
                ? JsonValueKind.Object
                : JsonValueKind.Null, each.GetProperty("keep_warm").ValueKind));

        await _clock.AdvanceAsync(app, TimeSpan.FromMinutes(9));
        await RunAsync(app);
        await app.RestartAsync();
        await RunAsync(app);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        await _clock.AdvanceAsync(app, TimeSpan.FromMinutes(2));
        await RunAsync(app);
        Assert.Equal(2, app.Sandbox.Stats.Creations);
    }

    // On a shared store the server's clock counts, which is followed when it is set.
    [Fact]
    [OnlyOnSqlite]
    public async Task A_clock_that_is_set_makes_no_run_earlier_or_later()
    {
        await using var app = await StartAsync("sdxl", ("EveryMinutes", "10"));
        await RunAsync(app);

        foreach (var step in new[] { TimeSpan.FromHours(3), TimeSpan.FromHours(-5) })
        {
            var before = app.Sandbox.Stats.Creations;
            await _clock.StepAsync(app, step);
            await RunAsync(app);
            await _clock.AdvanceAsync(app, TimeSpan.FromMinutes(9));
            await RunAsync(app);
            Assert.Equal(before, app.Sandbox.Stats.Creations);
            await _clock.AdvanceAsync(app, TimeSpan.FromMinutes(2));
            await RunAsync(app);
            await RunAsync(app);
            Assert.Equal(before + 1, app.Sandbox.Stats.Creations);
        }
    }

    [Fact]
    public async Task A_run_of_a_caller_takes_the_place_of_one()
    {
        await using var app = await StartAsync("flux-schnell", ("EveryMinutes", "10"));
        await RunAsync(app);
        await _clock.AdvanceAsync(app, TimeSpan.FromMinutes(9));
        Assert.Equal(200, (await app.GenerateAsync(new { prompt = "a fox", model = "flux-schnell" })).Status);

        await _clock.AdvanceAsync(app, TimeSpan.FromMinutes(9));
        await RunAsync(app);

        Assert.Equal(2, app.Sandbox.Stats.Creations);
        await _clock.AdvanceAsync(app, TimeSpan.FromMinutes(2));
        await RunAsync(app);
        Assert.Equal(3, app.Sandbox.Stats.Creations);
        Assert.Equal(1, (await app.GetAsync("/models/flux-schnell"))["times", "predict", "runs"].GetInt32());
    }

    [Fact]
    public async Task It_answers_no_request_neither_while_it_runs_nor_after()
    {
        var request = new
        {
            model = "flux-schnell",
            cache = "reuse",
            input = new { prompt = "a plain grey square", num_inference_steps = 1, megapixels = "0.25" }
        };
        await using var app = await StartAsync("flux-schnell");
        var held = await HeldAsync(app);

        var beside = await app.GenerateAsync(request);
        Assert.Equal((200, "GenApi; fwd=miss; stored"), (beside.Status, beside.Header("Cache-Status")));
        Assert.Equal("unfinished", await HindranceAsync(app, "flux-schnell"));
        await app.DeleteAsync($"/generations/{beside.Id}");
        held.Release();
        await RunAsync(app);

        Assert.Equal("GenApi; fwd=miss; stored", (await app.GenerateAsync(request)).Header("Cache-Status"));
    }

    [Fact]
    public async Task A_restart_in_the_middle_of_a_run_neither_repeats_nor_forgets_it()
    {
        await using var app = await StartAsync("flux-schnell");
        var held = await HeldAsync(app);

        await app.RestartAsync(new() { ["Models:Aliases:flux-schnell:KeepWarm:Enabled"] = "false" });
        Assert.Equal("null", (await WarmAsync(app, "flux-schnell")).GetRawText());
        held.Release();
        await RunAsync(app);
        Assert.Equal((1, 1), (app.Sandbox.Stats.CreationAttempts, app.Sandbox.Stats.Downloads));

        await app.RestartAsync(new() { ["Models:Aliases:flux-schnell:KeepWarm:Enabled"] = "true" });
        Assert.Equal("0.003", await SpentAsync(app, "flux-schnell"));
    }

    [Fact]
    public async Task A_days_money_is_not_exceeded_over_restarts_either_and_the_next_day_has_its_own()
    {
        await using var app = await StartAsync("flux-schnell", ("EveryMinutes", "60"), ("DailyLimitUsd", "0.007"));
        await RunAsync(app);
        await _clock.AdvanceAsync(app, TimeSpan.FromMinutes(61));
        await RunAsync(app);

        await app.RestartAsync();
        await _clock.AdvanceAsync(app, TimeSpan.FromHours(6));
        await RunAsync(app);

        var warm = await WarmAsync(app, "flux-schnell");
        Assert.Equal(("0.006", "daily_limit"), (await SpentAsync(app, "flux-schnell"), await HindranceAsync(app, "flux-schnell")));
        Assert.Equal(_clock.GetUtcNow().UtcDateTime.Date.AddDays(1), warm.GetProperty("next_run_at").GetDateTime());
        Assert.Equal(2, app.Sandbox.Stats.Creations);
        await _clock.AdvanceAsync(app, TimeSpan.FromHours(6));
        await RunAsync(app);
        Assert.Equal((3, "0.003"), (app.Sandbox.Stats.Creations, await SpentAsync(app, "flux-schnell")));
    }

    [Fact]
    public async Task An_unfinished_run_counts_with_its_worst_case()
    {
        await using var app = await StartAsync("sdxl", ("EveryMinutes", "1"));
        var held = await HeldAsync(app);

        // 6.5 s for 50 steps, four times that until runs are known, at 0.000975 dollars a second.
        Assert.Equal("0.000507", await SpentAsync(app, "sdxl"));
        await RoundAsync(app);
        Assert.Equal(1, app.Sandbox.Stats.CreationAttempts);
        held.Release();
    }

    [Fact]
    public async Task Outside_its_hours_it_is_not_run()
    {
        await using var app = await StartAsync("flux-schnell", ("Hours", "14-15"));
        await RunAsync(app);

        var warm = await WarmAsync(app, "flux-schnell");
        Assert.Equal(("outside_hours", 0), (await HindranceAsync(app, "flux-schnell"), app.Sandbox.Stats.CreationAttempts));
        Assert.Equal(_clock.GetUtcNow().UtcDateTime.Date.AddHours(14), warm.GetProperty("next_run_at").GetDateTime());
        await _clock.AdvanceAsync(app, TimeSpan.FromMinutes(121));
        await RunAsync(app);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Without_a_price_or_with_too_little_money_for_one_run_it_is_not_run_and_that_is_logged_once()
    {
        await using var app = await StartAsync("flux-schnell", new Dictionary<string, string?>
        {
            ["Logging:LogLevel:Default"] = "Warning",
            ["Models:Aliases:slow:Model"] = "sandbox/slow",
            ["Models:Aliases:slow:KeepWarm:Enabled"] = "true",
            ["Models:Aliases:slow:KeepWarm:DailyLimitUsd"] = "1",
        }, ("DailyLimitUsd", "0.002"));
        await RoundAsync(app);
        await RoundAsync(app);

        foreach (var (alias, code) in new[] { ("slow", "no_price"), ("flux-schnell", "daily_limit") })
        {
            Assert.Equal(
                (code, "null"), (await HindranceAsync(app, alias), (await WarmAsync(app, alias)).GetProperty("next_run_at").GetRawText()));
            Assert.Single(app.Logs, line => line.StartsWith($"{alias} is not kept warm", StringComparison.Ordinal));
        }
        Assert.Equal(0, app.Sandbox.Stats.CreationAttempts);
    }

    [Fact]
    public async Task An_upstream_without_credit_is_left_alone_for_an_hour()
    {
        await using var app = await StartAsync("flux-schnell");
        app.Sandbox.Faults.Add(new Fault(FaultKind.CreateRefused) { Status = 402 });
        await RunAsync(app);
        Assert.Equal(("upstream_out_of_credit", "0"), (await HindranceAsync(app, "flux-schnell"), await SpentAsync(app, "flux-schnell")));

        await _clock.AdvanceAsync(app, TimeSpan.FromMinutes(55));
        await RunAsync(app);
        Assert.Equal(1, app.Sandbox.Stats.CreationAttempts);
        await _clock.AdvanceAsync(app, TimeSpan.FromMinutes(6));
        await RunAsync(app);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task An_upstream_that_refuses_the_token_is_left_alone_until_it_takes_it()
    {
        await using var app = await StartAsync("flux-schnell");
        app.Sandbox.Faults.Add(new Fault(FaultKind.CreateRefused) { Status = 401 });
        await RunAsync(app);

        await _clock.AdvanceAsync(app, TimeSpan.FromMinutes(20));
        await RunAsync(app);
        Assert.Equal(("upstream_unauthorized", 1), (await HindranceAsync(app, "flux-schnell"), app.Sandbox.Stats.CreationAttempts));

        Assert.Equal(200, (await app.GetAsync("/models/sdxl/versions")).Status);
        await RunAsync(app);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    private Task<GenApiApp> StartAsync(string alias, params (string Key, string Value)[] settings) =>
        StartAsync(alias, new Dictionary<string, string?>(), settings);

    private Task<GenApiApp> StartAsync(string alias, Dictionary<string, string?> all, params (string Key, string Value)[] settings)
    {
        foreach (var (key, value) in settings.Prepend(("DailyLimitUsd", "1")).Prepend(("Enabled", "true")))
            all[$"Models:Aliases:{alias}:KeepWarm:{key}"] = value;
        return GenApiApp.StartAsync(all, time: _clock);
    }

    /// <summary>The round that the service makes every 15 seconds.</summary>
    private static Task<IReadOnlyList<Guid>> RoundAsync(GenApiApp app) =>
        app.Services.GetRequiredService<KeepWarmWorker>().RoundAsync(Ended);

    /// <summary>Rounds until nothing is under way; then of every run only its row is left.</summary>
    private static async Task RunAsync(GenApiApp app)
    {
        while (await RoundAsync(app) is { Count: > 0 } unfinished)
        {
            foreach (var id in unfinished)
                await app.Services.GetRequiredService<KeepWarmRuns>().WaitAsync(id, Ended);
        }
        await using var db = await app.Services.GetRequiredService<IDbContextFactory<GenApiDbContext>>().CreateDbContextAsync(Ended);
        Assert.All(await db.Set<KeepWarmRun>().AsNoTracking().ToListAsync(Ended), run => Assert.NotNull(run.ClearedAt));
        Assert.False(await db.Set<Generation>().AnyAsync(row => row.OwnerId == FixedAccounts.KeepWarmId, Ended));
    }

    /// <summary>A run that does not end before it is released.</summary>
    private static async Task<Fault> HeldAsync(GenApiApp app)
    {
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        Assert.Single(await RoundAsync(app));
        await held.Reached.WaitAsync(Ended);
        return held;
    }

    private static async Task<JsonElement> WarmAsync(GenApiApp app, string alias) => (await app.GetAsync($"/models/{alias}"))["keep_warm"];

    private static async Task<string?> SpentAsync(GenApiApp app, string alias) =>
        (await WarmAsync(app, alias)).GetProperty("spent_today_usd").GetString();

    private static async Task<string?> HindranceAsync(GenApiApp app, string alias) =>
        (await WarmAsync(app, alias)).GetProperty("not_running").GetProperty("code").GetString();
}
