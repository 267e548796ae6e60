using System.Globalization;
using GenApi.Sandbox.Control;

namespace GenApi.Tests.Generations;

/// <summary>Tests the cost of a generation before and after the run, whatever becomes of it.</summary>
public sealed class CostTests
{
    /// <summary>SDXL needs 0.25 s and 50 times 0.072 s at pace 1.</summary>
    private static readonly SandboxOptions HundredTimes = new() { Speed = 100 };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_billed_by_time_costs_the_seconds_that_the_upstream_measured()
    {
        await using var app = await StartAsync(HundredTimes);

        var made = await app.GenerateAsync(Requests.Small(1));

        Assert.Equal(0.0385, made["timing", "predict_seconds"].GetDouble(), 3);
        Assert.Equal(("0.0385", true), Cost(made));
        Assert.Equal(("0.0385", true), Cost(await app.GetAsync($"/generations/{made.Id}")));
    }

    [Fact]
    public async Task A_model_billed_by_image_costs_the_images_it_gave_and_not_those_asked_for()
    {
        await using var app = await StartAsync();

        Assert.Equal(("0.009", true), Cost(await app.GenerateAsync(
            new { prompt = "a fox", model = "flux-schnell", num_outputs = 3, seed = 1, input = new { megapixels = "0.25" } })));
        Assert.Equal(
            ("0.02", true),
            Cost(await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/partial", num_outputs = 4, width = 64, height = 64 })));
    }

    [Fact]
    public async Task A_model_billed_by_megapixel_costs_the_pixels_of_the_files()
    {
        await using var app = await StartAsync();

        var made = await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/slow", num_outputs = 2, width = 512, height = 256 });

        Assert.Equal(2, made["images"].GetArrayLength());
        Assert.Equal(("0.25", true), Cost(made));
    }

    [Fact]
    public async Task Images_that_an_official_model_counts_before_its_safety_filter_are_billed()
    {
        await using var app = await StartAsync();
        app.Sandbox.Faults.Add(new Fault(FaultKind.RunFewer) { Count = 1 });
        app.Sandbox.Faults.Add(FaultKind.RunCounts);

        var made = await app.GenerateAsync(
            new { prompt = "a fox", model = "flux-schnell", num_outputs = 3, seed = 1, input = new { megapixels = "0.25" } });

        Assert.Equal(1, made["images"].GetArrayLength());
        Assert.Equal(("0.009", true), Cost(made));
    }

    [Fact]
    public async Task A_failed_run_costs_nothing()
    {
        await using var app = await StartAsync(HundredTimes);
        app.Sandbox.Faults.Add(FaultKind.RunFails);

        var community = await FailedAsync(app, Requests.Small(1));
        var official = await FailedAsync(app, new { prompt = "a fox", model = "sandbox/fails" });
        var aborted = await FailedAsync(app, new { prompt = "a fox", model = "sandbox/aborts" });

        Assert.InRange(community["timing", "predict_seconds"].GetDouble(), 0.01, 1);
        Assert.Equal(("0", true), Cost(community));
        Assert.Equal(("0", true), Cost(official));
        Assert.Equal(("0", true), Cost(aborted));
    }

    [Fact]
    public async Task A_private_model_is_billed_for_failed_runs_and_for_booting()
    {
        await using var app = await StartAsync(
            HundredTimes, ("Models:Prices:stability-ai/sdxl:Hardware", "gpu-l40s"), ("Models:Prices:stability-ai/sdxl:Private", "true"));
        app.Sandbox.Faults.Add(FaultKind.RunFails);

        var failed = await FailedAsync(app, Requests.Small(1));

        // 4 s of booting and 3.85 s of running, a hundred times as fast.
        Assert.InRange(decimal.Parse(Cost(failed).Usd, CultureInfo.InvariantCulture), 0.078m, 0.09m);
    }

    [Fact]
    public async Task A_canceled_run_costs_the_time_until_then()
    {
        await using var app = await StartAsync();
        var stuck = app.Sandbox.Faults.Add(FaultKind.RunStuck);
        var made = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await stuck.Reached.WaitAsync(Ended);
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Gets > 0, Ended);

        await app.PostAsync($"/generations/{made.Id}/cancel");
        var canceled = await Requests.EndedAsync(app, made.Id);

        Assert.Equal("canceled", canceled.State);
        var ran = canceled["timing", "predict_seconds"].GetDouble();
        Assert.True(ran > 0);
        Assert.Equal(ran, double.Parse(Cost(canceled).Usd, CultureInfo.InvariantCulture), 0.00051);
    }

    [Fact]
    public async Task A_generation_that_was_never_sent_costs_nothing_for_certain()
    {
        await using var app = await StartAsync(null, ("Replicate:MaxInFlight", "1"));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        var queued = await app.GenerateAsync(Requests.Small(2), ("Prefer", "respond-async"));

        Assert.Equal(("0", false), Cost(await app.PostAsync($"/generations/{queued.Id}/cancel")));
        held.Release();
    }

    [Fact]
    public async Task Without_a_price_no_cost_is_told()
    {
        await using var app = await StartAsync();

        var running = await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/cold" }, ("Prefer", "respond-async"));
        var made = await Requests.EndedAsync(app, running.Id);
        var failed = await FailedAsync(app, new { prompt = "a fox", model = "sandbox/refuses" });

        Assert.All([running, made, failed], answer => Assert.Equal("null", answer["cost"].GetRawText()));
    }

    [Fact]
    public async Task While_it_runs_a_generation_tells_what_such_runs_usually_cost()
    {
        await using var app = await StartAsync(HundredTimes);
        var four = new { prompt = "a fox", width = 64, height = 64, num_outputs = 4, seed = 100 };

        // The operator's figure for one image of 50 steps holds until enough runs were seen.
        Assert.Equal(("26", true), Cost(await app.GenerateAsync(four, ("Prefer", "respond-async"))));
        for (var seed = 1; seed <= 5; seed++)
            await app.GenerateAsync(Requests.Small(seed));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        Assert.Equal(("0.0385", true), Cost(await app.GenerateAsync(Requests.Small(6), ("Prefer", "respond-async"))));
        Assert.Equal(
            ("0.006", true),
            Cost(await app.GenerateAsync(new { prompt = "a fox", model = "flux-schnell", num_outputs = 2 }, ("Prefer", "respond-async"))));
        held.Release();
    }

    [Fact]
    public async Task A_price_edited_meanwhile_holds_for_what_is_accepted_after_that()
    {
        await using var app = await StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var before = await app.GenerateAsync(
            new { prompt = "a fox", model = "sandbox/partial", num_outputs = 1, width = 64, height = 64 }, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);

        await app.RestartAsync(new() { ["Models:Prices:sandbox/partial:PerImage"] = "0.5" });
        held.Release();

        Assert.Equal(("0.01", true), Cost(await Requests.EndedAsync(app, before.Id)));
        Assert.Equal(
            ("0.5", true),
            Cost(await app.GenerateAsync(new { prompt = "a hare", model = "sandbox/partial", num_outputs = 1, width = 64, height = 64 })));
    }

    private static Task<GenApiApp> StartAsync(SandboxOptions? sandbox = null, params (string Key, string Value)[] more)
    {
        // It costs a dollar a second, so that milliseconds show.
        var settings = new Dictionary<string, string?>
        {
            ["Models:Hardware:gpu-l40s"] = "1",
            ["Models:Prices:sandbox/partial:PerImage"] = "0.01",
            ["Models:Prices:sandbox/slow:PerMegapixel"] = "1",
            ["Models:Prices:sandbox/fails:PerImage"] = "0.01",
            ["Models:Prices:sandbox/aborts:PerRun"] = "0.01",
        };
        foreach (var (key, value) in more)
            settings[key] = value;
        return GenApiApp.StartAsync(settings, sandbox);
    }

    private static async Task<Answer> FailedAsync(GenApiApp app, object request)
    {
        var refused = await app.GenerateAsync(request);
        var failed = await app.GetAsync($"/generations/{refused["generation_id"].GetString()}");
        Assert.Equal("failed", failed.State);
        return failed;
    }

    private static (string Usd, bool Estimated) Cost(Answer answer) =>
        (answer["cost", "usd"].GetString()!, answer["cost", "estimated"].GetBoolean());
}
