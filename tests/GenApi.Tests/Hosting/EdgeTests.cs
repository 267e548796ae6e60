using System.Text;
using GenApi.Hosting.OpenApi;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Hosting;

/// <summary>The headers for browsers and proxies, and the trusted headers of proxies.</summary>
public sealed class EdgeTests
{
    private const string Page = "https://app.example";

    [Fact]
    public async Task Every_answer_tells_browsers_to_run_and_frame_nothing_and_names_no_server()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        var image = await app.GetAsync(made.ImageUrl().PathAndQuery);

        Answer[] answers =
        [
            made, image, await app.GenerateAsync(Requests.Small(1)), await app.GetAsync("/nothing"), await app.GetAsync("/generate"),
            await app.GenerateAsync("{"), await app.GetAsync("/images/img_1"),
            await app.GetAsync(made.ImageUrl().PathAndQuery, ("If-None-Match", image.Header("ETag")!)),
            await app.GetAsync("/health/live"), await app.GetAsync("/"),
            await app.GetAsync("/swagger/index.html"), await app.GetAsync("/generations", ("Host", "evil.example")),
        ];

        Assert.Equal([200, 200, 200, 404, 405, 400, 404, 304, 200, 200, 200, 403], answers.Select(answer => answer.Status));
        Assert.All(answers, answer =>
        {
            Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
            Assert.Equal("no-referrer", answer.Header("Referrer-Policy"));
            Assert.Equal("DENY", answer.Header("X-Frame-Options"));
            Assert.StartsWith("default-src 'none'; ", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe-eval", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.Null(answer.Header("Server"));
        });
    }

    [Fact]
    public async Task Pages_of_other_origins_are_told_nothing_until_they_are_named()
    {
        await using var app = await Keys.StartAsync();

        var answer = await app.GetAsync("/models", Keys.AsAdmin, ("Origin", Page));
        var preflight = await PreflightAsync(app, Page);

        Assert.Equal(200, answer.Status);
        Assert.Null(answer.Header("Access-Control-Allow-Origin"));
        Assert.Equal(405, preflight.Status);
        Assert.Null(preflight.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_page_that_is_named_may_ask_and_no_other_may()
    {
        await using var app = await Keys.StartAsync(new() { ["Hosting:CorsOrigins:0"] = Page + "/", ["Accounts:AllowAnonymous"] = "true" });

        var preflight = await PreflightAsync(app, Page);
        var answer = await app.GetAsync("/models", Keys.AsAdmin, ("Origin", Page));
        var refused = await app.GetAsync("/nothing", ("Origin", Page));
        var stranger = await PreflightAsync(app, "https://app.example.evil.example");

        Assert.Equal((204, Page), (preflight.Status, preflight.Header("Access-Control-Allow-Origin")));
        Assert.Equal("authorization,content-type", preflight.Header("Access-Control-Allow-Headers"));
        Assert.Equal(Page, answer.Header("Access-Control-Allow-Origin"));
        Assert.Contains("X-Request-Id", answer.Header("Access-Control-Expose-Headers"), StringComparison.Ordinal);
        Assert.Null(answer.Header("Access-Control-Allow-Credentials"));
        Assert.Equal((404, Page), (refused.Status, refused.Header("Access-Control-Allow-Origin")));
        Assert.Null(stranger.Header("Access-Control-Allow-Origin"));
        // A caller without a key may change something from this page only.
        Assert.Equal(200, (await app.GenerateAsync(Requests.Small(1), ("Origin", Page))).Status);
        Assert.Equal(403, (await app.GenerateAsync(Requests.Small(2), ("Origin", "https://evil.example"))).Status);
    }

    [Fact]
    public async Task A_proxy_is_believed_only_where_it_is_known()
    {
        (string, string)[] forwarded =
        [
            Keys.AsAdmin, ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "pictures.example"), ("X-Forwarded-For", "192.0.2.7"),
        ];
        await using var app = await Keys.StartAsync();
        Assert.Equal(app.Address.Authority, (await app.GenerateAsync(Requests.Small(1), forwarded)).ImageUrl().Authority);

        await app.RestartAsync(new() { ["Hosting:KnownProxies:0"] = "192.0.2.0/24" });
        Assert.Equal(app.Address.Authority, (await app.GenerateAsync(Requests.Small(1), forwarded)).ImageUrl().Authority);

        await app.RestartAsync(new() { ["Hosting:KnownProxies:1"] = "::ffff:127.0.0.0/104" });
        Assert.StartsWith("https://pictures.example/images/img_",
            (await app.GenerateAsync(Requests.Small(1), forwarded)).ImageUrl().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_known_proxy_brings_in_is_not_this_machine_whatever_it_says()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Hosting:KnownProxies:0"] = "127.0.0.1" });

        Assert.Equal(403, (await app.GetAsync("/generations", ("X-Forwarded-For", "127.0.0.1"))).Status);
        Assert.Equal(403, (await app.GetAsync("/generations", ("X-Forwarded-For", "192.0.2.7"))).Status);
        Assert.Equal(200, (await app.GetAsync("/generations")).Status);
    }

    /// <summary>HTTP allows an empty host, and a client may send one that no address can have.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("127.0.0.1:99999")]
    public async Task A_host_that_names_nothing_is_no_failure(string host)
    {
        await using var app = await Keys.StartAsync();
        await app.GenerateAsync(Requests.Small(1), Keys.AsAdmin);
        using var connection = await RawConnection.OpenAsync(app.Address, TestContext.Current.CancellationToken);
        var answers = new List<Answer>();
        foreach (var path in new[] { "/status", "/models", "/generations" })
        {
            var request = $"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {Keys.Admin}\r\n\r\n";
            await connection.SendAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
            answers.Add((await connection.ReadAsync(hasBody: true, leavesStreams: false, TestContext.Current.CancellationToken))!);
        }

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        // Links lead to where the request came from all the same.
        var authority = host.Length == 0 ? app.Address.GetLeftPart(UriPartial.Authority) : $"http://{host}";
        Assert.Contains($"\"{authority}/images/", Encoding.UTF8.GetString(answers[2].Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_is_sent_to_https_and_https_is_stayed_with()
    {
        await using var app = await Keys.StartAsync(new() { ["Hosting:HttpsPort"] = "8443", ["Hosting:KnownProxies:0"] = "127.0.0.1" });

        var plain = await app.GenerateAsync(Requests.Small(1), Keys.AsAdmin, ("Host", "pictures.example"));
        var safe = await app.GetAsync("/models", Keys.AsAdmin, ("Host", "pictures.example"), ("X-Forwarded-Proto", "https"));

        Assert.Equal((308, "https://pictures.example:8443/generate"), (plain.Status, plain.Header("Location")));
        Assert.Equal(0, app.Sandbox.Stats.CreationAttempts);
        Assert.Null(plain.Header("Strict-Transport-Security"));
        Assert.Equal(200, safe.Status);
        Assert.Equal("max-age=2592000", safe.Header("Strict-Transport-Security"));
        Assert.Equal(200, (await app.GetAsync("/health/live")).Status);
    }

    [Fact]
    [OnlyOnSqlite]
    [OnlyOnDisk]
    public async Task What_is_kept_on_the_disk_is_for_the_services_user_alone()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));

        string[] made = [app.DataDirectory, .. Directory.GetFileSystemEntries(app.DataDirectory, "*", SearchOption.AllDirectories)];

        Assert.Contains(made, path => path.EndsWith("genapi.db-wal", StringComparison.Ordinal));
        Assert.Contains(made, path => path.Contains("/blobs/", StringComparison.Ordinal) && File.Exists(path));
        foreach (var path in made)
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & (UnixFileMode)0b000_111_111);
    }

    [Fact]
    public void The_page_of_the_document_has_a_policy_with_the_hash_of_its_script() =>
        Assert.Contains("script-src 'self' 'sha256-", OpenApiSetup.PagePolicy.ToString(), StringComparison.Ordinal);

    private static Task<Answer> PreflightAsync(GenApiApp app, string origin) => app.SendAsync(HttpMethod.Options, "/generate", null,
        ("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type"));
}
