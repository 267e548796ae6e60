using System.Net.Http.Headers;

namespace GenApi.Bench.Parts;

/// <summary>Measures the cost of an API key: the same hit with a service that requires one and with a service that does not.</summary>
internal static class KeysPart
{
    private const string AdminKey = "an-admin-key-for-measurements-0123456789";

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var (open, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "open", null, cancellationToken);
        var (keyed, _) = await lab.StartGenApiAsync(
            sandbox.BaseUrl, "keyed", new Dictionary<string, string> { ["Accounts__AdminKey"] = AdminKey }, cancellationToken);
        var secret = await MakeKeyAsync(keyed, cancellationToken);
        keyed.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        var body = Requests.Body(seed: 42, pixels: 64);
        foreach (var server in (Server[])[open, keyed])
        {
            await server.GenerateAsync(body, cancellationToken);
            if ((await server.GenerateAsync(body, cancellationToken)).Outcome is not "GenApi; hit" and var outcome)
                throw new BenchException($"The second request was no hit but '{outcome}'.");
        }

        var connections = lab.Settings.Connections;
        var (with, without) = await new Duel(lab, "keys").RunAsync(
            new("with", keyed, new(new Uri(keyed.BaseUrl, "generate"), connections, "POST", body, Authorization: $"Bearer {secret}")),
            new("without", open, new(new Uri(open.BaseUrl, "generate"), connections, "POST", body)),
            cancellationToken);
        table.Versus(
            "keys",
            "cache hit with an API key",
            "without",
            [.. with.Select(turn => turn.Result.PerSecond)],
            [.. without.Select(turn => turn.Result.PerSecond)],
            0.95);
        table.Beside("keys", "server's CPU for one request", Cpu(with), "without", Cpu(without), " µs", "0.0");

        static double[] Cpu(IEnumerable<Duel.Turn> turns) => [.. turns.Select(turn => turn.CpuPerRequest.TotalMicroseconds)];
    }

    /// <summary>Returns the secret of a new key.</summary>
    public static async Task<string> MakeKeyAsync(Server server, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "accounts/keys")
        {
            Content = new StringContent("""{"name":"measurements"}""", new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
        using var answer = await server.Http.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return Requests.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken)).GetProperty("secret").GetString()!;
    }
}
