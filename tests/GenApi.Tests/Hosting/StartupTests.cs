using System.Net;
using System.Net.Sockets;

namespace GenApi.Tests.Hosting;

/// <summary>
/// A mistake of the operator ends the start at once, with exit code 1 and one sentence on stderr that begins with the key.
/// </summary>
public sealed class StartupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-start-").FullName;

    public static TheoryData<string, string, string> Refusals => new()
    {
        // key, value, the beginning of the sentence
        { "Generations:DefaultWaitSeconds", "301", "Generations:DefaultWaitSeconds: 301 is not allowed. Allowed: 0 to 300." },
        { "Generations:MaxQueue", "5", "Generations:MaxQueue: there is no such setting. Did you mean Generations:MaxQueued?" },
        { "Replicate:Mode", "replica", "Replicate:Mode" },
        { "Replicate:Mode", "replicate", "Replicate:ApiToken" },
        { "Models:Default", "nosuchalias", "Models:Default" },
        { "Models:Prices:me/mine:PerImge", "0.01",
            "Models:Prices:me/mine:PerImge: there is no such setting. Did you mean Models:Prices:me/mine:PerImage?" },
        { "Models:Prices:me/mine:PerImage", "a cent", "Models:Prices:me/mine:PerImage: 'a cent' is not a number." },
        { "Models:Prices:me/mine:Hardware", "gpu-l40", "Models:Prices:me/mine:Hardware must be one of cpu-small, cpu, gpu-t4" },
        { "Models:Prices:black-forest-labs/flux-dev:Private", "true",
            "Models:Prices:black-forest-labs/flux-dev must have Hardware, PerRun, PerImage or PerMegapixel." },
        { "Models:Prices:me/mine:MostImages", "many", "Models:Prices:me/mine:MostImages: 'many' is not a whole number." },
        { "Accounts:AllowedHosts:0", "pictures.example:99", "Accounts:AllowedHosts must hold names or addresses without a port" },
        { "Hosting:KnownProxies:0", "010.0.0.0/8", "Hosting:KnownProxies: '010.0.0.0/8' is not allowed." },
        { "Replicate:DeliveryHosts:0", "0177.0.0.1:9000", "Replicate:DeliveryHosts must hold entries such as host, *.host or host:port" },
        { "Models:Aliases:sdxl:Price:PerMegapixel", "-1",
            "Models:Aliases:sdxl:Price:PerMegapixel must be US dollars from 0 to 1000; it is -1." },
        { "Models:Hardware:gpu-b300", "1.5 cents", "Models:Hardware:gpu-b300: '1.5 cents' is not a number." },
        { "Database:Provider", "oracle", "Database:Provider" },
        { "Blobs:Provider", "tape", "Blobs:Provider" },
        { "Images:CacheControl", "maybe", "Images:CacheControl" },
        { "Uploads:KeepHours", "0", "Uploads:KeepHours: 0 is not allowed. Allowed: 1 to 87600." },
        { "Models:Aliases:odd:MaskRepaints", "grey", "Models:Aliases:odd:MaskRepaints" },
        { "Webhooks:PublicUrl", "http://example.com", "Webhooks:PublicUrl must be an https URL" },
        { "Webhooks:PublicUrl", "https://example.com/?a=b", "Webhooks:PublicUrl must be an https URL without user, query and fragment" },
        { "Webhooks:ReplicateSecrets:0", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "Webhooks:ReplicateSecrets must hold secrets of the form whsec_" },
        { "Webhooks:SigningSecret", "whsec_c2hvcnQ=", "Webhooks:SigningSecret must be whsec_ and the base64 of 24 to 64 bytes" },
        { "Webhooks:AllowedPrivateHosts:0", "https://intern/", "Webhooks:AllowedPrivateHosts must hold entries such as host or host:port" },
        { "Webhooks:AllowedHosts:0", "intern", "Webhooks:AllowedHosts: there is no such setting" },
        { "Logging:LogLevel:Default", "Loud", "Logging:LogLevel:Default" },
        { "Urls", "nonsense", "Urls: 'nonsense' is not an address to listen on. Allowed: http://host:port" },
        { "Urls", "http://192.0.2.1:8080", "Urls: can't listen on 'http://192.0.2.1:8080'" },
        { "Urls", "http://127.0.0.1:70000", "Urls: 'http://127.0.0.1:70000' has the port 70000. Allowed: 0 to 65535" },
        { "Urls", "http://127.0.0.1:http", "Urls: 'http://127.0.0.1:http' is not an address to listen on." },
        { "Urls", "http://256.0.0.1:8080", "Urls: 'http://256.0.0.1:8080' is not an address to listen on." },
        { "Urls", "http://127.0.0.1:0/api", "Urls: 'http://127.0.0.1:0/api' is not an address to listen on." },
        { "Urls", "http://localhost:0", "Urls: 'http://localhost:0' names two addresses, which can't share a port that is not known yet." },
        { "Urls", "http://127.0.0.1:0;ftp://127.0.0.1:0", "Urls: 'ftp://127.0.0.1:0' is not an address to listen on." },
        { "Urls", "http://localhost:47113;http://127.0.0.1:47113",
            "Urls: 'http://127.0.0.1:47113' and 'http://localhost:47113' are the same port of the same address." },
        { "Urls", "http://127.0.0.1:47113;http://*:47113",
            "Urls: 'http://*:47113' and 'http://127.0.0.1:47113' are the same port of the same address." },
        { "Urls", " ", "Urls: there is no address to listen on." },
        { "Kestrel:Endpoints:Http:Url", "http://127.0.0.1:70000",
            "Kestrel:Endpoints:Http:Url: 'http://127.0.0.1:70000' has the port 70000." },
        { "DataDirectry", "/tmp/x", "--DataDirectry: there is no such setting. Did you mean --DataDirectory?" },
        { "Generation:MaxQueued", "5", "--Generation:MaxQueued: there is no such setting. Did you mean --Generations:MaxQueued?" },
        { "Verbose", "true", "--Verbose: there is no such setting." },
        { "r8_0123456789abcdefghijklmnopqrstuvwxyzX", "", "--r8_…: there is no such setting." },
        { "Accounts:AdminKey", "guess", "Accounts:AdminKey" },
        { "Accounts:AllowAnonymos", "true", "Accounts:AllowAnonymos: there is no such setting. Did you mean Accounts:AllowAnonymous?" },
        { "Hosting:CorsOrigins:0", "app.example", "Hosting:CorsOrigins: 'app.example' is not an origin." },
        { "Hosting:CorsOrigins:0", "*", "Hosting:CorsOrigins: '*' is not an origin." },
        { "Hosting:PathBase", "genapi", "Hosting:PathBase: 'genapi' is not allowed. Allowed: a path such as /genapi" },
        { "Hosting:PathBase", "/a/../b", "Hosting:PathBase: '/a/../b' is not allowed." },
        { "Hosting:PathBase", "https://tools.example/genapi", "Hosting:PathBase: 'https://tools.example/genapi' is not allowed." },
        { "Hosting:KnownProxies:0", "proxy", "Hosting:KnownProxies: 'proxy' is not allowed." },
        { "Accounts:AdminKey_FILE", "/nowhere/key", "Accounts:AdminKey_FILE: the file '/nowhere/key' can't be read" },
        { "Telemetry:OtlpEndpoint", "collector:4318", "Telemetry:OtlpEndpoint: 'collector:4318' is not allowed." },
        { "DataDirectory", "/dev/null/data", "DataDirectory" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_setting_that_can_not_be_used_ends_the_process_with_one_sentence(string key, string value, string beginning)
    {
        var (exitCode, output, errors) = await ProgramHere.RunToEndAsync(Settings((key, value)), _folder);

        Assert.StartsWith(beginning, errors, StringComparison.Ordinal);
        AssertOneSentence(exitCode, output, errors);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_told_by_its_key()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        foreach (var url in (string[])[$"http://127.0.0.1:{port}", $"http://localhost:{port}", $"http://*:{port}"])
        {
            var (exitCode, output, errors) = await ProgramHere.RunToEndAsync(Settings(("Urls", $"http://127.0.0.1:0;{url}")), _folder);

            Assert.Equal($"Urls: '{url}' is in use by another process.\n", errors);
            AssertOneSentence(exitCode, output, errors);
        }
        // The start was refused before it did anything.
        Assert.False(Directory.Exists(Path.Combine(_folder, "data")));
    }

    [Theory]
    [InlineData("-v: there is no such option.", "-v")]
    [InlineData("-v: there is no such option.", "-v=1")]
    [InlineData("serve: there is no such option.", "--Urls=http://127.0.0.1:0", "serve")]
    [InlineData("r8_…: there is no such option.", "--Urls=http://127.0.0.1:0", "r8_0123456789abcdefghijklmnopqrstuvwxyzX")]
    [InlineData("--DataDirectory: its value is missing.", "--DataDirectory")]
    [InlineData("--DataDirectory: its value is missing.", "--DataDirectory", "--Urls=http://127.0.0.1:0")]
    [InlineData("/etc/genapi: there is no such setting.", "--Urls=http://127.0.0.1:0", "/etc/genapi", "x")]
    [InlineData("Urll: there is no such setting. Did you mean Urls?", "Urll=http://127.0.0.1:0")]
    public async Task What_the_command_line_would_pass_over_ends_the_start(string beginning, params string[] arguments)
    {
        var (exitCode, output, errors) = await ProgramHere.RunAsync(arguments);

        Assert.StartsWith(beginning, errors, StringComparison.Ordinal);
        AssertOneSentence(exitCode, output, errors);
    }

    [Fact]
    public async Task A_section_of_the_settings_file_that_is_none_ends_the_start()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "appsettings.json"), """{ "$schema": "x", "Generation": { "MaxQueued": 5 } }""",
            TestContext.Current.CancellationToken);

        var (exitCode, output, errors) = await ProgramHere.RunToEndAsync(Settings(), _folder);

        Assert.Equal("Generation: there is no such setting (in appsettings.json). Did you mean Generations?\n", errors);
        AssertOneSentence(exitCode, output, errors);
    }

    [Theory]
    [InlineData("Urls", "https://127.0.0.1:0", "Kestrel:Certificates:Default:Path")]
    [InlineData("Kestrel:Endpoints:Own:Url", "https://127.0.0.1:0", "Kestrel:Endpoints:Own:Certificate:Path")]
    public async Task A_certificate_that_is_not_there_is_told(string key, string url, string path)
    {
        var (exitCode, output, errors) = await ProgramHere.RunToEndAsync(Settings((key, url), (path, "/nowhere/certificate.pfx")), _folder);

        Assert.StartsWith($"{key}: https can't be offered on '{url}' (", errors, StringComparison.Ordinal);
        Assert.Contains("/nowhere/certificate.pfx", errors, StringComparison.Ordinal);
        AssertOneSentence(exitCode, output, errors);
        Assert.False(Directory.Exists(Path.Combine(_folder, "data")));
    }

    [Fact]
    public async Task A_folder_of_settings_that_is_not_there_is_told()
    {
        var (exitCode, output, errors) = await ProgramHere.RunAsync("--contentRoot=/nowhere/at/all");

        Assert.StartsWith("contentRoot: ", errors, StringComparison.Ordinal);
        AssertOneSentence(exitCode, output, errors);
    }

    [Fact]
    public async Task A_data_directory_has_one_owner()
    {
        await using var owner = await GenApiApp.StartAsync();

        var (exitCode, output, errors) = await GenApiApp.RunToEndAsync(Settings(("DataDirectory", owner.DataDirectory)), _folder);

        AssertOneSentence(exitCode, output, errors);
        Assert.StartsWith("DataDirectory", errors, StringComparison.Ordinal);
        Assert.Contains("another GenApi process uses", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_was_spoilt_is_told_and_left_as_it_is()
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName, "webhook-signing-secret");
        await File.WriteAllTextAsync(file, "whsec_half", TestContext.Current.CancellationToken);

        var (exitCode, _, errors) = await ProgramHere.RunToEndAsync(Settings(), _folder);

        Assert.Equal(1, exitCode);
        Assert.StartsWith("Webhooks: the file 'webhook-signing-secret' in the data directory must hold whsec_", errors,
            StringComparison.Ordinal);
        Assert.DoesNotContain("whsec_half", errors, StringComparison.Ordinal);
        Assert.Equal("whsec_half", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_settings_file_that_is_no_JSON_is_named()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "appsettings.json"), "{ \"Urls\": ", TestContext.Current.CancellationToken);

        var (exitCode, _, errors) = await ProgramHere.RunToEndAsync(Settings(), _folder);

        Assert.Equal(1, exitCode);
        Assert.StartsWith("appsettings.json: ", errors, StringComparison.Ordinal);
        Assert.Single(errors.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_env_file_that_can_not_be_read_is_told_by_line_and_without_its_text()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, ".env"), "# ours\nr8_secret_without_a_name\n",
            TestContext.Current.CancellationToken);

        var (exitCode, _, errors) = await GenApiApp.RunToEndAsync(Settings(), _folder);

        Assert.Equal(1, exitCode);
        Assert.Equal(".env: line 2 is not of the form KEY=VALUE.", errors.Trim());
    }

    [Fact]
    public async Task A_token_in_a_env_file_is_used_and_never_logged_and_the_process_stops_in_order()
    {
        await using var app = await GenApiApp.StartProcessAsync(new()
        {
            ["Replicate:ApiToken"] = "",
            ["Replicate:Mode"] = "sandbox",
            ["Logging:LogLevel:Default"] = "Debug",
            ["Logging:LogLevel:Microsoft"] = "Information",
        });
        await app.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(app.Folder, ".env"), $"export REPLICATE_API_TOKEN=\"{GenApiApp.Token}\" # ours\n",
            TestContext.Current.CancellationToken);

        await app.StartAgainAsync(new() { ["Replicate:Mode"] = "replicate" });
        var answer = await app.GetAsync("/health/ready");

        Assert.Equal("set", answer["checks", "upstream", "facts", "token"].GetString());
        Assert.DoesNotContain(app.Logs, line => line.Contains(GenApiApp.Token, StringComparison.Ordinal));
    }

    /// <summary>Expects exit code 1, one line on stderr and nothing on stdout.</summary>
    internal static void AssertOneSentence(int exitCode, string output, string errors)
    {
        Assert.Equal((1, ""), (exitCode, output));
        Assert.EndsWith("\n", errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Dictionary<string, string?> Settings(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["DataDirectory"] = Path.Combine(_folder, "data"),
            ["Accounts:AllowAnonymous"] = "true",
        };
        foreach (var (key, value) in more)
            settings[key] = value;
        return settings;
    }
}
