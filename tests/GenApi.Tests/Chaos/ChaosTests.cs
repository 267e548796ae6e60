using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace GenApi.Tests.Chaos;

/// <summary>
/// Tests the promise under kill -9 and a hostile upstream: every accepted generation ends, nothing is made twice or for nobody, every image
/// is whole. <c>bench/chaos.sh</c> runs the same for longer.
/// </summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    /// <summary>The number of generations checked at once in the end.</summary>
    private const int AtOnce = 8;

    private static readonly string[] Terminal = ["succeeded", "failed", "canceled"];

    [Fact]
    public async Task Kills_and_faults_lose_nothing_bill_nothing_twice_and_tear_nothing()
    {
        var plan = ChaosPlan.FromEnvironment();
        await using var run = new ChaosRun(plan);
        var since = Stopwatch.GetTimestamp();
        output.WriteLine($"CHAOS_SEED={plan.Seed} CHAOS_KILLS={plan.Kills} CHAOS_GENERATIONS={plan.Generations}");

        await run.StormAsync(TestContext.Current.CancellationToken);
        var ended = new ConcurrentBag<JsonElement>();
        var images = 0;
        var accepted = run.Callers.Accepted;
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForEachAsync(accepted, atOnce, async (each, _) =>
        {
            var generation = await EndedAsync(run, each.Key);
            await AssertOwnAsync(run, generation, ChaosRequests.Draw(plan, each.Value), ChaosRequests.MayShare(each.Value));
            foreach (var image in generation.GetProperty("images").EnumerateArray())
            {
                await AssertWholeAsync(run, image);
                Interlocked.Increment(ref images);
            }
            ended.Add(generation);
        });
        var generations = ended.ToList();
        var (creations, created) = await run.CreationsAsync();
        await run.StopAsync();

        output.WriteLine($"{plan.Requests} requests, {run.Callers.Shared} of them shared, {generations.Count} generations");
        output.WriteLine($"{creations} creations, {images} images, {run.Callers.Unanswered} answers cut,"
            + $" {Stopwatch.GetElapsedTime(since).TotalSeconds:0} s");
        var outcomes = generations.CountBy(Outcome).OrderByDescending(outcome => outcome.Value);
        output.WriteLine("statuses: " + string.Join(", ", outcomes.Select(outcome => $"{outcome.Value} {outcome.Key}")));
        output.WriteLine($"windows: {run.Windows}");
        output.WriteLine(
            "faults: " + string.Join(", ", run.Faults.OrderBy(fault => fault.Key).Select(fault => $"{fault.Value} {fault.Key}")));
        Assert.Equal(plan.Requests, generations.Count + run.Callers.Shared);
        Assert.True(generations.Count >= plan.Generations);
        var predictions = generations.Select(generation => generation.GetProperty("prediction_id").GetString()).OfType<string>().ToList();
        Assert.Equal(predictions.Count, predictions.Distinct().Count());
        Assert.Empty(created.Except(predictions));
        Assert.Equal(creations, predictions.Count);
        Assert.Empty(Directory.GetFiles(Path.Combine(run.DataDirectory, "blobs", "tmp")));
        Assert.Equal(Hashes(generations).Distinct().Order(), Blobs(run).Order());
        await AssertBookedAsync(run, generations.Count);
        Assert.Empty(await run.FsckAsync());
        run.AssertNoSecret();
    }

    /// <summary>Checks that its prediction, if any, was made of exactly the requested input by the requested model.</summary>
    private static async Task AssertOwnAsync(ChaosRun run, JsonElement generation, JsonObject request, bool mayBeShared)
    {
        var input = generation.GetProperty("input");
        // A joined or hit generation may have been requested differently, such as with a default written out.
        if (!mayBeShared)
            AssertSame(JsonElement.Parse(ChaosRequests.InputOf(request).ToJsonString()), input);
        if (generation.GetProperty("prediction_id").GetString() is not { } id)
            return;
        var prediction = await run.PredictionAsync(id);
        AssertSame(input, prediction.GetProperty("input"));
        var ran = (prediction.GetProperty("model").GetString(), prediction.GetProperty("version").GetString());
        Assert.Equal(ChaosRequests.ModelOf(request), ran);

        void AssertSame(JsonElement one, JsonElement other) =>
            Assert.True(JsonElement.DeepEquals(one, other), $"{one} became {other}: {request.ToJsonString()}, {generation}");
    }

    /// <summary>
    /// Checks the books: one ledger line per run with its cost, nothing still reserved, and spending equal to the sum of the costs.
    /// </summary>
    private static async Task AssertBookedAsync(ChaosRun run, int generations)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(run.DataDirectory, "genapi.db")};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT (SELECT count(*) FROM "UsageEntries" WHERE "Kind" = 'Run'),
                (SELECT count(*) FROM "Generations" AS g
                    JOIN "UsageEntries" AS e ON e."GenerationId" = g."Id" AND e."Kind" = 'Run'
                        AND e."CostMicros" IS g."CostMicros" AND e."Status" = lower(g."Status")),
                (SELECT sum("ReservedMicros") FROM "BudgetPeriods"),
                (SELECT sum("CostMicros") FROM "Generations") * 6 - (SELECT sum("SpentMicros") FROM "BudgetPeriods")
            """;
        await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Assert.True(await row.ReadAsync(TestContext.Current.CancellationToken));
        // The day, the month and the total, for the account and for all.
        Assert.Equal((generations, generations, 0L, 0L), (row.GetInt32(0), row.GetInt32(1), row.GetInt64(2), row.GetInt64(3)));
    }

    private static async Task<JsonElement> EndedAsync(ChaosRun run, string id)
    {
        for (var round = 0; round < 60; round++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(run.Address, $"/generations/{id}"));
            request.Headers.Add("Prefer", "wait=5");
            using var answer = await run.Http.SendAsync(request, TestContext.Current.CancellationToken);
            answer.EnsureSuccessStatusCode();
            var generation = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
            if (Terminal.Contains(generation.GetProperty("status").GetString()))
                return generation;
        }
        throw new InvalidOperationException($"{id} did not end.");
    }

    private static async Task AssertWholeAsync(ChaosRun run, JsonElement image)
    {
        var bytes = await run.Http.GetByteArrayAsync(new Uri(image.GetProperty("url").GetString()!), TestContext.Current.CancellationToken);
        Assert.Equal(image.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    private static string Outcome(JsonElement generation) => generation.GetProperty("error") is { ValueKind: JsonValueKind.Object } error
        ? $"{generation.GetProperty("status")} ({error.GetProperty("code")})"
        : generation.GetProperty("status").GetString()!;

    private static IEnumerable<string> Hashes(IEnumerable<JsonElement> generations) =>
        generations.SelectMany(generation => generation.GetProperty("images").EnumerateArray()).Select(
            image => image.GetProperty("sha256").GetString()!);

    private static IEnumerable<string> Blobs(ChaosRun run) =>
        Directory.EnumerateFiles(Path.Combine(run.DataDirectory, "blobs"), "*", SearchOption.AllDirectories)
        .Select(file => Path.GetFileName(file)).Where(name => name.Length == 64);
}
