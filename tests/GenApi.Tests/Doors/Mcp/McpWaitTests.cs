using System.Collections.Concurrent;
using GenApi.Core.Generations.Waiting;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Doors.Repeats;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace GenApi.Tests.Doors.Mcp;

/// <summary>Runs that take longer than a call, and calls that are repeated.</summary>
public sealed class McpWaitTests
{
    private const int Hurry = 20;

    private static object Fox => new { prompt = "a red fox in snow", model = "sdxl", width = 64, height = 64 };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_50_seconds_with_progress_the_call_hands_back_an_id_that_outlives_it_and_the_service()
    {
        var time = new HurriedClock(Hurry);
        await using var app = await GenApiApp.StartAsync(time: time);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var seen = new Reports();
        CallToolResult running;
        await using (var client = await app.McpAsync())
        {
            var began = time.GetTimestamp();
            running = await client.ToolAsync("generate_image", Fox, seen);
            Assert.InRange(time.GetElapsedTime(began).TotalSeconds, 49, 60);
        }

        Assert.NotEqual(true, running.IsError);
        Assert.StartsWith($"{running.GenerationId()} is still ", running.Sentence(), StringComparison.Ordinal);
        Assert.Contains("get_generation", running.Sentence(), StringComparison.Ordinal);
        Assert.Empty(running.ImageIds());
        var values = seen.Values.Select(value => value.Progress).ToList();
        // Nine, or fewer where the machine is busy: a second of the wait is a twentieth of a second here.
        Assert.InRange(values.Count, 5, 9);
        Assert.Equal(values.Order(), values);
        Assert.Distinct(values);
        Assert.All(seen.Values, value => Assert.NotEmpty(value.Message!));
        // Another client, after a restart, gets the images by the id alone.
        await app.RestartAsync();
        held.Release();
        await using var other = await app.McpAsync();
        var done = await other.ToolAsync("get_generation", new { generation_id = running.GenerationId() });
        Assert.Single(done.Content.OfType<ImageContentBlock>());
        Assert.Equal("succeeded", done.Structured().GetProperty("status").GetString());
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_client_that_asks_for_no_progress_gets_none()
    {
        await using var app = await GenApiApp.StartAsync(time: new HurriedClock(Hurry));
        app.Sandbox.Faults.Add(FaultKind.RunStuck);

        var (_, body, message) = await app.RpcAsync("tools/call", new { name = "generate_image", arguments = Fox });

        Assert.Equal(1, body.AsSpan().Count("data: "u8));
        Assert.False(message.GetProperty("result").TryGetProperty("isError", out _));
    }

    [Fact]
    public async Task Without_a_wait_get_generation_answers_at_once()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.RunStuck);
        var accepted = await app.GenerateAsync(Fox, ("Prefer", "respond-async"));
        await using var client = await app.McpAsync();

        var running = await client.ToolAsync("get_generation", new { generation_id = accepted.Id, wait_seconds = 0 });

        Assert.StartsWith($"{accepted.Id} is still ", running.Sentence(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Equal_calls_join_while_the_first_runs_and_until_its_caller_has_the_images()
    {
        await using var app = await GenApiApp.StartAsync(time: new HurriedClock(Hurry));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await using var client = await app.McpAsync();
        var calls = await Task.WhenAll(
            client.ToolAsync("generate_image", new { prompt = "a red fox", model = "sdxl", width = 64, height = 64 }),
            client.ToolAsync("generate_image", new { height = 64.0, width = 64, model = "sdxl", prompt = "a red fox" }));
        var id = Assert.Single(calls.Select(call => call.GenerationId()).Distinct());
        held.Release();
        await app.GetAsync($"/generations/{id}", ("Prefer", "wait=60"));

        // The calls returned an id and no image, so their repeat is no new order, although the run has ended meanwhile.
        var repeat = await client.ToolAsync("generate_image", new { prompt = "a red fox", model = "sdxl", width = 64, height = 64 });

        Assert.Equal(id, repeat.GenerationId());
        Assert.Single(repeat.Content.OfType<ImageContentBlock>());
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        // Who asked by the id has the images, and wants another one now.
        await client.ToolAsync("get_generation", new { generation_id = id });
        var next = await client.ToolAsync("generate_image", new { prompt = "a red fox", model = "sdxl", width = 64, height = 64 });
        Assert.NotEqual(id, next.GenerationId());
        Assert.Equal(2, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Two_equal_calls_that_both_got_their_images_are_two_and_other_keys_join_nothing()
    {
        await using var app = await Keys.StartAsync();
        await using var one = await app.McpAsync(await app.KeyAsync("generate", "read"));
        await using var two = await app.McpAsync(await app.KeyAsync("generate", "read"));

        var results = new[]
        {
            await one.ToolAsync("generate_image", Fox), await one.ToolAsync("generate_image", Fox),
            await two.ToolAsync("generate_image", Fox),
        };

        Assert.Distinct(results.Select(result => result.GenerationId()));
        Assert.Equal(3, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_caller_that_only_sees_the_generation_takes_nothing_from_the_one_that_asked_for_it()
    {
        await using var app = await Keys.StartAsync(new() { ["Generations:MaxListeners"] = "1" });
        await using var owner = await app.McpAsync(await app.KeyAsync("generate", "read"));
        await using var administrator = await app.McpAsync(Keys.Admin);
        string id;
        // Without a place to wait, the call returns the id at once.
        using (app.Services.GetRequiredService<ListenerLimit>().TryAcquire())
            id = (await owner.ToolAsync("generate_image", Fox)).GenerationId();
        await app.UntilUnansweredAsync();

        var seen = await administrator.ToolAsync("get_generation", new { generation_id = id });
        var repeat = await owner.ToolAsync("generate_image", Fox);

        Assert.Single(seen.ImageIds());
        Assert.Equal(id, repeat.GenerationId());
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_call_whose_wait_fails_names_its_run_and_counts_as_not_answered()
    {
        await using var app = await Keys.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var (key, secret) = await app.MakeAsync("agent");
        var call = app.RpcAsync("tools/call", new { name = "generate_image", arguments = Fox }, Keys.Of(secret));
        await held.Reached.WaitAsync(Ended);
        var id = (await app.GetAsync("/generations", Keys.Of(secret)))["data"][0].GetProperty("id").GetString();

        Assert.Equal(204, (await app.DeleteAsync($"/accounts/keys/{key}", Keys.AsAdmin)).Status);
        var (_, _, message) = await call;

        var text = message.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString();
        Assert.StartsWith("The API key is no longer valid.", text, StringComparison.Ordinal);
        Assert.Contains($"This is about {id} (unauthenticated).", text, StringComparison.Ordinal);
        await app.UntilUnansweredAsync();
    }

    [Fact]
    public async Task A_client_that_leaves_does_not_end_the_run_and_its_repeat_gets_it()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        using (var leaves = CancellationTokenSource.CreateLinkedTokenSource(Ended))
        {
            await using var client = await app.McpAsync();
            var call = client.CallToolAsync(
                "generate_image", new Dictionary<string, object?> { ["prompt"] = "a fox that waits", ["model"] = "sdxl" },
                cancellationToken: leaves.Token);
            await held.Reached.WaitAsync(Ended);
            await leaves.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.AsTask());
        }
        held.Release();
        await using var again = await app.McpAsync();

        var result = await again.ToolAsync("generate_image", new { prompt = "a fox that waits", model = "sdxl" });

        Assert.Single(result.Content.OfType<ImageContentBlock>());
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task After_a_crash_in_the_middle_of_a_call_its_repeat_gets_the_run_and_so_does_its_id()
    {
        await using var app = await GenApiApp.StartProcessAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await using var client = await app.McpAsync();
        var call = client.ToolAsync("generate_image", Fox);
        await held.Reached.WaitAsync(Ended);
        await app.KillAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => call);
        held.Release();
        await app.StartAgainAsync();
        await using var again = await app.McpAsync();

        var repeat = await again.ToolAsync("generate_image", Fox);
        var byId = await again.ToolAsync("get_generation", new { generation_id = repeat.GenerationId() });

        Assert.Single(repeat.Content.OfType<ImageContentBlock>());
        Assert.Equal(repeat.ImageIds(), byId.ImageIds());
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    private sealed class Reports : IProgress<ProgressNotificationValue>
    {
        public ConcurrentQueue<ProgressNotificationValue> Values { get; } = new();

        public void Report(ProgressNotificationValue value) => Values.Enqueue(value);
    }
}
