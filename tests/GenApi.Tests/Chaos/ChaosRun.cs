using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Chaos;

/// <summary>Runs a storm: the service and the sandbox as processes, callers, faults and kills.</summary>
internal sealed class ChaosRun : IAsyncDisposable
{
    /// <summary>Makes runs of some 0.2 s: long enough for kills in the middle, short enough for hundreds of them.</summary>
    private const string SandboxSpeed = "20";

    private const int MostFaultsAtOnce = 3;

    /// <summary>
    /// The number of unfinished generations above which the service gets time to finish them: kills may come faster than a cold process can
    /// work.
    /// </summary>
    private const int MostUnfinished = 300;

    /// <summary>The longest wait before a kill, in milliseconds. A service that can't accept anything is killed as well.</summary>
    private const int MostWaited = 10_000;

    private readonly ChaosPlan _plan;
    private readonly Random _random;
    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-chaos-").FullName;
    private readonly SecretSearch _secrets = new();
    private readonly ChaosService _sandbox;
    private readonly ChaosService _service;
    private int _unfinished;

    public ChaosRun(ChaosPlan plan)
    {
        _plan = plan;
        _random = new Random(plan.Seed);
        var (sandbox, service) = (ChaosService.FreeUrl(), ChaosService.FreeUrl());
        _sandbox = new ChaosService("GenApi.Sandbox", sandbox, new Dictionary<string, string?>
        {
            ["Sandbox:Urls"] = sandbox,
            ["Sandbox:Speed"] = SandboxSpeed,
            ["Sandbox:MaxPredictions"] = "100000",
            // In half of the storms only inputs tell predictions apart.
            ["Sandbox:ShowsDeadlines"] = plan.ShowsDeadlines ? "true" : "false",
            // The predictions' inputs are checked in the end.
            ["Sandbox:DataRetention"] = "1.00:00:00",
        }, _folder, _secrets);
        _service = new ChaosService("GenApi", service, new Dictionary<string, string?>
        {
            ["Urls"] = service,
            ["DataDirectory"] = DataDirectory,
            ["Replicate:Mode"] = "replicate",
            ["Replicate:ApiToken"] = GenApiApp.Token,
            ["Replicate:BaseUrl"] = sandbox,
            ["Replicate:DeliveryHosts:0"] = new Uri(sandbox).Authority,
            ["Generations:SettleSeconds"] = "1",
            // A storm would otherwise wait for the usual ten creations a second.
            ["Replicate:CreationsPerMinute"] = "6000",
            ["Replicate:ReadsPerMinute"] = "30000",
        }, _folder, _secrets);
        _secrets.Add(GenApiApp.Token);
        Callers = new ChaosCallers(_service, Http, plan);
    }

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(100) };

    public string DataDirectory => Path.Combine(_folder, "data");

    public Uri Address => _service.Address;

    public ChaosCallers Callers { get; }

    public ChaosWindows Windows { get; } = new();

    public Dictionary<string, int> Faults { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Runs until every request is accepted and every kill is done. Then it removes the faults and leaves the service alone.
    /// </summary>
    public async Task StormAsync(CancellationToken cancellationToken)
    {
        _sandbox.Start();
        await _sandbox.ListenAsync();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var calling = Callers.RunAsync(over.Token);
        try
        {
            for (var kill = 0; kill < _plan.Kills && !calling.IsFaulted; kill++)
                await RoundAsync(over.Token);
            await FaultsAsync(HttpMethod.Delete, null);
            _service.Start();
            await _service.ListenAsync();
            await calling.WaitAsync(cancellationToken);
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    /// <summary>Gets the sandbox's count of creations.</summary>
    public async Task<(int Creations, IReadOnlyList<string> Ids)> CreationsAsync()
    {
        var stats = await Http.GetFromJsonAsync<JsonElement>(
            new Uri(_sandbox.Address, "/sandbox/stats"), TestContext.Current.CancellationToken);
        return (
            stats.GetProperty("creations").GetInt32(),
            [.. stats.GetProperty("created").EnumerateArray().Select(row => row.GetProperty("id").GetString()!)]);
    }

    /// <summary>Gets a prediction from the sandbox.</summary>
    public async Task<JsonElement> PredictionAsync(string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_sandbox.Address, $"/v1/predictions/{id}"));
        request.Headers.Authorization = new("Bearer", GenApiApp.Token);
        using var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    /// <returns>The problems of the stopped service's store, such as <c>blob_orphan 2</c>.</returns>
    public async Task<string> FsckAsync()
    {
        var (_, report, errors) = await ProgramHere.RunToEndAsync(
            new Dictionary<string, string?> { ["DataDirectory"] = DataDirectory }, _folder, "fsck", "--json");
        return report.Length > 0 ? Damage.Kinds(JsonElement.Parse(report)) : errors;
    }

    /// <summary>Checks that nothing either process said or left behind contains the token.</summary>
    public void AssertNoSecret() => _secrets.End(_folder);

    /// <summary>Stops the service as an operator would, so that nothing is in progress.</summary>
    public Task StopAsync() => _service.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _sandbox.DisposeAsync();
        Http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        if (_unfinished > MostUnfinished)
            await CatchUpAsync(cancellationToken);
        Callers.LetOut(_plan.PerRound);
        var accepted = Callers.NextAccepted;
        foreach (var _ in Enumerable.Range(0, _random.Next(MostFaultsAtOnce + 1)))
        {
            var fault = ChaosFaults.Draw(_random);
            var kind = fault["kind"]!.GetValue<string>();
            Faults[kind] = Faults.GetValueOrDefault(kind) + 1;
            await FaultsAsync(HttpMethod.Post, new JsonArray(fault));
        }
        _service.Start();
        // One in six dies while it starts, the others after up to 0.4 s of work. The time to a cold process's first answer does not count.
        if (_random.Next(6) == 0)
        {
            await PauseAsync(600, cancellationToken);
        }
        else
        {
            await Task.WhenAny(accepted, PauseAsync(MostWaited, cancellationToken));
            await PauseAsync(400, cancellationToken);
        }
        await _service.KillAsync();
        _unfinished = await Windows.LookAsync(DataDirectory);
    }

    /// <summary>Lets the service work until little is unfinished, with the present faults, and kills it.</summary>
    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        _service.Start();
        await _service.ListenAsync();
        while (await ChaosWindows.UnfinishedAsync(DataDirectory, cancellationToken) > MostUnfinished / 10)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        await _service.KillAsync();
    }

    private Task PauseAsync(int mostMilliseconds, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(_random.Next(mostMilliseconds)), TimeProvider.System, cancellationToken);

    private async Task FaultsAsync(HttpMethod method, JsonArray? faults)
    {
        using var request = new HttpRequestMessage(method, new Uri(_sandbox.Address, "/sandbox/faults"));
        if (faults is not null)
            request.Content = JsonContent.Create(faults);
        using var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
