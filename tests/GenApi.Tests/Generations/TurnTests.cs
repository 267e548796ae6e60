using GenApi.Sandbox.Control;

namespace GenApi.Tests.Generations;

/// <summary>Tests the order in which generations are sent when more wait than may be sent.</summary>
public sealed class TurnTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_take_turns_so_that_many_of_one_keep_none_of_another_waiting()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Replicate:MaxInFlight"] = "1" });
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        List<string> ids = [await SubmitAsync(app, "sdxl", 1)];
        await held.Reached.WaitAsync(Ended);
        for (var seed = 2; seed < 22; seed++)
            ids.Add(await SubmitAsync(app, "sdxl", seed));
        ids.Add(await SubmitAsync(app, "sd", 30));
        ids.Add(await SubmitAsync(app, "sandbox/partial", 31));
        held.Release();

        foreach (var id in ids)
            Assert.Equal("succeeded", (await Requests.EndedAsync(app, id)).State);

        var order = app.Sandbox.Stats.CreationRequests.Skip(1).ToList();
        Assert.Equal(22, order.Count);
        Assert.Equal(["sandbox", "sd", "sdxl"], order.Take(3).Select(ModelOf).Order());
        // Within a model the oldest goes first.
        Assert.Equal(Enumerable.Range(2, 20), order.Where(request => ModelOf(request) == "sdxl").Select(SeedOf));
    }

    [Fact]
    public async Task What_was_put_back_goes_as_soon_as_it_may_although_nothing_else_happens()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        app.Sandbox.Faults.Add(new Fault(FaultKind.CreateThrottled) { Delay = TimeSpan.FromSeconds(1) });

        Assert.Equal(200, (await app.GenerateAsync(Requests.Small(2))).Status);

        var sent = app.Sandbox.Stats.CreationRequests.Skip(1).Select(request => request.At).ToList();
        Assert.Equal(2, sent.Count);
        Assert.InRange(sent[1] - sent[0], TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task What_waits_out_the_limits_holds_no_place_and_no_intent()
    {
        await using var app = await GenApiApp.StartProcessAsync(new() { ["Replicate:CreationsPerMinute"] = "10" });
        await app.GenerateAsync(Requests.Small(1));

        // The next permit comes six seconds after the first.
        var waiting = await app.GenerateAsync(Requests.Small(2), ("Prefer", "wait=1"));
        await app.KillAsync();
        await app.StartAgainAsync();
        var ended = await Requests.EndedAsync(app, waiting.Id);

        Assert.Equal((202, "queued"), (waiting.Status, waiting.State));
        await Requests.AssertWholeAsync(app, ended);
        // Nothing was uncertain, so no search was needed.
        Assert.Equal((2, 0), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.Lists));
    }

    private static async Task<string> SubmitAsync(GenApiApp app, string model, int seed)
    {
        var answer = await app.GenerateAsync(
            new { prompt = "a red fox", model, seed, width = 64, height = 64 }, ("Prefer", "respond-async"));
        Assert.Equal(202, answer.Status);
        return answer.Id;
    }

    private static string ModelOf(RecordedCreation request) =>
        request.Path.Contains("/sandbox/", StringComparison.Ordinal) ? "sandbox"
            : request.Body.Contains("7762fd07", StringComparison.Ordinal) ? "sdxl" : "sd";

    private static int SeedOf(RecordedCreation request)
    {
        using var body = System.Text.Json.JsonDocument.Parse(request.Body);
        return body.RootElement.GetProperty("input").GetProperty("seed").GetInt32();
    }
}
