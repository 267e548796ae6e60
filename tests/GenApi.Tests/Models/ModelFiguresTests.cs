using System.Text.Json;
using GenApi.Core.Models.Timings;
using GenApi.Core.Persistence.Database;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Models;

/// <summary>The prices and times shown by /models.</summary>
public sealed class ModelFiguresTests
{
    private const string Sdxl = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";
    private const string OldSdxl = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_that_was_never_run_tells_its_price_and_nothing_of_its_runs()
    {
        await using var app = await GenApiApp.StartAsync(new()
        {
            ["Models:Aliases:free"] = "sandbox/slow",
            ["Models:Aliases:mine:Model"] = $"stability-ai/sdxl:{OldSdxl}",
            ["Models:Aliases:mine:Price:Hardware"] = "gpu-t4",
            ["Models:Aliases:mine:Price:Private"] = "true",
            ["Models:Aliases:big"] = "sandbox/partial",
            ["Models:Prices:sandbox/partial:PerRun"] = "0.01",
            ["Models:Prices:sandbox/partial:PerMegapixel"] = "0.0000005",
        });

        var models = (await app.GetAsync("/models"))["data"].EnumerateArray()
            .ToDictionary(model => model.GetProperty("alias").GetString()!);

        Assert.Equal(
            """{"hardware":"gpu-l40s","private":false,"usd_per_second":"0.000975","usd_per_run":null,"usd_per_image":null"""
                + ""","usd_per_megapixel":null,"typical_usd":"0.006338"}""",
            Raw(models["sdxl"], "price"));
        Assert.Equal(
            """{"hardware":null,"private":false,"usd_per_second":null,"usd_per_run":null"""
                + ""","usd_per_image":"0.003","usd_per_megapixel":null,"typical_usd":"0.003"}""",
            Raw(models["flux-schnell"], "price"));
        Assert.Equal(
            """{"hardware":null,"private":false,"usd_per_second":null,"usd_per_run":"0.01","usd_per_image":null"""
                + ""","usd_per_megapixel":"0.0000005","typical_usd":"0.010001"}""",
            Raw(models["big"], "price"));
        Assert.Equal(
            """{"hardware":"gpu-t4","private":true,"usd_per_second":"0.000225","usd_per_run":null,"usd_per_image":null"""
                + ""","usd_per_megapixel":null,"typical_usd":null}""",
            Raw(models["mine"], "price"));
        Assert.Equal("null", Raw(models["free"], "price"));
        Assert.All(
            models.Values, model =>
                Assert.Equal(("\"unknown\"", "null", "null"), (Raw(model, "state"), Raw(model, "last_run_at"), Raw(model, "times"))));
        foreach (var (path, alias) in new[] { ("sdxl", "sdxl"), ("stability-ai/sdxl", "sdxl"), ($"stability-ai/sdxl:{OldSdxl}", "mine") })
            Assert.Equal(Raw(models[alias], "price"), (await app.GetAsync($"/models/{path}"))["price"].GetRawText());
    }

    [Fact]
    public async Task Runs_tell_what_a_usual_one_takes_and_costs_and_outlive_their_generations_and_the_service()
    {
        // A dollar per second; SDXL runs for 3.85 s at speed 1.
        await using var app = await GenApiApp.StartAsync(new() { ["Models:Hardware:gpu-l40s"] = "1" }, new SandboxOptions { Speed = 100 });
        for (var seed = 1; seed <= 5; seed++)
        {
            Assert.Equal(seed == 1 ? JsonValueKind.Null : JsonValueKind.Object, (await SdxlAsync(app)).GetProperty("times").ValueKind);
            await app.DeleteAsync($"/generations/{(await app.GenerateAsync(Requests.Small(seed))).Id}");
        }

        var before = await SdxlAsync(app);
        await app.RestartAsync();
        var after = await SdxlAsync(app);

        Assert.Equal("\"warm\"", Raw(after, "state"));
        Assert.Equal("0.0385", after.GetProperty("price").GetProperty("typical_usd").GetString());
        Assert.InRange(
            after.GetProperty("last_run_at").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddMinutes(-1),
            TimeProvider.System.GetUtcNow());
        var times = after.GetProperty("times");
        Assert.Equal(
            (5, 5, "null"),
            (times.GetProperty("runs").GetInt32(), times.GetProperty("warm_start").GetProperty("runs").GetInt32(),
                Raw(times, "cold_start")));
        Assert.Equal(
            (5, 0.0385),
            (times.GetProperty("predict").GetProperty("runs").GetInt32(),
                times.GetProperty("predict").GetProperty("median_seconds").GetDouble()));
        Assert.Equal(
            before.GetRawText().Replace(before.GetProperty("urls").GetRawText(), "", StringComparison.Ordinal),
            after.GetRawText().Replace(after.GetProperty("urls").GetRawText(), "", StringComparison.Ordinal));
        foreach (var path in new[] { "/models/sdxl", "/models/stability-ai/sdxl", "/models?q=sdxl" })
            Assert.Contains(times.GetRawText(), (await app.GetAsync(path)).Text, StringComparison.Ordinal);
        Assert.Equal("null", (await app.GetAsync($"/models/stability-ai/sdxl:{OldSdxl}"))["times"].GetRawText());
    }

    [Fact]
    public async Task Cold_and_warm_starts_are_told_apart_and_a_pause_after_which_it_was_cold_says_cold()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GetAsync("/models");
        await app.Services.GetRequiredService<DatabaseWriter>().WriteAsync(async (db, token) =>
        {
            foreach (var (minutesAgo, starting, idle) in new[] { (90, 0.2, 5.0), (60, 80, 1500), (40, 60, 1200) })
            {
                db.Add(new ModelRun
                {
                    Upstream = "replicate",
                    Model = "stability-ai/sdxl",
                    Version = Sdxl,
                    EndedAt = TimeProvider.System.GetUtcNow().AddMinutes(-minutesAgo),
                    StartingSeconds = starting,
                    PredictSeconds = null,
                    TookSeconds = null,
                    Work = 50,
                    IsCold = starting > 1,
                    IdleSeconds = idle,
                });
            }
            await db.SaveChangesAsync(token);
        }, Ended);

        var model = await SdxlAsync(app);

        Assert.Equal("\"cold\"", Raw(model, "state"));
        Assert.Equal(
            """{"runs":3,"warm_start":{"runs":1,"median_seconds":0.2,"p95_seconds":0.2},"cold_start":{"runs":2,"median_seconds":60"""
                + ""","p95_seconds":80},"predict":null}""",
            Raw(model, "times"));
    }

    [Fact]
    public async Task A_key_learns_from_a_model_neither_when_nor_how_often_others_run_it()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var app = await Keys.StartAsync(new() { ["Models:Hardware:gpu-l40s"] = "1" }, new SandboxOptions { Speed = 0 }, time);
        var bob = Keys.Of((await app.MakeAsync("bob")).Secret);
        await app.GetAsync("/models", bob);
        await RunsAsync(app, time.GetUtcNow().AddMinutes(-90), 3.811, 3.812, 3.813, 3.814, 3.815);
        await app.RestartAsync();
        var before = (await app.GetAsync("/models/sdxl", bob)).Text;
        Assert.Contains(
            """typical_usd":"3.8"},"state":"warm","last_run_at":null,"times":{"runs":null,"warm_start":{"runs":null,"median_seconds":0.2"""
                + ""","p95_seconds":0.2},"cold_start":null,"predict":{"runs":null,"median_seconds":3.8,"p95_seconds":3.8}}""",
            before, StringComparison.Ordinal);

        // Other accounts keep running it, faster.
        await RunsAsync(app, time.GetUtcNow(), 1, 1, 1, 1, 1, 1, 1, 1);
        await app.RestartAsync();

        foreach (var path in (string[])["/models/sdxl", "/models/stability-ai/sdxl", "/models?q=sdxl", "/models"])
        {
            var seen = await app.GetAsync(path, bob);
            Assert.Contains("\"predict\":{\"runs\":null,\"median_seconds\":3.8,", seen.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("\"last_run_at\":\"", seen.Text, StringComparison.Ordinal);
        }
        var all = await app.GetAsync("/models/sdxl", Keys.AsAdmin);
        Assert.Equal((13, time.GetUtcNow()), (all["times", "runs"].GetInt32(), all["last_run_at"].GetDateTimeOffset()));
    }

    [Fact]
    public async Task A_key_is_not_told_when_a_model_is_kept_warm_next_or_for_how_much()
    {
        await using var app = await Keys.StartAsync(
            new()
            {
                ["Models:Aliases:sdxl:KeepWarm:Enabled"] = "true",
                ["Models:Aliases:sdxl:KeepWarm:EveryMinutes"] = "10",
                ["Models:Aliases:sdxl:KeepWarm:DailyLimitUsd"] = "1",
            });
        var bob = Keys.Of((await app.MakeAsync("bob")).Secret);

        var seen = (await app.GetAsync("/models/sdxl", bob))["keep_warm"];

        Assert.Equal(
            """{"alias":"sdxl","every_minutes":10,"next_run_at":null,"spent_today_usd":null,"daily_limit_usd":"1","not_running":null}""",
            seen.GetRawText());
        Assert.NotEqual("null", (await app.GetAsync("/models/sdxl", Keys.AsAdmin))["keep_warm", "spent_today_usd"].GetRawText());
    }

    [Fact]
    public async Task A_list_asks_the_database_as_often_for_seven_models_as_for_one()
    {
        // From the beginning: for a second after the last listener has left, commands are not even reported.
        using var queries = new AskedQueries("FROM \"Model");
        await using var app = await GenApiApp.StartAsync();
        queries.Folder = app.DataDirectory;
        await app.GetAsync("/models");

        Assert.Equal((2, 2), (await CommandsAsync("/models?limit=1"), await CommandsAsync("/models")));

        async Task<int> CommandsAsync(string path)
        {
            var before = queries.All.Count;
            Assert.Equal(200, (await app.GetAsync(path)).Status);
            return queries.All.Count - before;
        }
    }

    private static Task RunsAsync(GenApiApp app, DateTimeOffset endedAt, params double[] predict) =>
        app.Services.GetRequiredService<DatabaseWriter>().WriteAsync(async (db, token) =>
    {
        db.AddRange(predict.Select(seconds => new ModelRun
        {
            Upstream = "replicate",
            Model = "stability-ai/sdxl",
            Version = Sdxl,
            EndedAt = endedAt,
            StartingSeconds = 0.2,
            PredictSeconds = seconds,
            TookSeconds = seconds,
            Work = 50,
            IsCold = false,
            IdleSeconds = 36_000,
        }));
        await db.SaveChangesAsync(token);
    }, Ended);

    private static async Task<JsonElement> SdxlAsync(GenApiApp app) =>
        (await app.GetAsync("/models"))["data"].EnumerateArray().Single(model => model.GetProperty("alias").GetString() == "sdxl");

    private static string Raw(JsonElement element, string member) => element.GetProperty(member).GetRawText();
}
