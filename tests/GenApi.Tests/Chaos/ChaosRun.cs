using System.Text.Json;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Chaos;

/// <summary>Runs a storm: the service and the sandbox as processes, callers, faults and kills, on SQLite and a disk.</summary>
internal sealed class ChaosRun : IAsyncDisposable
{
    /// <summary>
    /// The number of unfinished generations above which the service gets time to finish them: kills may come faster than a cold process can
    /// work.
    /// </summary>
    public const int MostUnfinished = 300;

    /// <summary>The longest wait before a kill, in milliseconds. A service that can't accept anything is killed as well.</summary>
    private const int MostWaited = 10_000;

    private readonly ChaosPlan _plan;
    private readonly Random _random;
    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-chaos-").FullName;
    private readonly SecretSearch _secrets = new();
    private readonly ChaosService _service;
    private int _unfinished;

    public ChaosRun(ChaosPlan plan)
    {
        _plan = plan;
        _random = new Random(plan.Seed);
        Upstream = new ChaosUpstream(plan, Http, _folder, _secrets);
        var url = ChaosService.FreeUrl();
        _service = new ChaosService(
            "GenApi", url, new Dictionary<string, string?>(Upstream.Settings) { ["Urls"] = url, ["DataDirectory"] = DataDirectory },
            _folder, _secrets);
        _secrets.Add(GenApiApp.Token);
        Callers = new ChaosCallers([_service], Http, plan);
        Store = TestStore.OnSqlite(DataDirectory);
    }

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(100) };

    public string DataDirectory => Path.Combine(_folder, "data");

    public Uri Address => _service.Address;

    public ChaosCallers Callers { get; }

    public ChaosUpstream Upstream { get; }

    public TestStore Store { get; }

    public ChaosWindows Windows { get; } = new();

    /// <summary>
    /// Runs until every request is accepted and every kill is done. Then it removes the faults and leaves the service alone.
    /// </summary>
    public async Task StormAsync(CancellationToken cancellationToken)
    {
        await Upstream.StartAsync();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var calling = Callers.RunAsync(over.Token);
        try
        {
            for (var kill = 0; kill < _plan.Kills && !calling.IsFaulted; kill++)
                await RoundAsync(over.Token);
            await Upstream.HealAsync();
            _service.Start();
            await _service.ListenAsync();
            await calling.WaitAsync(cancellationToken);
        }
        finally
        {
            await over.CancelAsync();
        }
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
        await Upstream.DisposeAsync();
        Http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        if (_unfinished > MostUnfinished)
            await CatchUpAsync(cancellationToken);
        Callers.LetOut(_plan.PerRound);
        var accepted = Callers.NextAccepted;
        await Upstream.SpoilAsync(_random);
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
}
