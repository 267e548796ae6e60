using System.Globalization;
using GenApi.Sandbox.Control;

namespace GenApi.Tests.Generations;

/// <summary>Tests what callers can do with a generation during and after its run.</summary>
public sealed class LifeTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_waiting_caller_that_leaves_ends_its_wait_only()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Ended);
        var request = app.Client.PostAsync(
            new Uri("/generate", UriKind.Relative),
            new StringContent("""{"prompt":"a fox","seed":1,"width":64,"height":64}""", null, "application/json"), leaving.Token);
        await held.Reached.WaitAsync(Ended);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        held.Release();

        var joined = await app.GenerateAsync("""{"prompt":"a fox","seed":1,"width":64,"height":64}""");
        await Requests.AssertWholeAsync(app, joined);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Statuses_go_forward_and_the_log_and_progress_are_told()
    {
        await using var app = await GenApiApp.StartAsync(sandbox: new SandboxOptions { Speed = 8 });
        var made = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        Assert.Equal(202, made.Status);
        var location = new Uri(made.Header("Location")!, UriKind.RelativeOrAbsolute);
        Assert.Equal($"/generations/{made.Id}", location.IsAbsoluteUri ? location.AbsolutePath : made.Header("Location"));

        var events = (await app.GetAsync($"/generations/{made.Id}/events")).Text;

        var statuses = events.Split('\n').Where(line => line.StartsWith("data:", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(statuses);
        Assert.Contains("event: progress", events, StringComparison.Ordinal);
        Assert.Contains("event: logs", events, StringComparison.Ordinal);
        Assert.Contains("event: done", events, StringComparison.Ordinal);
        var ended = await app.GetAsync($"/generations/{made.Id}");
        await Requests.AssertWholeAsync(app, ended);
        Assert.Equal(1, ended["progress", "percentage"].GetDouble());
        Assert.Contains("Using seed: 1", (await app.GetAsync($"/generations/{made.Id}/logs")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queued_generation_is_canceled_on_the_spot_and_never_sent()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Replicate:MaxInFlight"] = "1" });
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var running = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        var queued = await app.GenerateAsync(Requests.Small(2), ("Prefer", "respond-async"));

        var canceled = await app.PostAsync($"/generations/{queued.Id}/cancel");
        var again = await app.PostAsync($"/generations/{queued.Id}/cancel");

        Assert.Equal("canceled", canceled.State);
        Assert.Equal((200, "canceled"), (again.Status, again.State));
        held.Release();
        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, running.Id));
        Assert.Equal(1, app.Sandbox.Stats.CreationAttempts);
    }

    [Fact]
    public async Task A_running_generation_is_canceled_upstream()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.RunStuck);
        var made = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Gets > 0, Ended);

        var waiting = app.GetAsync($"/generations/{made.Id}", ("Prefer", "wait=30"));
        Assert.Equal(202, (await app.PostAsync($"/generations/{made.Id}/cancel")).Status);

        Assert.Equal("canceled", (await waiting).State);
        Assert.Equal(1, app.Sandbox.Stats.Cancels);
    }

    [Fact]
    public async Task A_caller_that_waits_for_what_is_canceled_is_told_so()
    {
        await using var app = await GenApiApp.StartAsync();
        var stuck = app.Sandbox.Faults.Add(FaultKind.RunStuck);
        var waiting = app.GenerateAsync(Requests.Small(1));
        await stuck.Reached.WaitAsync(Ended);
        var id = (await app.GetAsync("/generations"))["data"][0].GetProperty("id").GetString();

        await app.PostAsync($"/generations/{id}/cancel");

        var answer = await waiting;
        Assert.Equal((409, "conflict", id), (answer.Status, answer.Code, answer["generation_id"].GetString()));
    }

    [Fact]
    public async Task Deleting_takes_the_row_and_the_bytes_that_nobody_shares()
    {
        await using var app = await GenApiApp.StartAsync();
        var one = await app.GenerateAsync(Requests.Small(1));
        var same = await app.GenerateAsync(new { prompt = "a red fox", seed = 1, width = 64, height = 64, cache = "refresh" });
        Assert.Equal(one["images"][0].GetProperty("sha256").GetString(), same["images"][0].GetProperty("sha256").GetString());

        Assert.Equal(204, (await app.DeleteAsync($"/generations/{one.Id}")).Status);

        Assert.Equal(404, (await app.GetAsync($"/generations/{one.Id}")).Status);
        Assert.Equal(404, (await app.DeleteAsync($"/generations/{one.Id}")).Status);
        Assert.Equal(404, (await app.GetAsync(one.ImageUrl().AbsolutePath)).Status);
        await Requests.AssertWholeAsync(app, same);
        Assert.Equal(204, (await app.DeleteAsync($"/generations/{same.Id}")).Status);
        Assert.Empty(await app.Store.NeededBlobsAsync());
        // It answers no request any more.
        Assert.Equal("GenApi; fwd=miss; stored", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"));
    }

    [Fact]
    public async Task Deleting_a_running_one_cancels_it_first()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.RunStuck);
        var made = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Gets > 0, Ended);

        Assert.Equal(204, (await app.DeleteAsync($"/generations/{made.Id}")).Status);

        Assert.Equal(404, (await app.GetAsync($"/generations/{made.Id}")).Status);
        Assert.Equal(0, (await app.GetAsync("/generations"))["data"].GetArrayLength());
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Cancels == 1, Ended);
    }

    [Fact]
    public async Task A_generation_that_lost_an_image_answers_nobody()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        var image = made["images"][0].GetProperty("id").GetString();

        Assert.Equal(204, (await app.DeleteAsync($"/images/{image}")).Status);

        Assert.Equal(404, (await app.GetAsync($"/images/{image}")).Status);
        Assert.Equal(0, (await app.GetAsync($"/generations/{made.Id}"))["images"].GetArrayLength());
        Assert.NotEqual(made.Id, (await app.GenerateAsync(Requests.Small(1))).Id);
    }

    [Fact]
    public async Task The_list_is_newest_first_in_pages_and_filters()
    {
        await using var app = await GenApiApp.StartAsync();
        var ids = new List<string>();
        for (var seed = 1; seed <= 5; seed++)
            ids.Add(
                (await app.GenerateAsync(Requests.Small(seed, seed == 3 ? "Überraschung im \"Wald\"" : $"a red fox number {seed}"))).Id);
        app.Sandbox.Faults.Add(FaultKind.RunFails);
        await app.GenerateAsync(Requests.Small(6, "a sad fox"));

        var first = await app.GetAsync("/generations?limit=4&status=succeeded");
        var second = await app.GetAsync(
            $"/generations?limit=4&status=succeeded&cursor={Uri.EscapeDataString(first["next_cursor"].GetString()!)}");

        Assert.Equal(ids.AsEnumerable().Reverse(), Ids(first).Concat(Ids(second)));
        Assert.Equal("null", second["next_cursor"].GetRawText());
        Assert.Single(Ids(await app.GetAsync("/generations?status=failed")));
        Assert.Equal([ids[2]], Ids(await app.GetAsync("/generations?q=%C3%BCberr%20wald")));
        Assert.Equal(5, Ids(await app.GetAsync("/generations?q=FOX")).Count());
        Assert.Equal([ids[1]], Ids(await app.GetAsync("/generations?q=fox%202&model=stability-ai/sdxl")));
        Assert.Empty(Ids(await app.GetAsync("/generations?q=fo%22%20OR%20x")));
        Assert.Empty(Ids(await app.GetAsync("/generations?model=black-forest-labs/flux-dev")));
        var middle = (await app.GetAsync($"/generations/{ids[2]}"))["created_at"].GetDateTimeOffset();
        var time = Uri.EscapeDataString(middle.ToString("O", CultureInfo.InvariantCulture));
        Assert.Equal(4, Ids(await app.GetAsync($"/generations?created_after={time}")).Count());
        Assert.Equal(2, Ids(await app.GetAsync($"/generations?created_before={time}")).Count());
    }

    [Fact]
    public async Task Above_the_bound_on_the_queue_nothing_more_is_taken()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Generations:MaxQueued"] = "2" });
        app.Sandbox.Faults.Add(FaultKind.RunStuck, times: null);
        var first = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await app.GenerateAsync(Requests.Small(2), ("Prefer", "respond-async"));

        var third = await app.GenerateAsync(Requests.Small(3), ("Prefer", "respond-async"));

        Assert.Equal((503, "overloaded"), (third.Status, third.Code));
        Assert.NotNull(third.Header("Retry-After"));
        await app.PostAsync($"/generations/{first.Id}/cancel");
        Assert.Equal("canceled", (await Requests.EndedAsync(app, first.Id)).State);
        Assert.Equal(202, (await app.GenerateAsync(Requests.Small(3), ("Prefer", "respond-async"))).Status);
    }

    [Fact]
    public async Task Every_creation_tells_the_upstream_to_end_the_run_by_itself()
    {
        await using var app = await GenApiApp.StartAsync(
            new() { ["Generations:MaxRunSeconds"] = "77", ["Generations:SettleSeconds"] = "0.1" });
        // One is sent by version and one by an official model's name; one is refused and one lost, and both are sent again.
        await app.GenerateAsync(new { prompt = "a fox", model = "flux-schnell", seed = 1 });
        app.Sandbox.Faults.Add(FaultKind.CreateThrottled, times: 1);
        await app.GenerateAsync(Requests.Small(1));
        app.Sandbox.Faults.Add(FaultKind.CreateResetBefore, times: 1);
        await app.GenerateAsync(Requests.Small(2));

        var sent = app.Sandbox.Stats.CreationRequests;
        Assert.Equal((3, 2), (app.Sandbox.Stats.Creations, sent.Select(each => each.Path).Distinct().Count()));
        Assert.True(sent.Count >= 5);
        Assert.All(sent, each => Assert.InRange(int.Parse(each.Headers["cancel-after"], CultureInfo.InvariantCulture), 70, 77));
    }

    private static IEnumerable<string> Ids(Answer list) => list["data"].EnumerateArray().Select(row => row.GetProperty("id").GetString()!);
}
