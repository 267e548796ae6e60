using GenApi.Core.Errors;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Replicate;

/// <summary>Reads from a failing upstream pause for a while; creations are not affected.</summary>
public sealed class ReadBreakerTests
{
    private const string Starting = """{"id":"abc","status":"starting"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_pause_while_the_upstream_fails_and_creations_go_on()
    {
        var isDown = true;
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            var fails = Volatile.Read(ref isDown) && context.Request.Method == "GET";
            context.Response.StatusCode = fails ? 503 : 200;
            // Too late for another try: each call is one request.
            context.Response.Headers.RetryAfter = "60";
            return context.Response.WriteAsync(fails ? "" : Starting, Cancel);
        });
        await using var rig = new ReplicateRig(server.BaseUrl, null, ("Replicate:ReadsPerMinute", "110"));

        // Eleven reads may go at once. Reads that are held back spend none of them, or the second would wait for ever.
        for (var each = 0; each < 10; each++)
            Assert.False(ReplicateFaults.WasHeldBack(await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel))));
        for (var each = 0; each < 3; each++)
            await AssertHeldBackAsync(rig, 2);
        Assert.Equal(10, server.Requests.Count);
        await rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel);
        await rig.Client.CancelAsync("abc", Cancel);
        Assert.Equal(rig.Time.GetUtcNow() + TimeSpan.FromSeconds(2), rig.Upstream.ReadsPausedUntil);

        // One read tries and fails.
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(ReplicateFaults.WasHeldBack(await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel))));
        await AssertHeldBackAsync(rig, 4);
        Volatile.Write(ref isDown, false);
        rig.Time.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal("abc", (await rig.Client.GetAsync("abc", Cancel)).Id);
        Assert.Null(rig.Upstream.ReadsPausedUntil);
        Assert.Equal(14, server.Requests.Count);
        Assert.Single(
            rig.Log.Lines, line => line.StartsWith("Warning: The upstream answers no reads (status 503)", StringComparison.Ordinal));
        Assert.Single(rig.Log.Lines, line => line.StartsWith("Information: The upstream answers reads again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Vain_tries_become_rarer_down_to_one_in_half_a_minute()
    {
        await using var server = await ScriptedServer.StartAsync(500, "", "text/plain", ("Retry-After", "60"));
        await using var rig = new ReplicateRig(server.BaseUrl);
        for (var each = 0; each < 10; each++)
            await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel));

        List<double> pauses = [];
        for (var each = 0; each < 6; each++)
        {
            var pause = (await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel))).RetryAfter!.Value;
            pauses.Add(pause.TotalSeconds);
            rig.Time.Advance(pause);
            await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel));
        }

        Assert.Equal([2, 4, 8, 16, 30, 30], pauses);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(429)]
    public async Task Being_told_to_slow_down_and_not_found_are_no_failures(int status)
    {
        await using var server = await ScriptedServer.StartAsync(status, "", "text/plain", ("Retry-After", "1"));
        await using var rig = new ReplicateRig(server.BaseUrl);

        for (var each = 0; each < 12; each++)
        {
            await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel));
            rig.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(12, server.Requests.Count);
        Assert.Null(rig.Upstream.ReadsPausedUntil);
    }

    [Fact]
    public async Task Reads_that_hang_count_as_failures()
    {
        var arrived = 0;
        var all = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            if (Interlocked.Increment(ref arrived) == 10)
                all.SetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
                .ContinueWith(static _ => { }, TaskScheduler.Default);
        });
        await using var rig = new ReplicateRig(server.BaseUrl);
        var calls = Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel))));
        await all.Task.WaitAsync(Cancel);

        rig.Time.Advance(TimeSpan.FromSeconds(10));
        var faults = await rig.HurryAsync(calls);

        Assert.All(faults, fault => Assert.Equal((ErrorKind.UpstreamUnavailable, true), (fault.Kind, fault.IsTransient)));
        Assert.NotNull(rig.Upstream.ReadsPausedUntil);
    }

    [Fact]
    public async Task Health_warns_meanwhile_and_what_was_running_ends_well()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var app = await GenApiApp.StartAsync(time: time);
        var upstream = app.Services.GetRequiredService<ReplicateUpstream>();
        app.Sandbox.Faults.Add(new Fault(FaultKind.GetError) { Times = null });
        var made = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));

        await Clocks.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(200), () => upstream.ReadsPausedUntil is not null);
        var meanwhile = await app.GetAsync("/health/ready");
        app.Sandbox.Faults.Clear();
        await Clocks.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(500), () => app.Sandbox.Stats.Downloads == 1);
        var ended = await Requests.EndedAsync(app, made.Id);
        var afterwards = await app.GetAsync("/health/ready");

        Assert.Equal((200, "warn"), (meanwhile.Status, meanwhile["checks", "upstream", "status"].GetString()));
        Assert.Contains("does not answer", meanwhile["checks", "upstream", "output"].GetString(), StringComparison.Ordinal);
        await Requests.AssertWholeAsync(app, ended);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        Assert.Equal("pass", afterwards["checks", "upstream", "status"].GetString());
    }

    /// <summary>The library compares times of day.</summary>
    [Theory]
    [InlineData(-7200)]
    [InlineData(10_800)]
    public async Task A_clock_that_is_set_meanwhile_does_not_make_the_pause_longer(int seconds)
    {
        var inner = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        var time = new SteppedClock(inner);
        await using var app = await GenApiApp.StartAsync(time: time);
        var upstream = app.Services.GetRequiredService<ReplicateUpstream>();
        app.Sandbox.Faults.Add(new Fault(FaultKind.GetError) { Times = null });
        var made = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await Clocks.AdvanceUntilAsync(inner, TimeSpan.FromMilliseconds(200), () => upstream.ReadsPausedUntil is not null);

        time.Step(TimeSpan.FromSeconds(seconds));
        app.Sandbox.Faults.Clear();
        var waited = await Clocks.AdvanceUntilAsync(inner, TimeSpan.FromMilliseconds(500), () => app.Sandbox.Stats.Downloads == 1);

        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, made.Id));
        // By the clock that was set it would be two hours.
        Assert.InRange(waited, TimeSpan.Zero, TimeSpan.FromMinutes(15));
    }

    private static async Task AssertHeldBackAsync(ReplicateRig rig, double seconds)
    {
        var fault = await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel));
        Assert.True(ReplicateFaults.WasHeldBack(fault));
        Assert.Equal(
            (ErrorKind.UpstreamUnavailable, true, false, seconds),
            (fault.Kind, fault.IsTransient, fault.MayHaveHappened, fault.RetryAfter?.TotalSeconds));
    }
}
