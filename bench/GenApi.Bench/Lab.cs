using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GenApi.Bench.Rivals;

namespace GenApi.Bench;

/// <summary>The temporary folder of one part and the processes it starts, on free loopback ports. Disposing removes everything.</summary>
internal sealed class Lab : IAsyncDisposable
{
    public const string Token = "r8_benchmarks0000000000000000000000000000";

    private readonly List<Server> _servers = [];
    private readonly string _root = FindRoot();

    public Lab(BenchSettings settings, string part)
    {
        Settings = settings;
        Folder = Path.Combine(settings.Folder, $"genapi-bench-{part}-{Environment.ProcessId}");
        Directory.CreateDirectory(Folder);
    }

    public BenchSettings Settings { get; }

    public string Folder { get; }

    public string WrkScript => Path.Combine(_root, "bench", "wrk", "request.lua");

    /// <summary>Starts the published Release build in Production. Its log goes to a file.</summary>
    /// <param name="upstream">The upstream to use as Replicate.</param>
    /// <param name="data">The name of the data folder. The same name means the same store.</param>
    /// <param name="settings">Additional settings, as <c>Section__Key</c>.</param>
    /// <param name="cancellationToken">Cancels the wait for the start.</param>
    /// <param name="build">The folder of another build; null: the present one.</param>
    /// <returns>The server, and the time from the start of the process to the first 200 of /health/ready.</returns>
    public async Task<(Server Server, TimeSpan Took)> StartGenApiAsync(
        Uri? upstream, string data, IReadOnlyDictionary<string, string>? settings, CancellationToken cancellationToken,
        string? build = null)
    {
        var url = FreeUrl();
        var environment = new Dictionary<string, string>(settings ?? new Dictionary<string, string>())
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Urls"] = url.GetLeftPart(UriPartial.Authority),
            ["DataDirectory"] = Path.Combine(Folder, data),
        };
        if (upstream is not null)
        {
            environment["Replicate__Mode"] = "replicate";
            environment["Replicate__BaseUrl"] = upstream.GetLeftPart(UriPartial.Authority);
            environment["Replicate__ApiToken"] = Token;
            // The benchmark measures our own work; Replicate's limits would dominate every figure.
            environment.TryAdd("Replicate__CreationsPerMinute", "1000000");
            environment.TryAdd("Replicate__ReadsPerMinute", "1000000");
            environment["Replicate__DeliveryHosts__0"] = upstream.Authority;
        }
        var since = Stopwatch.GetTimestamp();
        var server = Add("genapi", url, [Dotnet, Published("GenApi", build)], environment);
        return (server, await server.ReadyAsync("health/ready", since, cancellationToken));
    }

    /// <param name="speed">0: no artificial delays; 1: the speed of the real models.</param>
    /// <param name="cancellationToken">Cancels the wait for the start.</param>
    public async Task<Server> StartSandboxAsync(double speed, CancellationToken cancellationToken)
    {
        var url = FreeUrl();
        var server = Add("sandbox", url, [Dotnet, Published("GenApi.Sandbox")], new Dictionary<string, string>
        {
            ["Sandbox__Urls"] = url.GetLeftPart(UriPartial.Authority),
            ["Sandbox__Speed"] = speed.ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
        await server.ReadyAsync("sandbox/stats", Stopwatch.GetTimestamp(), cancellationToken);
        return server;
    }

    /// <param name="answerFile">An answer of GenApi. The rival writes one of the same shape and size.</param>
    /// <param name="cancellationToken">Cancels the wait for the start.</param>
    public async Task<Server> StartRivalAsync(string answerFile, CancellationToken cancellationToken)
    {
        var url = FreeUrl();
        var server = Add(
            "kestrel",
            url,
            [Dotnet, typeof(Lab).Assembly.Location, "rival", url.AbsoluteUri, answerFile],
            new Dictionary<string, string>());
        await server.ReadyAsync("ready", Stopwatch.GetTimestamp(), cancellationToken);
        return server;
    }

    /// <summary>Starts the sandbox with output files of a requested size.</summary>
    public async Task<Server> StartFrontAsync(Server sandbox, CancellationToken cancellationToken)
    {
        var url = FreeUrl();
        var server = Add(
            "front",
            url,
            [Dotnet, typeof(Lab).Assembly.Location, "front", url.AbsoluteUri, sandbox.BaseUrl.AbsoluteUri],
            new Dictionary<string, string>());
        await server.ReadyAsync("bench/ready", Stopwatch.GetTimestamp(), cancellationToken);
        return server;
    }

    /// <param name="files">The folder that it serves.</param>
    /// <param name="probe">One of those files. Its first 200 shows that the server is ready.</param>
    /// <param name="cancellationToken">Cancels the wait for the start.</param>
    public async Task<Server> StartNginxAsync(string files, string probe, CancellationToken cancellationToken)
    {
        var url = FreeUrl();
        var configuration = Path.Combine(Folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, NginxConfiguration.For(url.Port, Folder, files), cancellationToken);
        var server = Add("nginx", url, ["nginx", "-p", Folder, "-c", configuration, "-e", "stderr"], new Dictionary<string, string>());
        await server.ReadyAsync(probe, Stopwatch.GetTimestamp(), cancellationToken);
        return server;
    }

    /// <summary>Starts npm's Portkey gateway, with an upstream that answers every POST with the bytes of a file.</summary>
    public async Task<(Server Portkey, Server Upstream)> StartPortkeyAsync(string answerFile, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "portkey")).FullName;
        await Portkey.InstallAsync(folder, cancellationToken);
        var answers = FreeUrl();
        var upstream = Add(
            "upstream",
            answers,
            [Dotnet, typeof(Lab).Assembly.Location, "answer", answers.AbsoluteUri, answerFile],
            new Dictionary<string, string>());
        await upstream.ReadyAsync("ready", Stopwatch.GetTimestamp(), cancellationToken);
        var url = FreeUrl();
        var portkey = Add("portkey", url, Portkey.Command(folder, url.Port), new Dictionary<string, string>());
        await portkey.ReadyAsync("", Stopwatch.GetTimestamp(), cancellationToken);
        return (portkey, upstream);
    }

    public async Task StopAsync(Server server)
    {
        _servers.Remove(server);
        await server.DisposeAsync();
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync(Server server)
    {
        await server.Child.KillAsync();
        await StopAsync(server);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Enumerable.Reverse(_servers))
            await server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The dotnet that runs this program also runs the others.</summary>
    private static string Dotnet => Environment.ProcessPath ?? "dotnet";

    private Server Add(string name, Uri url, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    {
        var server = new Server(Child.Start(name, command, environment, Folder), url);
        _servers.Add(server);
        return server;
    }

    /// <summary>The published program of a build.</summary>
    public static string PublishedFolder(string build, string project = "GenApi") =>
        Path.Combine(build, "artifacts", "publish", project, "release");

    private string Published(string project, string? build = null)
    {
        // Two builds that are compared have the same upstream, the new one's.
        var otherwise = Environment.GetEnvironmentVariable("BENCH_NEW") is { Length: > 0 } compared ? compared : _root;
        var file = Path.Combine(PublishedFolder(build ?? otherwise, project), $"{project}.dll");
        return File.Exists(file) ? file : throw new BenchException($"{file} is missing; start the measurements with bench/run.sh.");
    }

    private static Uri FreeUrl()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GenApi.sln")))
                return folder.FullName;
        }
        throw new BenchException("GenApi.sln is nowhere above this program.");
    }
}
