using System.Text;
using GenApi.Client;
using GenApi.Sandbox.Control;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Client;

/// <summary>A wait reaches the end of the generation whatever happens to the connection, and starts nothing again.</summary>
public sealed class WaitTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static GenerateRequest Fox => new() { Prompt = "a red fox", Width = 64, Height = 64 };

    [Fact]
    public async Task It_survives_a_restart_of_the_service()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        using var client = front.Client();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var heard = new Heard();
        var waiting = client.GenerateAsync(Fox, progress: heard, cancellationToken: Ended);
        await heard.UntilAsync(GenerationStatus.Processing);

        await app.StopAsync();
        await front.NextAsync("GET", "/generations/", count: 2);
        await app.StartAgainAsync();
        held.Release();
        var made = await waiting;

        Assert.Equal(GenerationStatus.Succeeded, made.Status);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        Assert.Equal(heard.Statuses.Distinct(), heard.Statuses);
        Assert.IsType<GenerationEnded>(heard.Events[^1]);
        Assert.Single(front.Seen("POST", "/generate"));
    }

    [Fact]
    public async Task A_stream_that_is_cut_within_an_event_goes_on_after_the_last_whole_one()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        using var client = front.Client();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var started = await client.StartAsync(Fox, cancellationToken: Ended);
        await held.Reached.WaitAsync(Ended);
        while ((await client.GetAsync(started.Id, cancellationToken: Ended)).Status != GenerationStatus.Processing)
            await Task.Yield();
        // A complete event with an id, and the beginning of the next, which breaks off within its data.
        front.Spoil("GET", "/events", async (context, pass) =>
        {
            using var answer = await pass();
            context.Response.ContentType = "text/event-stream";
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(context.RequestAborted));
            var text = new StringBuilder();
            string? line = null;
            while (line?.StartsWith("id: ", StringComparison.Ordinal) != true
                && (line = await reader.ReadLineAsync(context.RequestAborted)) is not null)
                text.Append(line.StartsWith("retry:", StringComparison.Ordinal) ? "retry: 10" : line).Append('\n');
            await context.Response.WriteAsync($"{text}\nevent: done\ndata: {{\"id\":\"gen_", context.RequestAborted);
            held.Release();
        });

        var events = new List<GenerationEvent>();
        await foreach (var each in client.FollowAsync(started.Id, Ended))
            events.Add(each);

        var streams = front.Seen("GET", "/events");
        Assert.Equal(2, streams.Count);
        Assert.False(streams[0].Headers.ContainsKey("Last-Event-ID"));
        Assert.True(long.Parse(streams[1].Headers["Last-Event-ID"], System.Globalization.CultureInfo.InvariantCulture) > 0);
        var statuses = events.OfType<StatusChanged>().Select(each => each.Generation.Status).ToList();
        Assert.Equal(statuses.Distinct(), statuses);
        Assert.Equal(GenerationStatus.Succeeded, Assert.Single(events.OfType<GenerationEnded>()).Generation.Status);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("silent")]
    [InlineData("a page")]
    public async Task Where_no_events_come_it_asks(string how)
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        using var client = front.Client(options => options.IdleTimeout = TimeSpan.FromSeconds(how == "silent" ? 0.5 : 45));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var started = await client.StartAsync(Fox, cancellationToken: Ended);
        await held.Reached.WaitAsync(Ended);
        front.Spoil("GET", "/events", how switch
        {
            "refused" => Front.Page(503, retryAfter: "5"),
            "silent" => HoldBackAsync,
            _ => (context, _) => context.Response.WriteAsync("<h1>Welcome</h1>", context.RequestAborted),
        });

        var waiting = client.WaitAsync(started.Id, cancellationToken: Ended);
        var asked = await front.NextAsync("GET", $"/generations/{started.Id}", count: 1);
        held.Release();

        Assert.Equal(GenerationStatus.Succeeded, (await waiting).Status);
        Assert.StartsWith("wait=", asked.Headers["Prefer"], StringComparison.Ordinal);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_generation_that_is_deleted_or_canceled_ends_the_wait_with_what_happened()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        using var client = front.Client();
        var held = app.Sandbox.Faults.Add(new Fault(FaultKind.RunHeldProcessing) { Times = 2 });
        var heard = new Heard();
        var waiting = client.GenerateAsync(Fox, progress: heard, cancellationToken: Ended);
        var first = await heard.UntilAsync(GenerationStatus.Processing);
        await client.CancelAsync(first.Id, Ended);
        var canceled = await Assert.ThrowsAsync<GenerationFailedException>(() => waiting);
        Assert.Equal((GenerationStatus.Canceled, true), (canceled.Generation.Status, canceled.IsRetryable));

        heard = new Heard();
        waiting = client.GenerateAsync(Fox, progress: heard, cancellationToken: Ended);
        var second = await heard.UntilAsync(GenerationStatus.Processing);
        await client.DeleteAsync(second.Id, Ended);

        var ended = await Assert.ThrowsAnyAsync<GenApiException>(() => waiting);
        Assert.True(
            ended is GenApiProblemException { Code: "not_found" } or GenerationFailedException { Error: null }, ended.Message);
        held.Release();
    }

    [Fact]
    public async Task Who_leaves_ends_the_wait_and_not_the_work()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        using var client = front.Client();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var heard = new Heard();
        using var left = CancellationTokenSource.CreateLinkedTokenSource(Ended);
        var waiting = client.GenerateAsync(Fox, progress: heard, cancellationToken: left.Token);
        var started = await heard.UntilAsync(GenerationStatus.Processing);

        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        held.Release();
        Assert.Equal(GenerationStatus.Succeeded, (await client.WaitAsync(started.Id, cancellationToken: Ended)).Status);
    }

    [Fact]
    public async Task A_service_that_stays_away_ends_the_wait_when_the_patience_does()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        using var client = front.Client(options => options.ReconnectFor = TimeSpan.FromMilliseconds(50));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var heard = new Heard();
        var waiting = client.GenerateAsync(Fox, "order-17", heard, Ended);
        await heard.UntilAsync(GenerationStatus.Processing);

        await app.StopAsync();

        var away = await Assert.ThrowsAsync<GenApiConnectionException>(() => waiting);
        Assert.Equal("order-17", away.IdempotencyKey);
        held.Release();
    }

    /// <summary>Buffers like a proxy that forwards only complete answers.</summary>
    private static async Task HoldBackAsync(HttpContext context, Func<Task<HttpResponseMessage>> pass)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
    }
}
