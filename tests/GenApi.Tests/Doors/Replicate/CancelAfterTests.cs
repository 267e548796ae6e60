using GenApi.Core.Generations.Signals;
using GenApi.Doors.Replicate;
using GenApi.Sandbox.Control;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Doors.Replicate;

/// <summary>The time after which a caller wants its prediction to end.</summary>
public sealed class CancelAfterTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("5", 5)]
    [InlineData("30s", 30)]
    [InlineData("5m", 300)]
    [InlineData("1h30m45s", 5445)]
    [InlineData("24h", 86_400)]
    public void A_duration_is_read_in_every_form(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), PredictionHeaders.ReadCancelAfter(text));

    [Theory]
    [InlineData("wait", 59.5, "wait")]
    [InlineData("wait=10", 9.5, "wait=10")]
    [InlineData("respond-async, wait=1", 1d, "wait=1")]
    [InlineData("wait=90", 89.5, "wait=90")]
    [InlineData("wait=99999999999", 299.5, "wait=300")]
    [InlineData("wait=0", null, null)]
    [InlineData("wait=soon", null, null)]
    [InlineData("waiting", null, null)]
    public void A_wait_is_read_with_and_without_a_number(string text, double? seconds, string? applied)
    {
        var wait = PredictionHeaders.ReadWait(text);

        Assert.Equal((seconds, applied), (wait?.Wait.TotalSeconds, wait?.Applied));
    }

    [Fact]
    public async Task The_run_is_canceled_in_time_and_the_upstream_gets_the_same_limit()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await GenApiApp.StartAsync(time: time);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var made = await app.PredictAsync(1, ("Cancel-After", "100s"));
        Assert.Equal(time.GetUtcNow() + TimeSpan.FromSeconds(100), made["deadline"].GetDateTimeOffset(), TimeSpan.FromSeconds(1));
        await held.Reached.WaitAsync(Ended);
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.CreationRequests.Count > 0, Ended);
        // A little less than the limit, by which runs are told apart.
        var sent = Assert.Single(app.Sandbox.Stats.CreationRequests).Headers["cancel-after"];
        Assert.InRange(int.Parse(sent.TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture), 89, 100);

        time.Advance(TimeSpan.FromSeconds(100));
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Cancels > 0, Ended);
        held.Release();

        Assert.Equal("canceled", (await EndAsync(app, time, made.Id)).State);
    }

    [Fact]
    public async Task A_run_with_a_limit_is_shared_with_nobody_who_set_none()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing, times: null);
        var limited = await app.PredictAsync(1, ("Cancel-After", "2m"));
        await held.Reached.WaitAsync(Ended);
        var free = await app.PredictAsync(1);
        var joined = await app.PredictAsync(1);
        // A request with a limit may join it, and the limit does not hold for it.
        var limitedToo = await app.PredictAsync(1, ("Cancel-After", "3m"));
        // Longer than any run may take here.
        var unlimited = await app.PredictAsync(2, ("Cancel-After", "10h"));
        var shared = await app.PredictAsync(2);
        held.Release();

        Assert.NotEqual(limited.Id, free.Id);
        Assert.Equal([free.Id, free.Id, unlimited.Id], [joined.Id, limitedToo.Id, shared.Id]);
        Assert.All([free, limitedToo, unlimited], each => Assert.False(each.Json.TryGetProperty("deadline", out _)));
    }

    [Fact]
    public async Task A_deadline_ends_no_run_of_another_caller_with_the_same_key()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await GenApiApp.StartAsync(time: time);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var free = await app.PredictAsync();
        await held.Reached.WaitAsync(Ended);
        var limited = await app.PredictAsync(1, ("Cancel-After", "100s"));
        Assert.Equal(free.Id, limited.Id);

        time.Advance(TimeSpan.FromSeconds(101));
        // Its row is written after a cancellation that the deadline began.
        await app.PredictAsync(2);
        held.Release();

        Assert.Equal("succeeded", (await EndAsync(app, time, free.Id)).State);
        Assert.Equal(0, app.Sandbox.Stats.Cancels);
    }

    [Fact]
    public async Task Repeats_share_one_deadline_and_nothing_waits_for_it_after_the_end()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await GenApiApp.StartAsync(time: time);
        var signals = app.Services.GetRequiredService<GenerationSignals>();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var made = await app.PredictAsync(1, ("Cancel-After", "100s"));
        await held.Reached.WaitAsync(Ended);
        time.Advance(TimeSpan.FromSeconds(10));
        var repeated = await app.PredictAsync(1, ("Cancel-After", "100s"), ("X-Stainless-Retry-Count", "1"));

        Assert.Equal(made.Id, repeated.Id);
        Assert.Equal(
            made["deadline"].GetDateTimeOffset(), repeated["deadline"].GetDateTimeOffset(), TimeSpan.FromMilliseconds(10));
        Assert.Equal(1, signals.Count);

        held.Release();
        Assert.Equal("succeeded", (await EndAsync(app, time, made.Id)).State);
        while (signals.Count > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);
    }

    private static async Task<Answer> EndAsync(GenApiApp app, FakeTimeProvider time, string id)
    {
        while (true)
        {
            var read = await app.PredictionAsync(id);
            if (read.State != "starting")
                return read;
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);
        }
    }
}
