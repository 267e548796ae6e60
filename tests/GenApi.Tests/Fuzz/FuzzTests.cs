using System.Diagnostics;
using GenApi.Sandbox.Control;
using GenApi.Tests.Documentation;
using GenApi.Tests.Generations;
using GenApi.Tests.Images;

namespace GenApi.Tests.Fuzz;

/// <summary>
/// Sends thousands of requests with something wrong somewhere over bare sockets, to every documented route and to others. <c>FUZZ_SEED</c>
/// repeats a run, <c>FUZZ_REQUESTS</c> makes it longer.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int AtOnce = 8;
    private const int MostShown = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_sent_is_answered_and_never_with_a_failure_of_ours()
    {
        var plan = FuzzPlan.FromEnvironment();
        output.WriteLine($"FUZZ_SEED={plan.Seed} FUZZ_REQUESTS={plan.Requests}");
        await using var app = await Accounts.Keys.StartAsync(new()
        {
            // Most accepted requests stay in the queue: this tests requests, not runs.
            ["Replicate:CreationsPerMinute"] = "30",
            ["Replicate:ReadsPerMinute"] = "1000000",
            ["Generations:DefaultWaitSeconds"] = "0",
            ["Webhooks:AllowedPrivateHosts:0"] = "127.0.0.1:1",
        });
        app.Client.DefaultRequestHeaders.Authorization = new("Bearer", Accounts.Keys.Admin);
        var ids = new FuzzIds();
        var (made, held) = await FurnishAsync(app, ids);
        var document = (await app.GetAsync("/openapi/v1.json")).Json;
        var (requests, described) = (new FuzzRequests(FuzzOperation.Of(document), ids, app.Address), new DescribedApi(document));
        var faults = new List<string>();
        var statuses = new Dictionary<int, int>();
        var since = Stopwatch.GetTimestamp();

        var sending = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Ended };
        await Parallel.ForEachAsync(Enumerable.Range(0, plan.Requests), sending, async (number, _) =>
        {
            var request = requests.Draw(plan.Of(number));
            var (fault, answer) = await TryAsync(app, request, described);
            lock (faults)
            {
                if (fault is not null)
                    faults.Add($"FUZZ_SEED={plan.Seed}, request {number}: {fault}\n{request}\n=> {answer?.Status} {answer?.Text}\n");
                statuses[answer?.Status ?? 0] = statuses.GetValueOrDefault(answer?.Status ?? 0) + 1;
            }
            if (answer is { Status: < 300 })
                ids.Learn(answer.Text);
        });

        output.WriteLine($"{Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} "
            + "s; " + string.Join(", ", statuses.OrderBy(each => each.Key).Select(each => $"{each.Value} × {each.Key}")));
        Assert.True(faults.Count == 0, $"{faults.Count} of {plan.Requests}:\n{string.Join('\n', faults.Take(MostShown))}");
        await AssertWorksAsync(app, made, held);
    }

    /// <summary>Makes a finished generation that answers, a failed one, a running one, an upload and a key.</summary>
    private static async Task<(Answer Made, (Fault Fault, string Id) Held)> FurnishAsync(GenApiApp app, FuzzIds ids)
    {
        var made = await app.GenerateAsync(Requests.Small(77, "kept"), ("Prefer", "wait=30"));
        Assert.Equal(200, made.Status);
        ids.Spare(made.Text);
        var other = await app.GenerateAsync(Requests.Small(78, "to be found"), ("Prefer", "wait=30"));
        ids.Learn(other.Text);
        var fault = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var held = await app.GenerateAsync(Requests.Small(79, "held"));
        ids.Spare(held.Text);
        await fault.Reached.WaitAsync(Ended);
        using var picture = new ByteArrayContent(Pictures.Png(24, 24));
        ids.Learn((await app.SendAsync(HttpMethod.Post, "/uploads", picture)).Text);
        ids.Learn((await app.PostAsync("/accounts/keys", new { name = "fuzz" })).Text);
        return (made, (fault, held.Id));
    }

    private static async Task<(string? Fault, Answer? Answer)> TryAsync(GenApiApp app, FuzzRequest request, DescribedApi described)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Ended);
        deadline.CancelAfter(Patience);
        try
        {
            using var connection = await RawConnection.OpenAsync(app.Address, deadline.Token);
            await connection.SendAsync(request.Bytes, deadline.Token);
            if (request.IsCutOff)
                connection.EndSending();
            var isStream = request.Path.EndsWith("/events", StringComparison.Ordinal);
            var answer = await connection.ReadAsync(request.Method != "HEAD", isStream, deadline.Token);
            if (answer is null)
                return (request.IsCutOff ? null : "No answer.", null);
            return (FuzzVerdict.Of(request, answer, described), answer);
        }
        catch (OperationCanceledException) when (!Ended.IsCancellationRequested)
        {
            return ("It hangs.", null);
        }
        catch (InvalidDataException failure)
        {
            // To the server, a caller that stops in the middle of a body has left, so nobody gets the rest of a long answer.
            return (request.IsCutOff ? null : failure.Message, null);
        }
    }

    private static async Task AssertWorksAsync(GenApiApp app, Answer made, (Fault Fault, string Id) held)
    {
        Assert.Equal(200, (await app.GetAsync("/health/ready")).Status);
        var again = await app.GenerateAsync(Requests.Small(77, "kept"));
        Assert.Equal(("GenApi; hit", made.Id), (again.Header("Cache-Status"), again.Id));
        await Requests.AssertWholeAsync(app, again);
        held.Fault.Release();
        Assert.Equal("succeeded", (await Requests.EndedAsync(app, held.Id)).State);
    }
}
