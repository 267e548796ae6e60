using GenApi.Core.Accounts;
using GenApi.Tests.Accounts;
using GenApi.Tests.Fuzz;
using GenApi.Tests.Uploads;

namespace GenApi.Tests.Documentation;

public sealed class MixedRequestsTests(ITestOutputHelper output)
{
    private const int Seed = 14, Requests = 500, MostShown = 10;

    [Fact]
    public async Task Every_status_content_type_and_body_that_500_mixed_requests_receive_is_in_the_document()
    {
        await using var app = await Keys.StartAsync(new()
        {
            ["Webhooks:AllowedPrivateHosts:0"] = "127.0.0.1:1",
            ["Replicate:CreationsPerMinute"] = "100000",
            ["Replicate:ReadsPerMinute"] = "1000000",
        });
        var document = (await app.GetAsync("/openapi/v1.json")).Json;
        var (described, ids) = (new DescribedApi(document), new FuzzIds());
        var (keys, poor, redeliveries) = await FurnishAsync(app, ids);
        var mixed = new MixedRequests(document, ids, keys, poor, redeliveries);
        var random = new Random(Seed);
        var (faults, succeeded) = (new List<string>(), new HashSet<string>());
        var seen = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var number = 0; number < Requests; number++)
        {
            var request = mixed.Draw(number, random);
            using var body = request.Body?.Invoke();
            var answer = await app.SendAsync(new HttpMethod(request.Method), request.Target, body, [.. request.Headers]);
            if (described.Judge(request.Method, request.Path, answer) is { } fault)
                faults.Add($"Request {number}: {request}\n=> {fault}\n{answer.Text[..Math.Min(answer.Text.Length, 500)]}\n");
            var kind = $"{answer.Status} {answer.Header("Content-Type")?.Split(';')[0]}";
            seen[kind] = seen.GetValueOrDefault(kind) + 1;
            if (answer.Status < 400)
            {
                succeeded.Add($"{request.Method} {request.Path}");
                ids.Learn(answer.Text);
            }
        }

        output.WriteLine(string.Join('\n', seen.Select(each => $"{each.Value} × {each.Key}")));
        Assert.True(faults.Count == 0, $"{faults.Count} of {Requests}:\n{string.Join('\n', faults.Take(MostShown))}");
        // The mix was complete: each operation succeeded, and most failures occurred.
        Assert.Equal(mixed.Operations, succeeded.Count);
        Assert.Superset(
            new HashSet<int> { 200, 201, 202, 204, 206, 304, 400, 401, 402, 403, 404, 405, 409, 413, 415, 422, 429, 502, 504 },
            seen.Keys.Select(each => int.Parse(each.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).ToHashSet());
        Assert.Superset(
            new HashSet<string>
            {
                "application/json", "application/problem+json", "application/health+json", "application/openmetrics-text", "image/png",
                "text/csv", "text/plain", "text/event-stream",
            },
            seen.Keys.Select(each => each.Split(' ')[1]).ToHashSet());
    }

    /// <summary>Makes something of each kind, and keys with all rights.</summary>
    private static async Task<(IReadOnlyList<string?> Keys, string Poor, IReadOnlyList<string> Redeliveries)> FurnishAsync(
        GenApiApp app, FuzzIds ids)
    {
        // The key of the settings has no separate webhook secret, so it is not the key with every right.
        var everything = await MakeAsync(new { name = "everything", rights = new[] { "admin" } });
        var keys = new List<string?> { everything, Keys.Admin, null, KeySecret.Make() };
        var redeliveries = new List<string>();
        foreach (var right in KeyRightsWords.All)
            keys.Add(await MakeAsync(new { name = right, rights = new[] { right } }));
        var poor = await MakeAsync(new { name = "poor", budgets = new { day = "0" } });
        keys.Add(poor);
        keys.Add(await MakeAsync(new { name = "slow", requests_per_minute = 1 }));
        for (var seed = 100; seed < 104; seed++)
        {
            var made = await app.GenerateAsync(
                new { prompt = "a red fox", model = "sandbox/clip", seed, width = 64, height = 64, webhook = "http://127.0.0.1:1/" },
                Keys.AsAdmin);
            ids.Learn(made.Text);
            var deliveries = await app.GetAsync($"/generations/{made.Id}/deliveries", Keys.AsAdmin);
            redeliveries.Add($"/generations/{made.Id}/deliveries/{deliveries["data"][0].GetProperty("id").GetString()}/redeliver");
            using var picture = new ByteArrayContent(InputPictures.Plain(16, 16));
            ids.Learn((await app.SendAsync(HttpMethod.Post, "/uploads", picture, Keys.AsAdmin)).Text);
            ids.Learn((await app.PostAsync("/accounts/keys", new { name = $"spare {seed}" }, Keys.AsAdmin)).Text);
        }
        return (keys, poor, redeliveries);

        async Task<string> MakeAsync(object body)
        {
            var made = await app.PostAsync("/accounts/keys", body, Keys.AsAdmin);
            // Its secret stays valid, whatever is drawn.
            ids.Spare(made.Text);
            return made["secret"].GetString()!;
        }
    }
}
