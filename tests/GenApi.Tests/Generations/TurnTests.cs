using GenApi.Sandbox;

namespace GenApi.Tests.Generations;

/// <summary>Who is sent next when more is waiting than may be sent.</summary>
public sealed class TurnTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_take_turns_so_that_many_of_one_keep_none_of_another_waiting()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(999));
        var known = app.Sandbox.Stats.CreationAttempts;
        app.Sandbox.Faults.Add(new Fault(FaultKind.CreateThrottled) { Delay = TimeSpan.FromSeconds(3) });
        await SubmitAsync(app, "sdxl", 1);
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.CreationAttempts == known + 1, Ended);
        // Nothing may be sent for three seconds; all of this is waiting when it may.
        List<string> ids = [];
        for (var seed = 2; seed < 22; seed++)
            ids.Add(await SubmitAsync(app, "sdxl", seed));
        ids.Add(await SubmitAsync(app, "sd", 30));
        ids.Add(await SubmitAsync(app, "sandbox/partial", 31));

        foreach (var id in ids)
            Assert.Equal("succeeded", (await Requests.EndedAsync(app, id)).State);

        var order = app.Sandbox.Stats.CreationRequests.Skip(known + 1).Select(ModelOf).ToList();
        Assert.Equal(23, order.Count);
        Assert.Equal(["sandbox", "sd", "sdxl"], order.Take(3).Order());
        Assert.All(order.Skip(3), model => Assert.Equal("sdxl", model));
        // And within a model the oldest goes first; what is sent at the same moment may arrive in any order.
        var seeds = app.Sandbox.Stats.CreationRequests.Skip(known + 1).Where(request => ModelOf(request) == "sdxl").Select(SeedOf).ToList();
        Assert.All(seeds, (seed, at) => Assert.InRange(seed - seeds[0], at - 3, at + 3));
    }

    [Fact]
    public async Task What_waits_out_the_limits_holds_no_place_and_no_intent()
    {
        await using var app = await GenApiApp.StartProcessAsync(new() { ["Replicate:CreationsPerMinute"] = "10" });
        await app.GenerateAsync(Requests.Small(1));

        // The next right comes six seconds after the first.
        var waiting = await app.GenerateAsync(Requests.Small(2), ("Prefer", "wait=1"));
        await app.KillAsync();
        await app.StartAgainAsync();
        var ended = await Requests.EndedAsync(app, waiting.Id);

        Assert.Equal((202, "queued"), (waiting.Status, waiting.State));
        await Requests.AssertWholeAsync(app, ended);
        // Nothing was in doubt, so nothing had to be looked for.
        Assert.Equal((2, 0), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.Lists));
    }

    private static async Task<string> SubmitAsync(GenApiApp app, string model, int seed)
    {
        var answer = await app.GenerateAsync(new { prompt = "a red fox", model, seed, width = 64, height = 64 }, ("Prefer", "respond-async"));
        Assert.Equal(202, answer.Status);
        return answer.Id;
    }

    private static string ModelOf(RecordedCreation request) =>
        request.Path.Contains("/sandbox/", StringComparison.Ordinal) ? "sandbox" : request.Body.Contains("7762fd07", StringComparison.Ordinal) ? "sdxl" : "sd";

    private static int SeedOf(RecordedCreation request)
    {
        using var body = System.Text.Json.JsonDocument.Parse(request.Body);
        return body.RootElement.GetProperty("input").GetProperty("seed").GetInt32();
    }
}
