using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using GenApi.Hosting.Logs;
using GenApi.Hosting.Settings;
using GenApi.Sandbox;
using GenApi.Sandbox.Control;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests;

/// <summary>
/// The real service on a real loopback port, in the environment Production, with its own folder and its own sandbox behind a socket, which
/// it takes for Replicate. It runs in this process (<see cref="StartAsync"/>) or as a separate process that can be killed
/// (<see cref="StartProcessAsync"/>).
/// <code>
/// await using var app = await GenApiApp.StartAsync(new() { ["Generations:MaxQueued"] = "1" });
/// var answer = await app.GenerateAsync(new { prompt = "a red fox", seed = 1 });
/// Assert.Equal(1, app.Sandbox.Stats.Creations);
/// </code>
/// </summary>
internal sealed partial class GenApiApp : IAsyncDisposable
{
    /// <summary>The sandbox's token, which must never turn up anywhere else.</summary>
    public const string Token = "r8_0123456789abcdefghijklmnopqrstuvwxyzT";

    private readonly Func<IReadOnlyDictionary<string, string?>, Task<IHost>> _start;
    private readonly Dictionary<string, string?> _settings;
    private IHost? _host;
    private HttpClient? _client;
    private bool _wasKilled;

    private GenApiApp(
        SandboxServer sandbox,
        Dictionary<string, string?>? settings,
        Func<GenApiApp, IReadOnlyDictionary<string, string?>, Task<IHost>> start)
    {
        Sandbox = sandbox;
        Store = TestStore.OnSqlite(DataDirectory);
        _start = all => start(this, all);
        _settings = new Dictionary<string, string?>(Defaults(sandbox, Folder), StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in settings ?? [])
            _settings[key] = value;
    }

    /// <summary>Ends before the service does, such as browsers that show its page.</summary>
    public ConcurrentBag<Func<ValueTask>> EndsBefore { get; } = [];

    /// <summary>The secrets that must turn up nowhere. Disposing searches for them everywhere.</summary>
    public SecretSearch Secrets { get; } = new();

    private interface IHost
    {
        Uri Address { get; }

        IServiceProvider? Services { get; }

        IReadOnlyCollection<string> Logs { get; }

        Task StopAsync();

        Task KillAsync();

        /// <summary>The process; null: this one.</summary>
        Process? Process { get; }
    }

    /// <summary>The folder of the service, removed at the end.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("genapi-test-").FullName;

    public string DataDirectory => Path.Combine(Folder, "data");

    public SandboxServer Sandbox { get; }

    /// <summary>A client with the service's base address. It follows no redirects.</summary>
    public HttpClient Client => _client ?? throw new InvalidOperationException("The service is stopped.");

    public Uri Address => Client.BaseAddress!;

    /// <summary>The service's container; only in this process.</summary>
    public IServiceProvider Services =>
        _host?.Services ?? throw new InvalidOperationException("Only a service in this process shows its container.");

    /// <summary>The log since the last start, as rendered lines. Set <c>Logging:LogLevel:Default</c> to see more than errors.</summary>
    public IReadOnlyCollection<string> Logs => _host?.Logs ?? [];

    /// <summary>
    /// Formats the log as Development shows it or, with <paramref name="asJson"/>, as other environments do; only in this process.
    /// </summary>
    public IReadOnlyList<string> Lines(bool asJson = false) => [.. ((_host as InProcess)?.Events ?? []).Select(each =>
    {
        using var text = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        new ScrubbedFormatter(asJson ? LogLines.Json : LogLines.Readable, [Token]).Format(each, text);
        return text.ToString();
    })];

    /// <param name="settings">Settings in addition to the defaults; keys as in appsettings.json.</param>
    /// <param name="sandbox">The sandbox's options; null: speed 0, without artificial delays.</param>
    /// <param name="time">The service's clock, not the sandbox's; null: the system's.</param>
    /// <param name="services">Replaces parts of the service, such as by a disk that fails.</param>
    /// <param name="sandboxTime">The sandbox's clock; null: the system's.</param>
    public static async Task<GenApiApp> StartAsync(
        Dictionary<string, string?>? settings = null, SandboxOptions? sandbox = null, TimeProvider? time = null,
        Action<IServiceCollection>? services = null,
        TimeProvider? sandboxTime = null) =>
        await BeginAsync(settings, sandbox, sandboxTime, async (app, all) =>
        {
            await app.PutNewDatabaseAsync();
            return new InProcess(all, time, services);
        });

    /// <inheritdoc cref="StartAsync"/>
    public static async Task<GenApiApp> StartProcessAsync(Dictionary<string, string?>? settings = null, SandboxOptions? sandbox = null) =>
        await BeginAsync(settings, sandbox, null, async (app, all) =>
        {
            await app.PutNewDatabaseAsync();
            return await SeparateProcess.StartAsync(all, app.Folder);
        });

    /// <summary>Stops the service as an operator would, and starts it again on the same folder with the same sandbox.</summary>
    public async Task RestartAsync(Dictionary<string, string?>? settings = null)
    {
        await StopAsync();
        await StartAgainAsync(settings);
    }

    public async Task StopAsync()
    {
        if (_host is { } host)
            await host.StopAsync();
        Forget();
    }

    /// <summary>kill -9; only for a separate process.</summary>
    public async Task KillAsync()
    {
        await _host!.KillAsync();
        _wasKilled = true;
        Forget();
    }

    /// <summary>
    /// Starts the service again on the same folder with the same sandbox. After a kill it runs in this process: only a service that is
    /// killed needs a separate one, which costs two seconds of processor time more.
    /// </summary>
    public Task StartAgainAsync(Dictionary<string, string?>? settings = null) =>
        LaunchAsync(_wasKilled ? all => Task.FromResult<IHost>(new InProcess(all, null, null)) : _start, settings);

    /// <summary>As <see cref="StartAgainAsync"/>, as a separate process that can be killed again.</summary>
    public Task StartProcessAgainAsync() => LaunchAsync(_start, null);

    private async Task LaunchAsync(Func<IReadOnlyDictionary<string, string?>, Task<IHost>> start, Dictionary<string, string?>? settings)
    {
        foreach (var (key, value) in settings ?? [])
            _settings[key] = value;
        foreach (var key in SecretFiles.Keys)
            Secrets.Add(_settings.GetValueOrDefault(key));
        _host = await start(_settings);
        Secrets.Keep(_host.Logs);
        if (_host.Process is { } process)
            Secrets.LookAt(process);
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = _host.Address,
            Timeout = TimeSpan.FromMinutes(1),
        };
    }

    /// <summary>
    /// Runs a verb with the service's settings, whether it is running or not. Without a verb, a start that must be refused.
    /// </summary>
    public async Task<(int ExitCode, string Output, string Errors)> VerbAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await ProgramHere.RunToEndAsync(_settings, Folder, arguments);
        Secrets.Look("what a verb said", output);
        Secrets.AddNew(output);
        Secrets.Look("what a verb said", errors);
        return (exitCode, output, errors);
    }

    /// <summary>Starts a verb in a separate process and does not wait for it.</summary>
    public Process StartVerb(params string[] arguments)
    {
        var process = BuiltProgram.Start("GenApi", arguments, _settings, Folder);
        Secrets.LookAt(process);
        return process;
    }

    /// <summary>Sends POST /generate with an anonymous object, or with a string as it is.</summary>
    public Task<Answer> GenerateAsync(object body, params (string Name, string Value)[] headers) => PostAsync("/generate", body, headers);

    public Task<Answer> PostAsync(string path, object? body = null, params (string Name, string Value)[] headers)
    {
        var text = body as string ?? (body is null ? null : JsonSerializer.Serialize(body));
        return SendAsync(HttpMethod.Post, path, text is null ? null : new StringContent(text, Encoding.UTF8, "application/json"), headers);
    }

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Answer> DeleteAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Delete, path, null, headers);

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        var answer = await Answer.ReadAsync(response);
        // A route that shows a secret shows it once, except webhook secrets, which are not keys.
        var shows = path.StartsWith("/accounts/", StringComparison.Ordinal) && answer.Body.AsSpan().IndexOf("\"secret\":"u8) >= 0
            ? answer["secret"].GetString()
            : null;
        if (shows is null || !path.Contains("/webhook-secret", StringComparison.Ordinal))
            Secrets.Look($"the answer to {method} {path}", answer.Body);
        foreach (var (name, value) in answer.Headers)
            Secrets.Look($"the header {name} of the answer to {method} {path}", value);
        Secrets.Add(shows);
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            foreach (var end in EndsBefore)
                await end();
            await StopAsync();
            await Store.LookAsync(Secrets);
            Secrets.End(Folder);
        }
        finally
        {
            if (_first is null)
                await Sandbox.DisposeAsync();
            if (_ownsStore)
                await Store.DisposeAsync();
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static async Task<GenApiApp> BeginAsync(
        Dictionary<string, string?>? settings,
        SandboxOptions? sandbox,
        TimeProvider? sandboxTime,
        Func<GenApiApp, IReadOnlyDictionary<string, string?>, Task<IHost>> start,
        GenApiApp? first = null,
        TestStore? store = null)
    {
        var server = first?.Sandbox ?? await SandboxServer.StartAsync(
            sandbox ?? new SandboxOptions { Speed = 0 }, sandboxTime, ct: TestContext.Current.CancellationToken);
        var app = new GenApiApp(server, settings, start) { _first = first };
        try
        {
            await app.UseStoreAsync(store);
            await app.StartAgainAsync();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static Dictionary<string, string?> Defaults(SandboxServer sandbox, string folder) => new()
    {
        ["Urls"] = "http://127.0.0.1:0",
        ["DataDirectory"] = Path.Combine(folder, "data"),
        ["Replicate:Mode"] = "replicate",
        ["Replicate:ApiToken"] = Token,
        ["Replicate:BaseUrl"] = sandbox.BaseUrl.ToString().TrimEnd('/'),
        ["Replicate:DeliveryHosts:0"] = sandbox.BaseUrl.Authority,
        ["Logging:LogLevel:Default"] = "Error",
        ["Logging:LogLevel:Microsoft"] = "Error",
    };

    private void Forget()
    {
        _client?.Dispose();
        (_client, _host) = (null, null);
    }
}
