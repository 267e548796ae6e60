using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using static GenApi.Tests.Doors.Replicate.ReplicateCalls;

namespace GenApi.Tests.Doors.Replicate;

/// <summary>Event streams in Replicate's form, which clients open without their token.</summary>
public sealed class PredictionStreamTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_of_files_ends_with_the_links_and_done_and_needs_no_key()
    {
        await using var app = await Keys.StartAsync();
        var shop = Keys.Of((await app.MakeAsync("shop")).Secret);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var made = await app.PredictAsync(1, shop);
        await held.Reached.WaitAsync(Ended);
        // JavaScript's client makes file objects from a stream at this path.
        var path = app.PathOf(made.Url("stream"));
        Assert.StartsWith($"/v1/files/{made.Id}?expires=", path, StringComparison.Ordinal);

        var reading = app.GetAsync(path, ("Accept", "text/event-stream"));
        held.Release();
        var events = await reading;

        Assert.Equal((200, "text/event-stream"), (events.Status, events.Header("Content-Type")));
        Assert.Equal("no-store", events.Header("Cache-Control"));
        var read = await app.PredictionAsync(made.Id, shop);
        Assert.StartsWith(": hi\n\n", events.Text, StringComparison.Ordinal);
        Assert.EndsWith($"event: output\nid: {Revision(events)}:0\ndata: {read["output"][0].Text()}\n\n"
            + $"event: done\nid: {Revision(events)}:0\ndata: {{}}\n\n", events.Text, StringComparison.Ordinal);
        Assert.Contains("event: logs\n", events.Text, StringComparison.Ordinal);
        Assert.Equal("image/png", (await app.GetAsync(app.PathOf(read["output"][0].Text()))).Header("Content-Type"));
    }

    [Fact]
    public async Task A_stream_of_text_has_another_path_and_one_event_for_each_piece()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.RunAsync("sandbox/words", new { prompt = "a fox", seed = 1 });
        Assert.Equal($"{made.Url("get")}/stream", made.Url("stream"));

        var events = await app.GetAsync(app.PathOf(made.Url("stream")));

        Assert.Equal(["A ", "lighthouse ", "above a quiet sea"], Data(events, "output"));
        Assert.Equal(["{}"], Data(events, "done"));
    }

    [Fact]
    public async Task A_failed_and_a_canceled_prediction_say_so_in_their_streams()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.RunFails);
        var failed = await app.PredictAsync(1, Wait);
        var events = await app.GetAsync(app.PathOf(failed.Url("stream")));
        Assert.Contains("\"detail\"", Assert.Single(Data(events, "error")), StringComparison.Ordinal);
        Assert.Equal(["""{"reason":"error"}"""], Data(events, "done"));

        app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var made = await app.PredictAsync(2);
        await app.PostAsync($"{Predictions}/{made.Id}/cancel");
        Assert.Equal(["""{"reason":"canceled"}"""], Data(await app.GetAsync(app.PathOf(made.Url("stream"))), "done"));
    }

    [Fact]
    public async Task A_changed_or_foreign_address_of_a_stream_opens_nothing()
    {
        await using var app = await Keys.StartAsync();
        var shop = Keys.Of((await app.MakeAsync("shop")).Secret);
        var (one, two) = (await app.PredictAsync(1, [shop, Wait]), await app.PredictAsync(2, [shop, Wait]));
        var path = app.PathOf(one.Url("stream"));

        Assert.Equal(403, (await app.GetAsync(path[..^1] + (path[^1] == 'A' ? 'Q' : 'A'))).Status);
        Assert.Equal(403, (await app.GetAsync(path.Replace(one.Id, two.Id, StringComparison.Ordinal))).Status);
        Assert.Equal(401, (await app.GetAsync(path.Split('?')[0])).Status);
        Assert.Equal(200, (await app.GetAsync(path.Split('?')[0], shop)).Status);
        Assert.Equal(200, (await app.GetAsync(path)).Status);
    }

    private static string Revision(Answer events) =>
        events.Text[(events.Text.LastIndexOf("id: ", StringComparison.Ordinal) + 4)..].Split(':')[0];

    private static List<string> Data(Answer events, string name) =>
    [
        .. events.Text.Split("\n\n").Where(each => each.StartsWith($"event: {name}\n", StringComparison.Ordinal))
            .Select(each => string.Join('\n', each.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal))
                .Select(line => line["data: ".Length..]))),
    ];
}
