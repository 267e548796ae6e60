using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GenApi.Tests.Chaos;

/// <summary>Checks what a storm has left: every generation ended, was made of its own input and once, is whole and booked.</summary>
internal sealed class ChaosVerdict(
    ChaosPlan plan, HttpClient http, Func<Uri> address, ChaosUpstream upstream, ChaosCallers callers, TestStore store,
    ITestOutputHelper output)
{
    /// <summary>The number of generations checked at once.</summary>
    private const int AtOnce = 8;

    private static readonly string[] Terminal = ["succeeded", "failed", "canceled"];

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>Waits for the end of all generations and checks each, while the service runs.</summary>
    public async Task<IReadOnlyList<JsonElement>> EndedAsync()
    {
        var since = Stopwatch.GetTimestamp();
        var ended = new ConcurrentBag<JsonElement>();
        var images = 0;
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Ended };
        await Parallel.ForEachAsync(callers.Accepted, atOnce, async (each, _) =>
        {
            var generation = await EndedAsync(each.Key);
            await AssertOwnAsync(generation, ChaosRequests.Draw(plan, each.Value), ChaosRequests.MayShare(each.Value));
            foreach (var image in generation.GetProperty("images").EnumerateArray())
            {
                await AssertWholeAsync(image);
                Interlocked.Increment(ref images);
            }
            ended.Add(generation);
        });
        var generations = ended.ToList();
        var (creations, created) = await upstream.CreationsAsync();
        output.WriteLine($"{plan.Requests} requests, {callers.Shared} of them shared, {generations.Count} generations");
        output.WriteLine($"{creations} creations, {images} images, {callers.Unanswered} answers cut,"
            + $" checked in {Stopwatch.GetElapsedTime(since).TotalSeconds:0} s");
        var outcomes = generations.CountBy(Outcome).OrderByDescending(outcome => outcome.Value);
        output.WriteLine("statuses: " + string.Join(", ", outcomes.Select(outcome => $"{outcome.Value} {outcome.Key}")));
        output.WriteLine(
            "faults: " + string.Join(", ", upstream.Faults.OrderBy(fault => fault.Key).Select(fault => $"{fault.Value} {fault.Key}")));
        Assert.Equal(plan.Requests, generations.Count + callers.Shared);
        Assert.True(generations.Count >= plan.Generations);
        var predictions = generations.Select(generation => generation.GetProperty("prediction_id").GetString()).OfType<string>().ToList();
        Assert.Equal(predictions.Count, predictions.Distinct().Count());
        Assert.Empty(created.Except(predictions));
        Assert.Equal(creations, predictions.Count);
        return generations;
    }

    /// <summary>
    /// Checks the books: one ledger line per run with its cost, nothing still reserved, and spending equal to the sum of the costs.
    /// </summary>
    public async Task AssertBookedAsync(int generations)
    {
        // The day, the month and the total, for the account and for all.
        var row = Assert.Single(await store.QueryAsync(
            """
            SELECT (SELECT count(*) FROM UsageEntries WHERE Kind = 'Run'),
                (SELECT count(*) FROM Generations AS g
                    JOIN UsageEntries AS e ON e.GenerationId = g.Id AND e.Kind = 'Run'
                        AND e.CostMicros IS NOT DISTINCT FROM g.CostMicros AND e.Status = lower(g.Status)),
                (SELECT sum(ReservedMicros) FROM BudgetPeriods),
                (SELECT sum(CostMicros) FROM Generations) * 6 - (SELECT sum(SpentMicros) FROM BudgetPeriods)
            """));
        Assert.Equal($"{generations}|{generations}|0|0", row);
    }

    public static IEnumerable<string> Hashes(IEnumerable<JsonElement> generations) =>
        generations.SelectMany(generation => generation.GetProperty("images").EnumerateArray()).Select(
            image => image.GetProperty("sha256").GetString()!).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Checks that its prediction, if any, was made of exactly the requested input by the requested model.</summary>
    private async Task AssertOwnAsync(JsonElement generation, JsonObject request, bool mayBeShared)
    {
        var input = generation.GetProperty("input");
        // A joined or hit generation may have been requested differently, such as with a default written out.
        if (!mayBeShared)
            AssertSame(JsonElement.Parse(ChaosRequests.InputOf(request).ToJsonString()), input);
        if (generation.GetProperty("prediction_id").GetString() is not { } id)
            return;
        var prediction = await upstream.PredictionAsync(id);
        AssertSame(input, prediction.GetProperty("input"));
        var ran = (prediction.GetProperty("model").GetString(), prediction.GetProperty("version").GetString());
        Assert.Equal(ChaosRequests.ModelOf(request), ran);

        void AssertSame(JsonElement one, JsonElement other) =>
            Assert.True(JsonElement.DeepEquals(one, other), $"{one} became {other}: {request.ToJsonString()}, {generation}");
    }

    private async Task<JsonElement> EndedAsync(string id)
    {
        // The last kill may leave thousands in the queue. Only one that does not end although nothing is left of that is stuck.
        for (var (round, left) = (0, int.MaxValue); ; round++)
        {
            if (round == 60)
            {
                var open = await OpenAsync();
                if (open.Count >= left)
                    throw new InvalidOperationException($"{id} did not end. {open.Count} are open: {string.Join('\n', open.Take(20))}");
                (round, left) = (0, open.Count);
            }
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address(), $"/generations/{id}"));
            request.Headers.Add("Prefer", "wait=5");
            using var answer = await http.SendAsync(request, Ended);
            answer.EnsureSuccessStatusCode();
            var generation = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ended)).RootElement;
            if (Terminal.Contains(generation.GetProperty("status").GetString()))
                return generation;
        }
    }

    private async Task<IReadOnlyList<string>> OpenAsync() => [.. await store.QueryAsync(
        """
        SELECT Number, Status, Lease_Owner, Lease_Until, Attempts, SubmittingAt, DeadlineAt, PredictionId, CancelRequestedAt, CreatedAt
        FROM Generations WHERE CompletedAt IS NULL ORDER BY Number
        """)];

    private async Task AssertWholeAsync(JsonElement image)
    {
        // Its address has the host of the instance that was asked.
        var path = new Uri(image.GetProperty("url").GetString()!).PathAndQuery;
        var bytes = await http.GetByteArrayAsync(new Uri(address(), path), Ended);
        Assert.Equal(image.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    private static string Outcome(JsonElement generation) => generation.GetProperty("error") is { ValueKind: JsonValueKind.Object } error
        ? $"{generation.GetProperty("status")} ({error.GetProperty("code")})"
        : generation.GetProperty("status").GetString()!;
}
