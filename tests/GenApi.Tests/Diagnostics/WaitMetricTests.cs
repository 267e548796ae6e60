using System.Globalization;
using System.Text.RegularExpressions;
using GenApi.Core.Replicate.Calls;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Diagnostics;

/// <summary>The waits of calls at the rate gate, by a clock that the test moves.</summary>
public sealed class WaitMetricTests
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task The_page_tells_how_long_calls_waited_and_what_for()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await GenApiApp.StartAsync(
            new() { ["Replicate:CreationsPerMinute"] = "10", ["Replicate:ReadsPerMinute"] = "20" }, time: time);
        // The model is known from now on, and a minute later all permits are there again.
        await EndedAsync(app, time, await SubmitAsync(app, 1));
        time.Advance(TimeSpan.FromMinutes(1));
        // Waits are counted from the first scrape on.
        Assert.Empty(await WaitsAsync(app));

        // One may go at once, the second 60/9 seconds after it.
        string[] two = [await SubmitAsync(app, 2), await SubmitAsync(app, 3)];
        await Clocks.AdvanceUntilAsync(time, Step, () => app.Sandbox.Stats.Creations == 3);
        var limited = await WaitsAsync(app);
        AssertWaited(limited["create limit"], 6);

        // Of all other calls two may go at once, and the third 60/18 seconds after them.
        foreach (var id in two)
            await EndedAsync(app, time, id);
        time.Advance(TimeSpan.FromMinutes(1));
        var client = app.Services.GetRequiredService<ReplicateClient>();
        var asked = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => client.GetAccountAsync(TestContext.Current.CancellationToken)));
        await Clocks.AdvanceUntilAsync(time, Step, () => asked.IsCompleted);
        var others = await WaitsAsync(app);
        AssertWaited(others["other limit"], 3);

        // Refused because the account is low on credit: five seconds for the first call, and another ten for the next.
        app.Sandbox.Faults.Add(new Fault(FaultKind.CreateThrottled) { Form = ThrottleForm.LowCredit, Delay = TimeSpan.FromSeconds(5) });
        time.Advance(TimeSpan.FromMinutes(1));
        var refused = await SubmitAsync(app, 4);
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.CreationAttempts == 4, TestContext.Current.CancellationToken);
        var slow = await SubmitAsync(app, 5);
        await EndedAsync(app, time, refused);
        await EndedAsync(app, time, slow);

        var waits = await WaitsAsync(app);
        Assert.Equal(limited["create limit"], waits["create limit"]);
        AssertWaited(waits["create 429"], 4.5);
        AssertWaited(waits["create low_credit"], 12);
    }

    /// <summary>
    /// One call with its least number of seconds; how much later the service notices the moved clock depends on the machine.
    /// </summary>
    private static void AssertWaited((int Count, double Seconds) wait, double atLeast)
    {
        Assert.Equal(1, wait.Count);
        Assert.InRange(wait.Seconds, atLeast, 90);
    }

    private static async Task<string> SubmitAsync(GenApiApp app, int seed)
    {
        var submitted = await app.GenerateAsync(Requests.Small(seed), ("Prefer", "respond-async"));
        Assert.Equal(202, submitted.Status);
        return submitted.Id;
    }

    private static async Task EndedAsync(GenApiApp app, FakeTimeProvider time, string id)
    {
        var ended = Requests.EndedAsync(app, id);
        await Clocks.AdvanceUntilAsync(time, Step, () => ended.IsCompleted);
        Assert.Equal("succeeded", (await ended).State);
    }

    private static async Task<Dictionary<string, (int Count, double Seconds)>> WaitsAsync(GenApiApp app)
    {
        var page = (await app.GetAsync("/metrics")).Text;
        return Values(page, "count").ToDictionary(each => each.Key, each => ((int)each.Value, Values(page, "sum")[each.Key]));
    }

    private static Dictionary<string, double> Values(string page, string part) =>
        Regex.Matches(
            page, $$"""(?m)^genapi_upstream_wait_duration_seconds_{{part}}\{[^}]*call="(\w+)",reason="(\w+)"[^}]*\} ([0-9.eE+-]+)""")
            .ToDictionary(
                line => $"{line.Groups[1].Value} {line.Groups[2].Value}", line => double.Parse(
                    line.Groups[3].Value, CultureInfo.InvariantCulture));
}
