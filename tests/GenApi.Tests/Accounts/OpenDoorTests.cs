using GenApi.Tests.Generations;
using GenApi.Tests.Hosting;

namespace GenApi.Tests.Accounts;

/// <summary>The service before its first key, and callers without a key.</summary>
public sealed class OpenDoorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-door-").FullName;

    [Fact]
    public async Task Without_a_key_this_machine_may_do_everything_and_one_line_says_so()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Logging:LogLevel:GenApi"] = "Information" });

        Assert.Equal(200, (await app.GenerateAsync(Requests.Small(1))).Status);
        Assert.Equal(200, (await app.GetAsync("/accounts/keys")).Status);
        Assert.Single(app.Logs, line => line.StartsWith("OPEN: there are no API keys", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example:8080")]
    [InlineData("192.0.2.7")]
    [InlineData("0177.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("[::ffff:192.0.2.7]")]
    [InlineData("pictures.example.evil.example")]
    public async Task A_name_that_a_stranger_can_point_here_is_refused(string host)
    {
        await using var app = await GenApiApp.StartAsync();

        var answer = await app.GetAsync("/generations", ("Host", host));

        Assert.Equal((403, "forbidden"), (answer.Status, answer.Code));
        Assert.Equal(200, (await app.GetAsync("/health/live", ("Host", host))).Status);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:1234")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]:8080")]
    [InlineData("localhost.")]
    [InlineData("[0:0:0:0:0:0:0:1]")]
    [InlineData("[::ffff:127.0.0.1]:80")]
    [InlineData("pictures.example:99")]
    [InlineData("PICTURES.example.")]
    [InlineData("xn--bcher-kva.example")]
    public async Task A_name_of_this_machine_or_one_that_is_allowed_is_served(string host)
    {
        await using var app = await GenApiApp.StartAsync(
            new() { ["Accounts:AllowedHosts:0"] = "Pictures.Example.", ["Accounts:AllowedHosts:1"] = "Bücher.example" });

        Assert.Equal(200, (await app.GetAsync("/generations", ("Host", host))).Status);
    }

    [Theory]
    [InlineData("https://evil.example", 403)]
    [InlineData("null", 403)]
    [InlineData("http://127.0.0.1:1", 403)]
    [InlineData("self", 200)]
    [InlineData(null, 200)]
    public async Task A_page_of_another_origin_changes_nothing(string? origin, int status)
    {
        await using var app = await GenApiApp.StartAsync();
        var headers = origin is null ? [] : new[] { ("Origin", origin == "self" ? app.Address.ToString().TrimEnd('/') : origin) };

        var answer = await app.GenerateAsync(Requests.Small(1), headers);

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? 1 : 0, app.Sandbox.Stats.CreationAttempts);
    }

    [Theory]
    [InlineData("cross-site", null, 403)]
    [InlineData("same-site", null, 403)]
    [InlineData("same-origin", null, 404)]
    [InlineData("none", null, 404)]
    [InlineData("same-origin", "http://evil.example", 403)]
    [InlineData("cross-site", "https://app.example", 404)]
    public async Task A_browser_that_names_no_origin_says_by_another_header_whose_page_it_is(string site, string? origin, int status)
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Hosting:CorsOrigins:0"] = "https://app.example" });
        (string, string)[] headers = [("Sec-Fetch-Site", site), .. origin is null ? [] : new[] { ("Origin", origin) }];

        var answer = await app.PostAsync("/generations/gen_01m874sb8sejtsw12hbne676v8/cancel", null, headers);

        Assert.Equal(status, answer.Status);
        // A link on any page may lead here.
        Assert.Equal(200, (await app.GetAsync("/generations", headers)).Status);
    }

    [Theory]
    [InlineData(
        "Forwarded", "Via", "CDN-Loop", "Client-IP", "True-Client-IP", "Front-End-Https", "X-Client-IP", "X-Cluster-Client-IP",
        "X-ProxyUser-Ip", "X-Real-IP", "x-scheme")]
    [InlineData(
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server",
        "X-Forwarded", "X-FORWARDED-SSL")]
    [InlineData("X-Original-For", "X-Original-Host", "X-Original-Proto", "X-Original-URL", "X-Original-Forwarded-For")]
    [InlineData(
        "CF-Connecting-IP", "CF-Ray", "Fly-Client-IP", "Fly-Region", "Fastly-Client-IP", "CloudFront-Viewer-Address", "X-Amzn-Trace-Id",
        "X-Amz-Cf-Id")]
    [InlineData(
        "X-Envoy-External-Address", "X-Azure-ClientIP", "X-ARR-SSL", "X-Vercel-Id", "X-NF-Client-Connection-IP", "X-AppEngine-User-IP",
        "Tailscale-User-Login", "Proxy-Connection")]
    public async Task What_a_proxy_brings_in_is_not_this_machine(params string[] headers)
    {
        await using var app = await GenApiApp.StartAsync();

        foreach (var header in headers)
        {
            var answer = await app.GetAsync("/generations", (header, "192.0.2.7"));
            Assert.True((403, "forbidden") == (answer.Status, answer.Code), header);
        }
        // Headers that programs on this machine send by themselves.
        Assert.Equal(
            200,
            (
                await app.GetAsync(
                    "/generations", ("X-Request-Id", "1"), ("X-Api-Version", "1"), ("Prefer", "wait=1"),
                    ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))).Status);
    }

    [Fact]
    public async Task The_first_key_closes_the_door_for_good()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(GenApi.Sandbox.Control.FaultKind.RunHeldProcessing);
        var waiting = app.GenerateAsync(Requests.Small(1));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        var made = await app.PostAsync("/accounts/keys", new { name = "operations", rights = (string[])["admin"] });
        var admin = Keys.Of(made["secret"].GetString()!);

        Assert.Equal(401, (await waiting).Status);
        Assert.Equal(401, (await app.GetAsync("/generations")).Status);
        Assert.Equal(200, (await app.GetAsync("/generations", admin)).Status);
        // A revoked key does not open it again.
        await app.DeleteAsync($"/accounts/keys/{made.Id}", admin);
        await app.RestartAsync();
        Assert.Equal(401, (await app.GetAsync("/generations")).Status);
        held.Release();
    }

    [Fact]
    public async Task On_any_other_address_a_start_without_a_key_is_refused_with_a_sentence_that_helps()
    {
        var (exitCode, output, errors) = await StartAsync();

        StartupTests.AssertOneSentence(exitCode, output, errors);
        Assert.StartsWith(
            "Accounts: there is no API key yet, and http://0.0.0.0:0 can be reached from other machines.", errors,
            StringComparison.Ordinal);
        Assert.All(
            (string[])["keys create --name operations --admin --DataDirectory=", "Accounts:AdminKey", "Accounts:AllowAnonymous=true"],
            way => Assert.Contains(way, errors, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kestrels_own_section_is_looked_at_too()
    {
        var (exitCode, _, errors) = await StartAsync(("Urls", "http://127.0.0.1:0"), ("Kestrel:Endpoints:Http:Url", "http://*:0"));

        Assert.Equal(1, exitCode);
        Assert.StartsWith("Accounts: there is no API key yet, and http://*:0", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Accounts:AdminKey", "short")]
    [InlineData("Accounts:AdminKey", "with a space in it, though it is long enough")]
    public async Task An_admin_key_that_can_be_guessed_is_refused_and_not_repeated(string key, string value)
    {
        var (exitCode, output, errors) = await StartAsync((key, value));

        Assert.Equal(1, exitCode);
        Assert.StartsWith("Accounts:AdminKey: this value is not allowed. Allowed: 32 to 200", errors, StringComparison.Ordinal);
        Assert.DoesNotContain(value, output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anonymous_callers_generate_and_read_where_that_is_allowed_and_no_more()
    {
        await using var app = await GenApiApp.StartProcessAsync(
            new()
            {
                ["Urls"] = "http://0.0.0.0:0",
                ["Accounts:AllowAnonymous"] = "true",
                ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Information",
            });
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{app.Address.Port}") };
        async Task<int> AskAsync(string path, string? key = null, string? host = null, HttpMethod? method = null)
        {
            using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
            if (key is not null)
                request.Headers.TryAddWithoutValidation("X-Api-Key", key);
            if (host is not null)
                request.Headers.Host = host;
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return (int)answer.StatusCode;
        }

        Assert.Equal(200, await AskAsync("/generations"));
        Assert.Equal(200, await AskAsync("/generations", host: "genapi"));
        Assert.Equal(403, await AskAsync("/generations", host: "evil.example"));
        Assert.Equal(401, await AskAsync("/accounts/keys"));
        // A wrong key never counts as no key.
        Assert.Equal(401, await AskAsync("/generations", key: "genapi_wrong"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<(int ExitCode, string Output, string Errors)> StartAsync(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?> { ["Urls"] = "http://0.0.0.0:0", ["DataDirectory"] = Path.Combine(_folder, "data") };
        foreach (var (key, value) in more)
            settings[key] = value;
        return ProgramHere.RunToEndAsync(settings, _folder);
    }
}
