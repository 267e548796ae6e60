using System.Text.Json;
using GenApi.Sandbox.Control;

namespace GenApi.Tests.Generations;

/// <summary>
/// Tests creations whose answers are lost, of requests that differ in one member or in none. Each finds its own prediction, and nothing is
/// made twice. Unless a test says otherwise, the upstream shows no deadlines, so that only inputs and models tell predictions apart.
/// </summary>
public sealed class LookalikeTests
{
    private static int _requests;

    private static readonly Dictionary<string, string?> Settings = new() { ["Generations:SettleSeconds"] = "1" };

    private static readonly (string, string) Async = ("Prefer", "respond-async");

    private static readonly object[] Alike =
    [
        new { prompt = "a fox", seed = 7, input = new { num_inference_steps = 1 } },
        new { prompt = "a fox", seed = 7, width = 512, height = 512, input = new { num_inference_steps = 1 } },
        new { prompt = "a fox", seed = 8, model = "flux-schnell", input = new { megapixels = "0.25" } },
        new { prompt = "a fox", seed = 8, model = "flux-dev", input = new { megapixels = "0.25" } },
        new { prompt = "a fox", seed = 8, model = "flux-dev", num_outputs = 2, input = new { megapixels = "0.25" } },
        new { prompt = "a fox", seed = 8, model = "flux-dev", input = new { megapixels = "0.25", num_inference_steps = 20 } },
    ];

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Four_in_flight_at_a_kill_find_their_own(bool showsDeadlines)
    {
        var sandbox = new SandboxOptions { Speed = 0, ShowsDeadlines = showsDeadlines };
        await using var app = await GenApiApp.StartProcessAsync(Settings, sandbox);
        app.Sandbox.Faults.Add(FaultKind.CreateSlowAfter, times: 4);
        var ids = new List<string>();
        foreach (var body in Alike.Take(4))
            ids.Add((await app.GenerateAsync(body, Async)).Id);
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Creations == 4, Ended);

        await app.KillAsync();
        app.Sandbox.Faults.Clear();
        await app.StartAgainAsync();

        foreach (var id in ids)
            await AssertOwnAsync(app, await Requests.EndedAsync(app, id));
        Assert.Equal((4, 4), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.CreationAttempts));
    }

    [Fact]
    public async Task Six_whose_answers_are_lost_find_their_own()
    {
        await using var app = await StartAsync();
        app.Sandbox.Faults.Add(FaultKind.CreateResetAfter, times: 6);

        foreach (var made in await Task.WhenAll(Alike.Select(body => app.GenerateAsync(body))))
            await AssertOwnAsync(app, made);

        Assert.Equal((6, 6), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.CreationAttempts));
    }

    /// <summary>The prediction for 1024 pixels was never made, and only the other search may claim the one for 512.</summary>
    [Fact]
    public async Task What_another_one_made_does_not_stand_in_for_what_was_not_made()
    {
        await using var app = await StartAsync();
        var silence = app.Sandbox.Faults.Add(FaultKind.ListError, times: null);
        app.Sandbox.Faults.Add(FaultKind.CreateResetBefore);
        var first = app.GenerateAsync(Alike[0]);
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.CreationAttempts == 1, Ended);
        app.Sandbox.Faults.Add(FaultKind.CreateResetAfter);
        var second = app.GenerateAsync(Alike[1]);
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Creations == 1, Ended);
        app.Sandbox.Faults.Remove(silence.Id);

        await AssertOwnAsync(app, await first);
        await AssertOwnAsync(app, await second);
        Assert.Equal((2, 3), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.CreationAttempts));
    }

    [Fact]
    public async Task Identical_requests_find_one_prediction_each()
    {
        await using var app = await StartAsync();
        app.Sandbox.Faults.Add(FaultKind.CreateResetAfter, times: 5);

        var made = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => app.GenerateAsync(Refresh(7))));

        foreach (var each in made)
            await AssertOwnAsync(app, each);
        Assert.Equal(5, made.Select(answer => answer["prediction_id"].GetString()).Distinct().Count());
        Assert.Equal((5, 5), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.CreationAttempts));
    }

    /// <summary>While an answer is on its way, the prediction that it will name is left to it, even past the settling time.</summary>
    [Fact]
    public async Task A_search_waits_for_an_identical_request_that_came_first()
    {
        await using var app = await StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.CreateSlowAfter);
        var first = app.GenerateAsync(Refresh(7));
        await held.Reached.WaitAsync(Ended);
        app.Sandbox.Faults.Add(FaultKind.CreateResetBefore);
        var second = app.GenerateAsync(Refresh(7));
        // Past the settling time, with a list read every quarter of a second or less often.
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Lists > 4, Ended);
        Assert.Equal(2, app.Sandbox.Stats.CreationAttempts);

        held.Release();

        Assert.Equal(app.Sandbox.Stats.CreatedIds[0], (await first)["prediction_id"].GetString());
        await AssertOwnAsync(app, await second);
        Assert.Equal((2, 3), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.CreationAttempts));
    }

    /// <summary>
    /// The search of the first claims what the second made. The answer that names it comes too late, and the second searches for the
    /// other's.
    /// </summary>
    [Fact]
    public async Task An_answer_that_names_what_another_has_is_followed_by_a_search()
    {
        await using var app = await StartAsync();
        var silence = app.Sandbox.Faults.Add(FaultKind.ListError, times: null);
        app.Sandbox.Faults.Add(FaultKind.CreateResetBefore);
        var first = app.GenerateAsync(Refresh(7));
        await silence.Reached.WaitAsync(Ended);
        var held = app.Sandbox.Faults.Add(FaultKind.CreateSlowAfter);
        var second = app.GenerateAsync(Refresh(7));
        await held.Reached.WaitAsync(Ended);
        app.Sandbox.Faults.Remove(silence.Id);

        Assert.Equal(app.Sandbox.Stats.CreatedIds[0], (await first)["prediction_id"].GetString());
        held.Release();

        await AssertOwnAsync(app, await second);
        Assert.Equal((2, 3), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.CreationAttempts));
    }

    /// <summary>A prediction is found by its mark, or by its input alone. Then it may be somebody else's, and is not canceled.</summary>
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task Only_what_is_surely_ours_is_canceled_at_the_upstream(bool showsDeadlines, int cancels)
    {
        await using var app = await StartAsync(showsDeadlines);
        var running = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        app.Sandbox.Faults.Add(FaultKind.CreateResetAfter);
        var silence = app.Sandbox.Faults.Add(FaultKind.ListError, times: null);
        var id = (await app.GenerateAsync(Requests.Small(1), Async)).Id;
        await silence.Reached.WaitAsync(Ended);
        await app.PostAsync($"/generations/{id}/cancel");
        app.Sandbox.Faults.Remove(silence.Id);
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Cancels > 0 || stats.PollsOf(stats.CreatedIds[0]) > 2, Ended);

        running.Release();

        Assert.Equal("canceled", (await Requests.EndedAsync(app, id)).State);
        Assert.Equal((1, cancels), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.Cancels));
    }

    [Fact]
    public async Task Another_installations_run_is_neither_taken_nor_canceled()
    {
        await using var one = await GenApiApp.StartAsync();
        var running = one.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var theirs = (await one.GenerateAsync(Requests.Small(7), Async)).Id;
        await running.Reached.WaitAsync(Ended);
        // With another longest run, because two marks in a hundred are alike.
        await using var two = await GenApiApp.StartAsync(new()
        {
            ["Replicate:BaseUrl"] = one.Sandbox.BaseUrl.ToString().TrimEnd('/'),
            ["Replicate:DeliveryHosts:0"] = one.Sandbox.BaseUrl.Authority,
            ["Generations:SettleSeconds"] = "0.5",
            ["Generations:MaxRunSeconds"] = "777",
            ["Logging:LogLevel:Default"] = "Warning",
        });
        one.Sandbox.Faults.Add(FaultKind.CreateResetBefore);
        var again = one.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);

        var ours = (await two.GenerateAsync(Requests.Small(7), Async)).Id;
        await again.Reached.WaitAsync(Ended);
        await two.PostAsync($"/generations/{ours}/cancel");
        Assert.Equal("canceled", (await Requests.EndedAsync(two, ours)).State);

        running.Release();
        await Requests.AssertWholeAsync(one, await Requests.EndedAsync(one, theirs));
        Assert.Equal((2, 1), (one.Sandbox.Stats.Creations, one.Sandbox.Stats.Cancels));
        Assert.Single(two.Logs, line => line.Contains("Give each installation a separate account", StringComparison.Ordinal));
    }

    /// <summary>Asks for the same run by another request each time: equal ones at once would be one request and its repeats.</summary>
    private static object Refresh(int seed) => new
    {
        prompt = "a fox",
        seed,
        width = 64,
        height = 64,
        cache = "refresh",
        metadata = new { request = $"{Interlocked.Increment(ref _requests)}" },
    };

    private static Task<GenApiApp> StartAsync(bool showsDeadlines = false) =>
        GenApiApp.StartAsync(Settings, new SandboxOptions { Speed = 0, ShowsDeadlines = showsDeadlines });

    /// <summary>Checks that it is complete, and made of exactly its input by its model.</summary>
    private static async Task AssertOwnAsync(GenApiApp app, Answer made)
    {
        await Requests.AssertWholeAsync(app, made);
        var creation = app.Sandbox.Stats.CreationRequests.Single(each => each.PredictionId == made["prediction_id"].GetString());
        var body = JsonElement.Parse(creation.Body);
        Assert.True(JsonElement.DeepEquals(body.GetProperty("input"), made["input"]), $"{creation.Body} for {made["input"]}");
        if (made["version"].GetString() is { } version)
            Assert.Equal(version, body.GetProperty("version").GetString());
        else
            Assert.Equal($"/v1/models/{made["model"].GetString()}/predictions", creation.Path);
    }
}
