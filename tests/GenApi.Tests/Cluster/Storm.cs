using System.Collections.Concurrent;
using GenApi.Tests.Blobs.S3;
using GenApi.Tests.Chaos;
using GenApi.Tests.Persistence;

namespace GenApi.Tests.Cluster;

/// <summary>
/// Runs a storm over three instances as processes, on PostgreSQL and S3 with the sandbox outside: instances are killed, and frozen beyond
/// their lease, the database loses its connections and is restarted, and S3 fails, stalls and loses answers.
/// </summary>
internal sealed class Storm : IAsyncDisposable
{
    private const int Many = 3, LeaseSeconds = 2;

    private static readonly S3Trouble[] Troubles =
        [S3Trouble.Busy, S3Trouble.Reset, S3Trouble.LostAnswer, S3Trouble.Silence, S3Trouble.CutBody];

    private readonly ChaosPlan _plan;
    private readonly Random _random;
    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-storm-").FullName;
    private readonly SecretSearch _secrets = new();
    private readonly List<ChaosService> _services = [];
    private readonly ConcurrentDictionary<ChaosService, bool> _frozen = new();
    private readonly List<Task> _thaws = [];
    private readonly SortedDictionary<string, int> _done = new(StringComparer.Ordinal);
    private PostgresServer _server = null!;
    private FaultyS3 _s3 = null!;
    private int _freezesLeft, _killsLeft;

    private Storm(ChaosPlan plan)
    {
        (_plan, _random) = (plan, new Random(plan.Seed));
        (_freezesLeft, _killsLeft) = (plan.Freezes, plan.Kills);
        Upstream = new ChaosUpstream(plan, Http, _folder, _secrets);
        _secrets.Add(GenApiApp.Token);
    }

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(100) };

    public ChaosUpstream Upstream { get; }

    public ChaosCallers Callers { get; private set; } = null!;

    public TestStore Store { get; private set; } = null!;

    /// <summary>The address of an instance, another one each time.</summary>
    public Uri Address => _services[Random.Shared.Next(Many)].Address;

    /// <summary>What was done to whom how often.</summary>
    public string Done => string.Join(", ", _done.Select(each => $"{each.Value} {each.Key}"));

    /// <param name="plan">The size.</param>
    /// <param name="isPooled">Whether pgbouncer stands before the database.</param>
    public static async Task<Storm> StartAsync(ChaosPlan plan, bool isPooled)
    {
        var storm = new Storm(plan);
        try
        {
            await storm.StartAsync(isPooled);
            return storm;
        }
        catch
        {
            await storm.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Runs until every request is accepted and everything planned was done. Then it removes the faults and leaves the service alone.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var calling = Callers.RunAsync(over.Token);
        try
        {
            while (_killsLeft + _freezesLeft > 0 && !calling.IsFaulted)
            {
                await CatchUpAsync(over.Token);
                await RoundAsync(over.Token);
            }
            await Task.WhenAll(_thaws);
            await Upstream.HealAsync();
            while (!_services.All(each => each.Listening.IsCompleted))
            {
                StartAgain();
                await PauseAsync(200, cancellationToken);
            }
            await calling.WaitAsync(cancellationToken);
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    /// <summary>Stops the instances as an operator would, and searches what they said for secrets.</summary>
    public async Task StopAsync()
    {
        foreach (var service in _services)
            await service.StopAsync();
        await Store.LookAsync(_secrets);
        _secrets.End(_folder);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services)
            await service.DisposeAsync();
        await Upstream.DisposeAsync();
        if (Store is not null)
            await Store.DisposeAsync();
        if (_s3 is not null)
            await _s3.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        Http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(bool isPooled)
    {
        _server = await PostgresServer.StartAsync();
        _s3 = await FaultyS3.StartAsync();
        Store = await TestStore.OnPostgresAsync("", isS3: true, server: _server);
        await Upstream.StartAsync();
        var settings = new Dictionary<string, string?>(Upstream.Settings);
        foreach (var (key, value) in await Store.SettingsAsync())
            settings[key] = value;
        settings["Database:ConnectionString"] = Store.ConnectionString(isPooled ? await _server.PoolerAsync() : null);
        settings["Blobs:S3:Endpoint"] = _s3.Endpoint;
        settings["Blobs:S3:TimeoutSeconds"] = "2";
        settings["Cluster:LeaseSeconds"] = $"{LeaseSeconds}";
        for (var at = 0; at < Many; at++)
        {
            var url = ChaosService.FreeUrl();
            settings["Urls"] = url;
            settings["DataDirectory"] = Path.Combine(_folder, $"data-{at}");
            _services.Add(new ChaosService("GenApi", url, new Dictionary<string, string?>(settings), _folder, _secrets));
            _services[at].Start();
            // The first one makes the tables. Later all three come and go as they like.
            if (at == 0)
                await _services[at].ListenAsync();
        }
        await LeaseGuard.InstallAsync(Store);
        await Task.WhenAll(_services.Select(each => each.ListenAsync()));
        Callers = new ChaosCallers(_services, Http, _plan);
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        StartAgain();
        Callers.LetOut(_plan.PerRound);
        var accepted = Callers.NextAccepted;
        await Upstream.SpoilAsync(_random);
        if (_random.Next(3) == 0)
            SpoilS3();
        await Task.WhenAny(accepted, Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System, cancellationToken));
        await PauseAsync(400, cancellationToken);
        if (_random.Next(4) == 0)
            await CutAsync();
        var able = _services.Where(each => !_frozen.ContainsKey(each)).ToList();
        var victim = able[_random.Next(able.Count)];
        // Two thirds of the frozen sleep beyond their lease. One instance at least is left to work.
        if (_random.Next(_killsLeft + _freezesLeft) < _freezesLeft)
        {
            if (able.Count > 1)
                await FreezeAsync(victim, cancellationToken);
            else
                await Task.WhenAny(_thaws.Where(each => !each.IsCompleted)).WaitAsync(cancellationToken);
            return;
        }
        await victim.KillAsync();
        Note("killed");
        _killsLeft--;
        await PauseAsync(_random.Next(3) == 0 ? 2 * LeaseSeconds * 1000 : 100, cancellationToken);
        victim.Start();
    }

    /// <summary>
    /// Lets the instances work while much is unfinished, with the present faults: on a slow machine they die faster than they come to work.
    /// </summary>
    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        if (await UnfinishedAsync() <= ChaosRun.MostUnfinished)
            return;
        Note("pauses to catch up");
        while (await UnfinishedAsync() > ChaosRun.MostUnfinished / 10)
        {
            StartAgain();
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellationToken);
        }

        Task<long> UnfinishedAsync() => Store.ExecuteAsync("SELECT count(*) FROM Generations WHERE CompletedAt IS NULL");
    }

    private async Task FreezeAsync(ChaosService victim, CancellationToken cancellationToken)
    {
        await victim.FreezeAsync();
        _frozen[victim] = true;
        _freezesLeft--;
        var seconds = LeaseSeconds * (0.5 + 2 * _random.NextDouble());
        Note(seconds > LeaseSeconds ? "frozen beyond the lease" : "frozen for less than the lease");
        _thaws.Add(ThawAsync());

        async Task ThawAsync()
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, cancellationToken);
            await victim.ThawAsync();
            _frozen.TryRemove(victim, out _);
        }
    }

    private async Task CutAsync()
    {
        if (_random.Next(6) > 0)
        {
            await Store.CutAsync();
            Note("times all connections cut");
            return;
        }
        await _server.StopAsync();
        await _server.StartAgainAsync();
        Note("restarts of PostgreSQL");
    }

    private void SpoilS3()
    {
        var trouble = Troubles[_random.Next(Troubles.Length)];
        // A body can break off only where there is one.
        _s3.Next(trouble, trouble == S3Trouble.CutBody ? "GET" : "PUT");
        Note($"S3: {trouble}");
    }

    private void StartAgain()
    {
        foreach (var service in _services.Where(each => !_frozen.ContainsKey(each)))
        {
            if (service.StartAgainIfRefused())
                Note("starts given up without the database or the bucket");
        }
    }

    private void Note(string what) => _done[what] = _done.GetValueOrDefault(what) + 1;

    private Task PauseAsync(int mostMilliseconds, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(_random.Next(mostMilliseconds)), TimeProvider.System, cancellationToken);
}
