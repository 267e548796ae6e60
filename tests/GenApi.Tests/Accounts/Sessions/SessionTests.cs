using System.Globalization;
using GenApi.Tests.Generations;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Accounts.Sessions;

/// <summary>A browser signs in, stays signed in, and is signed out.</summary>
public sealed class SessionTests
{
    private const string Cookie = "genapi-session", OtherCookie = "genapi-antiforgery";

    [Fact]
    public async Task A_browser_signs_in_uses_its_key_by_cookie_and_signs_out()
    {
        await using var app = await Keys.StartAsync(new()
        {
            ["Logging:LogLevel:GenApi"] = "Trace",
            ["Logging:LogLevel:Microsoft.AspNetCore.Antiforgery"] = "Trace",
            ["Logging:LogLevel:Microsoft.AspNetCore.Authentication"] = "Trace",
        });
        var (id, secret) = await app.MakeAsync("web shop");
        var browser = new PageBrowser(app);

        var before = await browser.SessionAsync();
        var signed = await browser.SignInAsync($" {secret}\n");
        app.Secrets.Add(browser.Cookies[Cookie]);
        app.Secrets.Add(browser.Cookies[OtherCookie]);
        var made = await browser.SendAsync("POST", "/generate", Requests.Small(1));
        var me = await browser.SendAsync("GET", "/accounts/me");
        var picture = await browser.SendAsync("GET", made.ImageUrl().AbsolutePath);
        var asked = await browser.SessionAsync();
        var left = await browser.SendAsync("DELETE", "/session");

        Assert.Equal((200, false, true), (before.Status, before["signed_in"].GetBoolean(), before["needs_key"].GetBoolean()));
        Assert.Equal((200, "web shop"), (signed.Status, signed["name"].GetString()));
        Assert.Equal("X-CSRF-Token", signed["antiforgery", "header"].GetString());
        Assert.Equal("no-store", signed.Header("Cache-Control"));
        Assert.Equal((200, 200), (made.Status, picture.Status));
        Assert.Equal(id, me["account"].GetString());
        Assert.True(asked["signed_in"].GetBoolean());
        Assert.Equal(204, left.Status);
        Assert.DoesNotContain(Cookie, browser.Cookies.Keys);
        Assert.Equal(401, (await browser.SendAsync("GET", "/accounts/me")).Status);
        // The key's own header finds the same account.
        Assert.Equal(200, (await app.GetAsync($"/generations/{made.Id}", Keys.Of(secret))).Status);
        Assert.Contains(app.Logs, line => line.StartsWith("'web shop' signed in (127.0.0.1)", StringComparison.Ordinal));
        Assert.Contains(app.Logs, line => line.StartsWith("'web shop' signed out (127.0.0.1)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("pictures.example", "http", "", "", "/", false)]
    [InlineData("pictures.example:8080", "http", "", "-8080", "/", false)]
    [InlineData("pictures.example", "https", "", "", "/", true)]
    [InlineData("pictures.example:443", "https", "/genapi", "", "/genapi", true)]
    public async Task The_cookies_are_those_of_the_address_that_the_browser_shows(
        string host, string scheme, string prefix, string ending, string path, bool isSecure)
    {
        await using var app = await Keys.StartAsync(new() { ["Hosting:KnownProxies:0"] = "127.0.0.1", ["Hosting:PathBase"] = prefix });
        var browser = new PageBrowser(app, ("X-Forwarded-Proto", scheme)) { Host = host };

        Assert.Equal(200, (await browser.SignInAsync(Keys.Admin)).Status);

        string[] names = [Cookie + ending, OtherCookie + ending];
        Assert.Equal(names.Order(), browser.Cookies.Keys.Order());
        Assert.All(names, name => Assert.Contains($"; path={path};", browser.Attributes[name] + ";", StringComparison.Ordinal));
        Assert.All(names, name => Assert.Contains("; httponly", browser.Attributes[name], StringComparison.Ordinal));
        Assert.All(names, name => Assert.Contains("; samesite=strict", browser.Attributes[name], StringComparison.Ordinal));
        Assert.All(names, name => Assert.Equal(isSecure, browser.Attributes[name].Contains("; secure", StringComparison.Ordinal)));
        Assert.Equal(200, (await browser.SendAsync("GET", $"{prefix}/accounts/me")).Status);
        Assert.Equal(204, (await browser.SendAsync("DELETE", $"{prefix}/session")).Status);
        Assert.DoesNotContain(Cookie + ending, browser.Cookies.Keys);
        Assert.Contains($"; path={path};", browser.Attributes[Cookie + ending] + ";", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_visit_extends_the_session_and_without_one_it_ends()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await Keys.StartAsync(time: time);
        var (visiting, absent) = (new PageBrowser(app), new PageBrowser(app));
        await visiting.SignInAsync(Keys.Admin);
        await absent.SignInAsync(Keys.Admin);
        var first = visiting.Cookies[Cookie];
        Assert.Equal(time.GetUtcNow().AddDays(30), ExpiresAt(visiting), TimeSpan.FromSeconds(2));

        time.Advance(TimeSpan.FromDays(14));
        await visiting.SessionAsync();
        Assert.Equal(first, visiting.Cookies[Cookie]);
        time.Advance(TimeSpan.FromDays(2));
        // An answer that may be cached, or that may arrive after a sign-out, sets no cookie.
        await visiting.SendAsync("GET", "/accounts/me");
        Assert.Equal(first, visiting.Cookies[Cookie]);
        await visiting.SessionAsync();
        Assert.NotEqual(first, visiting.Cookies[Cookie]);
        Assert.Equal(time.GetUtcNow().AddDays(30), ExpiresAt(visiting), TimeSpan.FromSeconds(2));
        time.Advance(TimeSpan.FromDays(15));

        Assert.Equal(200, (await visiting.SendAsync("GET", "/accounts/me")).Status);
        var refused = await absent.SendAsync("GET", "/accounts/me");
        Assert.Equal((401, "unauthenticated"), (refused.Status, refused.Code));
        Assert.Equal("The session has ended. Sign in again.", refused["detail"].GetString());
        Assert.False((await absent.SessionAsync())["signed_in"].GetBoolean());
        Assert.DoesNotContain(Cookie, absent.Cookies.Keys);

        static DateTimeOffset ExpiresAt(PageBrowser browser) => DateTimeOffset.Parse(
            browser.Attributes[Cookie].Split("expires=")[1].Split(';')[0], CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task The_days_of_a_session_are_a_setting()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await Keys.StartAsync(new() { ["Accounts:SessionDays"] = "1" }, time: time);
        var browser = new PageBrowser(app);
        await browser.SignInAsync(Keys.Admin);

        time.Advance(TimeSpan.FromHours(25));

        Assert.Equal(401, (await browser.SendAsync("GET", "/accounts/me")).Status);
    }

    [Fact]
    public async Task What_happens_to_a_key_counts_at_once()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await Keys.StartAsync(time: time);
        var (revoked, expiring, rotated, changed) = (
            await SignedInAsync(), await SignedInAsync(), await SignedInAsync(), await SignedInAsync());
        var other = new PageBrowser(app);
        await other.SignInAsync(rotated.Secret);

        await app.DeleteAsync($"/accounts/keys/{revoked.Id}", Keys.AsAdmin);
        await app.PatchKeyAsync(expiring.Id, $$"""{"expires_at":"{{time.GetUtcNow().AddHours(1):yyyy-MM-dd'T'HH:mm:ss'Z'}}"}""");
        await app.PostAsync($"/accounts/keys/{rotated.Id}/rotate", null, Keys.AsAdmin);
        await app.PatchKeyAsync(changed.Id, """{"rights":["generate"],"name":"another"}""");
        Assert.Equal(200, (await expiring.Browser.SendAsync("GET", "/accounts/me")).Status);
        time.Advance(TimeSpan.FromHours(2));

        await AssertEndedAsync(revoked.Browser, "The API key has been revoked.");
        await AssertEndedAsync(expiring.Browser, "The API key has expired.");
        await AssertEndedAsync(rotated.Browser, "The API key has a new secret, which ended this session. Sign in again with the new one.");
        await AssertEndedAsync(other, "The API key has a new secret, which ended this session. Sign in again with the new one.");
        Assert.Equal("forbidden", (await changed.Browser.SendAsync("GET", "/generations")).Code);
        Assert.Equal("another", (await changed.Browser.SessionAsync())["name"].GetString());

        async Task<(string Id, string Secret, PageBrowser Browser)> SignedInAsync()
        {
            var (id, secret) = await app.MakeAsync("person");
            var browser = new PageBrowser(app);
            Assert.Equal(200, (await browser.SignInAsync(secret)).Status);
            return (id, secret, browser);
        }

        static async Task AssertEndedAsync(PageBrowser browser, string sentence)
        {
            var answer = await browser.SendAsync("GET", "/generations");
            Assert.Equal((401, sentence), (answer.Status, answer["detail"].GetString()));
            Assert.Equal("Bearer realm=\"GenApi\"", answer.Header("WWW-Authenticate"));
            Assert.Equal(401, (await browser.SendAsync("POST", "/generate", Requests.Small(1))).Status);
        }
    }

    [Fact]
    public async Task The_key_of_the_settings_signs_in_until_it_is_changed()
    {
        await using var app = await Keys.StartAsync();
        var browser = new PageBrowser(app);
        Assert.Equal("Accounts:AdminKey", (await browser.SignInAsync(Keys.Admin))["name"].GetString());

        await app.RestartAsync();
        Assert.Equal(200, (await browser.SendAsync("GET", "/accounts/keys")).Status);
        await app.RestartAsync(new() { ["Accounts:AdminKey"] = "another-admin-key-for-tests-0123456789" });

        Assert.Equal(401, (await browser.SendAsync("GET", "/accounts/keys")).Status);
    }

    [Fact]
    public async Task An_event_stream_works_with_the_cookie_and_ends_with_the_key()
    {
        await using var app = await Keys.StartAsync();
        var held = app.Sandbox.Faults.Add(GenApi.Sandbox.Control.FaultKind.RunHeldProcessing);
        var (id, secret) = await app.MakeAsync("person");
        var browser = new PageBrowser(app);
        await browser.SignInAsync(secret);
        var made = await browser.SendAsync("POST", "/generate", Requests.Small(1), ("Prefer", "respond-async"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/generations/{made.Id}/events");
        request.Headers.Add("Cookie", browser.CookieHeader);
        request.Headers.Host = browser.Host;
        using var stream = await app.Client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType?.MediaType);
        var rest = stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        await app.DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin);

        Assert.DoesNotContain("event: done", await rest, StringComparison.Ordinal);
        held.Release();
    }
}
