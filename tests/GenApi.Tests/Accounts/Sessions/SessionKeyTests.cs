using GenApi.Tests.Generations;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Accounts.Sessions;

/// <summary>The keys that encrypt cookies, and services that need no key.</summary>
[OnlyOnSqlite]
public sealed class SessionKeyTests
{
    private const string Cookie = "genapi-session";

    [Fact]
    public async Task A_restart_keeps_sessions_and_the_pages_that_are_open()
    {
        await using var app = await Keys.StartAsync();
        // Nothing is loaded or written before somebody signs in.
        await new PageBrowser(app).SessionAsync();
        Assert.False(Directory.Exists(Folder(app)));
        var browser = new PageBrowser(app);
        await browser.SignInAsync(Keys.Admin);

        await app.RestartAsync();

        Assert.Equal(200, (await browser.SendAsync("POST", "/generate", Requests.Small(1))).Status);
        var file = Assert.Single(Directory.GetFiles(Folder(app)));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder(app)));
        }
    }

    [Fact]
    public async Task A_damaged_key_ends_its_sessions_and_nothing_else()
    {
        await using var app = await Keys.StartAsync(new() { ["Logging:LogLevel:GenApi"] = "Warning" });
        var browser = new PageBrowser(app);
        await browser.SignInAsync(Keys.Admin);
        await app.StopAsync();
        var file = Assert.Single(Directory.GetFiles(Folder(app)));
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        await app.StartAgainAsync();

        Assert.Equal(401, (await browser.SendAsync("GET", "/accounts/me")).Status);
        Assert.Equal(200, (await browser.SignInAsync(Keys.Admin)).Status);
        Assert.Equal(200, (await browser.SendAsync("GET", "/accounts/me")).Status);
        Assert.Single(app.Logs, line => line.StartsWith(
            $"The file session-keys/{Path.GetFileName(file)} in the data directory is damaged.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_place_for_keys_a_sign_in_fails_with_the_reason_and_programs_go_on()
    {
        await using var app = await Keys.StartAsync();
        await File.WriteAllTextAsync(Folder(app), "not a folder", TestContext.Current.CancellationToken);

        var refused = await new PageBrowser(app).SignInAsync(Keys.Admin);

        Assert.Equal((503, "storage_unavailable"), (refused.Status, refused.Code));
        Assert.Contains("'session-keys'", refused["detail"].GetString(), StringComparison.Ordinal);
        Assert.Null(refused.Header("Set-Cookie"));
        Assert.Equal(200, (await app.GenerateAsync(Requests.Small(1), Keys.AsAdmin)).Status);
    }

    [Fact]
    public async Task Without_any_key_no_one_needs_to_sign_in()
    {
        await using var app = await GenApiApp.StartAsync();
        var browser = new PageBrowser(app) { Host = "localhost" };

        var session = await browser.SessionAsync();
        var refused = await browser.SignInAsync(Keys.Admin);

        Assert.Equal((false, false), (session["signed_in"].GetBoolean(), session["needs_key"].GetBoolean()));
        Assert.Equal(401, refused.Status);
        Assert.StartsWith("There are no API keys yet", refused["detail"].GetString(), StringComparison.Ordinal);
        Assert.Equal(200, (await browser.SendAsync("POST", "/generate", Requests.Small(1))).Status);
    }

    [Fact]
    public async Task Where_callers_without_a_key_are_allowed_a_browser_can_sign_in_for_more()
    {
        await using var app = await Keys.StartAsync(new() { ["Accounts:AllowAnonymous"] = "true" });
        var (id, secret) = await app.MakeAsync("person");
        var browser = new PageBrowser(app) { Host = "pictures" };

        Assert.False((await browser.SessionAsync())["needs_key"].GetBoolean());
        Assert.Equal("anonymous", (await browser.SendAsync("GET", "/accounts/me"))["account"].GetString());
        await browser.SignInAsync(secret);
        Assert.Equal(id, (await browser.SendAsync("GET", "/accounts/me"))["account"].GetString());
        await app.DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin);

        // Nobody goes on as another account without knowing; the page asks for its session and begins again.
        Assert.Equal(401, (await browser.SendAsync("POST", "/generate", Requests.Small(1))).Status);
        Assert.False((await browser.SessionAsync())["signed_in"].GetBoolean());
        Assert.DoesNotContain(Cookie, browser.Cookies.Keys);
        Assert.Equal("anonymous", (await browser.SendAsync("GET", "/accounts/me"))["account"].GetString());
    }

    private static string Folder(GenApiApp app) => Path.Combine(app.DataDirectory, "session-keys");
}
