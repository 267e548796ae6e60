using GenApi.Client;
using GenApi.Sandbox.Control;

namespace GenApi.Tests.Client;

/// <summary>Whatever happens to the answer to a creation, the caller gets the picture, and it is made once.</summary>
public sealed class BilledOnceTests
{
    private static readonly Dictionary<string, Front.Fault> Faults = new()
    {
        ["reset after it was accepted"] = Front.ResetAfter,
        ["cut in the middle"] = Front.CutHalf,
        ["a page of 500, not accepted"] = Front.Page(500),
        ["a page of 502, accepted"] = Front.Page(502, isDone: true),
        ["a page of 503 that asks to wait"] = Front.Page(503, retryAfter: "0"),
        ["a page of 429 that asks to wait"] = Front.Page(429, retryAfter: "0"),
        ["no answer in time"] = async (context, pass) =>
        {
            (await pass()).Dispose();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        },
    };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>A request without a seed: only the key prevents a second run.</summary>
    private static GenerateRequest Fox => new() { Prompt = "a red fox", Width = 64, Height = 64 };

    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    [Theory, MemberData(nameof(FaultNames))]
    public async Task A_creation_whose_answer_is_lost_twice_is_made_once(string name)
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        front.Spoil("POST", "/generate", Faults[name]);
        front.Spoil("POST", "/generate", Faults[name]);
        using var client = front.Client(options => options.AttemptTimeout = TimeSpan.FromSeconds(name == "no answer in time" ? 2 : 60));

        var made = await client.GenerateAsync(Fox, cancellationToken: Ended);

        Assert.Equal(GenerationStatus.Succeeded, made.Status);
        var posts = front.Seen("POST", "/generate");
        Assert.Equal(3, posts.Count);
        Assert.Single(posts.Select(each => each.Headers["Idempotency-Key"]).Distinct());
        Assert.Single(posts.Select(each => each.Body).Distinct());
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Two_calls_have_two_keys()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        using var client = front.Client();

        var first = await client.GenerateAsync(Fox, cancellationToken: Ended);
        var second = await client.GenerateAsync(Fox, cancellationToken: Ended);

        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(2, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Retry_After_is_waited_for_and_a_wait_beyond_the_patience_ends_the_call_at_once()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        front.Spoil("POST", "/generate", Front.Page(429, retryAfter: "1"));
        using var client = front.Client();
        var since = System.Diagnostics.Stopwatch.GetTimestamp();

        await client.StartAsync(Fox, cancellationToken: Ended);

        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(since), TimeSpan.FromSeconds(0.99), TimeSpan.FromSeconds(30));
        front.Spoil("POST", "/generate", Front.Page(429, retryAfter: "3600"));
        var refused = await Assert.ThrowsAsync<GenApiProblemException>(() => client.StartAsync(Fox, cancellationToken: Ended));
        Assert.Equal((429, "http_429", TimeSpan.FromHours(1), 1), (refused.Status, refused.Code, refused.RetryAfter, refused.Attempts));
    }

    [Fact]
    public async Task What_a_process_lost_another_finds_under_the_key_that_the_failure_tells()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        front.Spoil("POST", "/generate", Front.ResetAfter);
        using var first = front.Client(options => options.RetryFor = TimeSpan.Zero);
        var lost = await Assert.ThrowsAsync<GenApiConnectionException>(() => first.GenerateAsync(Fox, cancellationToken: Ended));
        using var second = front.Client();

        var made = await second.GenerateAsync(Fox, lost.IdempotencyKey, cancellationToken: Ended);

        Assert.Equal(GenerationStatus.Succeeded, made.Status);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_run_that_failed_under_a_key_stays_failed_and_RetryAsync_makes_another()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        using var client = front.Client();
        app.Sandbox.Faults.Add(new Fault(FaultKind.RunFails) { Text = "CUDA out of memory" });
        var request = Fox with { Metadata = new Dictionary<string, string> { ["ticket"] = "A-17" }, NegativePrompt = "snow" };

        var failed = await Assert.ThrowsAsync<GenerationFailedException>(() =>
            client.GenerateAsync(request, "order-17", cancellationToken: Ended));
        var again = await Assert.ThrowsAsync<GenerationFailedException>(() =>
            client.GenerateAsync(request, "order-17", cancellationToken: Ended));

        Assert.Equal((failed.Generation.Id, GenerationStatus.Failed, true),
            (again.Generation.Id, again.Generation.Status, again.IsRetryable));
        Assert.Equal(("upstream_failed", "order-17"), (failed.Error!.Code, failed.IdempotencyKey));
        Assert.Contains("CUDA out of memory", failed.Message, StringComparison.Ordinal);
        Assert.Equal(1, app.Sandbox.Stats.Creations);

        var made = await client.RetryAsync(failed.Generation, cancellationToken: Ended);
        Assert.Equal((failed.Generation.Seed, "A-17"), (made.Seed, made.Metadata["ticket"]));
        Assert.True(System.Text.Json.JsonElement.DeepEquals(failed.Generation.Input, made.Input));
        Assert.Equal(2, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task The_key_of_another_request_and_of_one_that_was_deleted_are_refused_as_they_are()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        using var client = front.Client();
        var made = await client.GenerateAsync(Fox, "order-17", cancellationToken: Ended);

        var other = await Assert.ThrowsAsync<GenApiProblemException>(() =>
            client.GenerateAsync(Fox with { Prompt = "a blue fox" }, "order-17", cancellationToken: Ended));
        await client.DeleteAsync(made.Id, Ended);
        var gone = await Assert.ThrowsAsync<GenApiProblemException>(() => client.GenerateAsync(Fox, "order-17", cancellationToken: Ended));

        Assert.Equal((422, "idempotency_mismatch", made.Id), (other.Status, other.Code, other.GenerationId));
        Assert.Equal((409, "conflict"), (gone.Status, gone.Code));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\r\nbreak")]
    [InlineData("größer")]
    public async Task A_key_that_no_header_carries_is_refused_before_anything_is_sent(string key)
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        using var client = front.Client();

        await Assert.ThrowsAsync<ArgumentException>(() => client.GenerateAsync(Fox, key, cancellationToken: Ended));

        Assert.Empty(front.Seen("POST", "/"));
    }
}
