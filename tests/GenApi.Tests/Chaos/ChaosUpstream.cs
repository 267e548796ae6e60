using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GenApi.Tests.Chaos;

/// <summary>The sandbox of a storm, a process outside of the services that fail.</summary>
internal sealed class ChaosUpstream : IAsyncDisposable
{
    /// <summary>Makes runs of some 0.2 s: long enough for kills in the middle, short enough for hundreds of them.</summary>
    private const string Speed = "20";

    private const int MostFaultsAtOnce = 3;

    private readonly ChaosService _sandbox;
    private readonly HttpClient _http;

    public ChaosUpstream(ChaosPlan plan, HttpClient http, string folder, SecretSearch secrets)
    {
        var url = ChaosService.FreeUrl();
        _http = http;
        _sandbox = new ChaosService("GenApi.Sandbox", url, new Dictionary<string, string?>
        {
            ["Sandbox:Urls"] = url,
            ["Sandbox:Speed"] = Speed,
            ["Sandbox:MaxPredictions"] = "100000",
            // In half of the storms only inputs tell predictions apart.
            ["Sandbox:ShowsDeadlines"] = plan.ShowsDeadlines ? "true" : "false",
            // The predictions' inputs are checked in the end.
            ["Sandbox:DataRetention"] = "1.00:00:00",
        }, folder, secrets);
    }

    public Dictionary<string, int> Faults { get; } = new(StringComparer.Ordinal);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>The settings with which a service uses it.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["Replicate:Mode"] = "replicate",
        ["Replicate:ApiToken"] = GenApiApp.Token,
        ["Replicate:BaseUrl"] = _sandbox.Address.ToString().TrimEnd('/'),
        ["Replicate:DeliveryHosts:0"] = _sandbox.Address.Authority,
        ["Generations:SettleSeconds"] = "1",
        // A storm would otherwise wait for the usual ten creations a second.
        ["Replicate:CreationsPerMinute"] = "6000",
        ["Replicate:ReadsPerMinute"] = "30000",
    };

    public Task StartAsync()
    {
        _sandbox.Start();
        return _sandbox.ListenAsync();
    }

    /// <summary>Adds up to three faults.</summary>
    public async Task SpoilAsync(Random random)
    {
        foreach (var _ in Enumerable.Range(0, random.Next(MostFaultsAtOnce + 1)))
        {
            var fault = ChaosFaults.Draw(random);
            var kind = fault["kind"]!.GetValue<string>();
            Faults[kind] = Faults.GetValueOrDefault(kind) + 1;
            await SendAsync(HttpMethod.Post, new JsonArray(fault));
        }
    }

    /// <summary>Removes all faults.</summary>
    public Task HealAsync() => SendAsync(HttpMethod.Delete, null);

    /// <summary>Gets the count of creations, and their predictions.</summary>
    public async Task<(int Creations, IReadOnlyList<string> Ids)> CreationsAsync()
    {
        var stats = await _http.GetFromJsonAsync<JsonElement>(new Uri(_sandbox.Address, "/sandbox/stats"), Ended);
        return (
            stats.GetProperty("creations").GetInt32(),
            [.. stats.GetProperty("created").EnumerateArray().Select(row => row.GetProperty("id").GetString()!)]);
    }

    public async Task<JsonElement> PredictionAsync(string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_sandbox.Address, $"/v1/predictions/{id}"));
        request.Headers.Authorization = new("Bearer", GenApiApp.Token);
        using var answer = await _http.SendAsync(request, Ended);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Ended);
    }

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    private async Task SendAsync(HttpMethod method, JsonArray? faults)
    {
        using var request = new HttpRequestMessage(method, new Uri(_sandbox.Address, "/sandbox/faults"));
        if (faults is not null)
            request.Content = JsonContent.Create(faults);
        using var answer = await _http.SendAsync(request, Ended);
        answer.EnsureSuccessStatusCode();
    }
}
