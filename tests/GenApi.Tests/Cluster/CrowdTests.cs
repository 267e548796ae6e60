using System.Diagnostics;
using System.Globalization;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Persistence;

namespace GenApi.Tests.Cluster;

/// <summary>Tests that callers of several instances at once get what callers of one instance get.</summary>
public sealed class CrowdTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly Dictionary<string, string?> Unhurried = new()
    {
        ["Replicate:CreationsPerMinute"] = "1000000",
        ["Replicate:ReadsPerMinute"] = "1000000",
        ["Models:Prices:sandbox/partial:PerImage"] = "0.01",
    };

    [Theory(Explicit = true)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_thousand_identical_requests_at_once_over_three_instances_are_one_creation(bool isPooled)
    {
        await using var instances = await StartAsync(isPooled);
        foreach (var app in instances.All)
            await app.GenerateAsync(Requests.Small(1), Keys.AsAdmin);

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(
            at => AskAsync(instances, at % 3, Requests.Small(2), Keys.AsAdmin)));

        Assert.All(answers, answer => Assert.True(answer.Status == 200, answer.Text));
        Assert.Single(answers.Select(answer => answer.Id).Distinct());
        Assert.Equal(2, instances.Sandbox.Stats.CreationAttempts);
        Assert.Equal(2, await instances.Store.ExecuteAsync("SELECT count(*) FROM Generations"));
        Assert.Equal(2, await instances.Store.ExecuteAsync("SELECT count(*) FROM UsageEntries WHERE Kind = 'Run'"));
        await Requests.AssertWholeAsync(instances[1], answers[0]);
    }

    [Theory(Explicit = true)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_thousand_callers_of_three_instances_with_money_for_a_hundred_get_a_hundred_runs(bool isPooled)
    {
        await using var instances = await StartAsync(isPooled);
        var (_, secret) = await instances[0].MakeBudgetedAsync(new { total = "1.00" });
        foreach (var app in instances.All)
            await app.GetAsync("/models/sandbox/partial", Keys.AsAdmin);

        var answers = await Task.WhenAll(Enumerable.Range(1, 1000).Select(
            seed => AskUntilToldAsync(instances, seed % 3, Cent(seed), Keys.Of(secret))));

        Assert.Equal(
            "100 x 200, 900 x 402 budget_exhausted",
            string.Join(", ", answers.CountBy(answer => answer.Status == 200 ? "200" : $"{answer.Status} {answer.Code}")
                .OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => $"{each.Value} x {each.Key}")));
        Assert.Equal(100, instances.Sandbox.Stats.Creations);
        Assert.Equal(100, await instances.Store.ExecuteAsync("SELECT count(*) FROM UsageEntries WHERE Kind = 'Run'"));
        Assert.Equal(0, await instances.Store.ExecuteAsync("SELECT sum(ReservedMicros) FROM BudgetPeriods"));
        Assert.Equal(1_000_000, await instances.Store.ExecuteAsync(
            "SELECT SpentMicros FROM BudgetPeriods WHERE Period = '' AND SpentMicros > 0 ORDER BY SpentMicros LIMIT 1"));
    }

    /// <summary>A thousand callers share the processors with three instances, so they are patient.</summary>
    private static async Task<Answer> AskAsync(Instances instances, int at, object body, (string, string) key)
    {
        var answer = await instances.TryAsync(instances[at].Address, body, key, ("Prefer", "wait=300"));
        Assert.NotNull(answer);
        return answer;
    }

    /// <summary>Asks again as long as the instance says that it is busy, as its answer advises.</summary>
    private static async Task<Answer> AskUntilToldAsync(Instances instances, int at, object body, (string, string) key)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var answer = await AskAsync(instances, at, body, key);
            if (answer.Status != 503 || answer.Header("Retry-After") is not { } wait || Stopwatch.GetElapsedTime(since) > Patience)
                return answer;
            await Task.Delay(
                TimeSpan.FromSeconds(int.Parse(wait, NumberStyles.None, CultureInfo.InvariantCulture)), TimeProvider.System,
                TestContext.Current.CancellationToken);
        }
    }

    private static async Task<Instances> StartAsync(bool isPooled)
    {
        Instances.Require(isPooled);
        var port = isPooled ? await (await PostgresServer.SharedAsync()).PoolerAsync() : (int?)null;
        return await Instances.StartAsync(3, Unhurried, port: port);
    }

    /// <summary>One image of a cent.</summary>
    private static object Cent(int seed) =>
        new { prompt = "a red fox", seed, model = "sandbox/partial", num_outputs = 1, width = 64, height = 64 };
}
