using System.Globalization;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Models;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Generations;

/// <summary>Tests many runs in flight: they share pages of the upstream's list, and its limits hold.</summary>
public sealed class CrowdTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>
    /// The sandbox applies Replicate's own limits, and counts polls among the other calls as documented. <c>GENAPI_CROWD=2000</c> runs two
    /// thousand at once.
    /// </summary>
    [Fact]
    public async Task A_crowd_in_flight_stays_within_the_limits_and_all_succeed()
    {
        var many = int.Parse(Environment.GetEnvironmentVariable("GENAPI_CROWD") ?? "250", CultureInfo.InvariantCulture);
        var few = many / 10;
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        var calls = new CallsUnderWay(time);
        // At 600 creations a minute the first one ends after the last has begun; at speed 1 a run takes 30 seconds.
        var sandbox = new SandboxOptions { Speed = 30 / (1.15 * many / 9), RateLimits = true, Limits = new() { CountLooksApart = false } };
        await using var app = await GenApiApp.StartAsync(new() { ["Replicate:MaxInFlight"] = $"{many}" }, sandbox, time, calls.Watch, time);
        // One run makes the model's times known.
        await SubmitAsync(app, "slow", 0);
        await calls.PassAsync(app, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), () => app.Sandbox.Stats.Downloads == 1);
        app.Sandbox.Stats.Reset();

        await Parallel.ForEachAsync(Enumerable.Range(1, many - few), Ended, async (seed, _) => await SubmitAsync(app, "slow", seed));
        await Parallel.ForEachAsync(Enumerable.Range(1, few), Ended, async (seed, _) => await SubmitAsync(app, "partial", seed));
        await calls.PassAsync(app, TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(15), () => app.Sandbox.Stats.Downloads == many);
        var succeeded = await SucceededAsync(app, many + 1);

        var stats = app.Sandbox.Stats;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{stats.Lists} pages, {stats.Gets} looks; a minute {stats.MostCreationsInAMinute} and {stats.MostOthersInAMinute}");
        Assert.Equal(many + 1, succeeded);
        Assert.Equal((many, many), (stats.Creations, stats.CreationAttempts));
        Assert.Equal(0, stats.ThrottledCalls);
        Assert.InRange(stats.MostCreationsInAMinute, many * 0.2, 600);
        Assert.InRange(stats.MostOthersInAMinute, 1, 3000);
        // One by one, a run takes 2.4 polls or more on average. Here only its end is read separately, because a row of the list lacks its
        // log.
        Assert.InRange(stats.Gets, many, many * 1.8);
        Assert.InRange(stats.Lists, 1, many / 2);
        Assert.InRange(stats.Lists + stats.Gets, many, many * 2);
        // The last ones take turns with the crowd from the beginning.
        var places = stats.CreationRequests.Select((request, at) => (request.Path, request.Body, At: at))
            .Where(each => IsFew(each.Path, each.Body)).Select(each => each.At).ToList();
        Assert.Equal(few, places.Count);
        Assert.True(places[^1] < 60 + 3 * few, $"The last of the few was number {places[^1]}.");
    }

    /// <summary>Lists that lack rows, lack members or fail cost nothing but polls.</summary>
    [Fact]
    public async Task Whatever_the_list_shows_each_run_is_made_once_and_ends_whole()
    {
        const int Count = 60;
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        var calls = new CallsUnderWay(time);
        await using var app = await GenApiApp.StartAsync(null, new SandboxOptions(), time, calls.Watch, time);
        Fault[] faults =
        [
            new(FaultKind.ListEmpty) { Times = 2 },
            new(FaultKind.ListError) { Times = 6 },
            new(FaultKind.ListWithoutInput) { Times = null },
        ];
        foreach (var fault in faults)
            app.Sandbox.Faults.Add(fault);
        var ids = await Task.WhenAll(Enumerable.Range(1, Count).Select(seed => SubmitAsync(app, "slow", seed)));

        await calls.PassAsync(app, TimeSpan.FromMilliseconds(250), TimeSpan.FromMinutes(5), () => app.Sandbox.Stats.Downloads == Count);

        foreach (var id in ids)
            await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, id));
        Assert.Equal((Count, Count), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.CreationAttempts));
        Assert.All(faults, fault => Assert.True(fault.Used > 0, $"{fault.Kind} was not met."));
        // A row of the list never has a log.
        Assert.NotEmpty((await app.GetAsync($"/generations/{ids[0]}/logs")).Text);
    }

    private static bool IsFew(string path, string body)
    {
        var partial = Catalogue.Find("sandbox", "partial")!;
        return path.Contains("partial", StringComparison.Ordinal) || body.Contains(partial.Versions[0].Id, StringComparison.Ordinal);
    }

    private static async Task<string> SubmitAsync(GenApiApp app, string model, int seed)
    {
        var answer = await app.GenerateAsync(
            new { prompt = "a red fox", model = $"sandbox/{model}", seed, width = 16, height = 16, num_outputs = 1 },
            ("Prefer", "respond-async"));
        Assert.True(answer.Status == 202, answer.Text);
        return answer.Id;
    }

    private static async Task<int> SucceededAsync(GenApiApp app, int expected)
    {
        for (var tries = 0; ; tries++)
        {
            var count = 0;
            for (string? cursor = ""; cursor is not null;)
            {
                var page = await app.GetAsync($"/generations?status=succeeded&limit=100{cursor}");
                count += page["data"].GetArrayLength();
                cursor = page["next_cursor"].GetString() is { } next ? $"&cursor={Uri.EscapeDataString(next)}" : null;
            }
            // The last rows may still be on their way to the disk.
            if (count >= expected || tries == 50)
                return count;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);
        }
    }
}
