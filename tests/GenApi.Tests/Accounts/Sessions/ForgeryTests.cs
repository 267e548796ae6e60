using GenApi.Tests.Generations;

namespace GenApi.Tests.Accounts.Sessions;

/// <summary>Other people's pages can't use the session of a browser.</summary>
public sealed class ForgeryTests(ForgeryTests.House house) : IClassFixture<ForgeryTests.House>
{
    private const string Cookie = "genapi-session";

    public static TheoryData<string, string> Changes => new()
    {
        { "POST", "/generate" },
        { "POST", "/generations/gen_01m874sb8sejtsw12hbne676v8/cancel" },
        { "DELETE", "/generations/gen_01m874sb8sejtsw12hbne676v8" },
        { "POST", "/uploads" },
        { "PUT", "/images/img_01m874sb8sejtsw12hbne676v8/tags/fox" },
        { "PATCH", "/accounts/keys/key_01m874sb8sejtsw12hbne676v8" },
        { "POST", "/v1/images/generations" },
        { "POST", "/mcp" },
        { "DELETE", "/session" },
    };

    [Theory, MemberData(nameof(Changes))]
    public async Task A_change_needs_the_token_of_this_browser(string method, string path)
    {
        var (browser, other) = (await house.SignedInAsync(), await house.SignedInAsync());
        var own = browser.Token;

        foreach (var token in (string?[])[null, "", "x", own![..^4] + "AAAA", other.Token])
        {
            browser.Token = token;
            var refused = await browser.SendAsync(method, path, Requests.Small(1));
            Assert.True(refused.Status == 403, $"{token}: {refused.Status} {refused.Text}");
            if (refused.Header("Content-Type") == "application/problem+json" && path != "/mcp")
                Assert.StartsWith("X-CSRF-Token: a change with a session needs", refused["detail"].GetString(), StringComparison.Ordinal);
        }
        // The token alone, without the cookie that came with it, shows nothing.
        browser.Token = own;
        var pair = browser.Cookies["genapi-antiforgery"];
        browser.Cookies.Remove("genapi-antiforgery");
        Assert.Equal(403, (await browser.SendAsync(method, path, Requests.Small(1))).Status);
        browser.Cookies["genapi-antiforgery"] = pair;
        Assert.NotEqual(403, (await browser.SendAsync(method, path, Requests.Small(1))).Status);
    }

    [Fact]
    public async Task The_refusal_names_the_header_so_that_a_page_can_get_another_token()
    {
        var browser = await house.SignedInAsync();
        browser.Token = null;

        var refused = await browser.SendAsync("POST", "/generate", Requests.Small(1));

        Assert.Equal("forbidden", refused.Code);
        Assert.Single(refused["errors"].EnumerateObject(), error => error.Name == "X-CSRF-Token");
        await browser.SessionAsync();
        Assert.Equal(200, (await browser.SendAsync("POST", "/generate", Requests.Small(1))).Status);
    }

    [Theory]
    [InlineData("same-origin", null, 200)]
    [InlineData("none", null, 200)]
    [InlineData("same-site", null, 403)]
    [InlineData("cross-site", null, 403)]
    [InlineData("something-new", null, 403)]
    [InlineData("same-origin", "http://behind.a.proxy.example", 200)]
    [InlineData(null, "http://pictures.example", 200)]
    [InlineData(null, "http://evil.example", 403)]
    [InlineData(null, "http://pictures.example:81", 403)]
    [InlineData(null, "null", 403)]
    [InlineData("cross-site", "https://app.example", 200)]
    public async Task Even_with_the_token_a_foreign_page_changes_nothing(string? site, string? origin, int status)
    {
        var browser = await house.SignedInAsync();
        var headers = new List<(string, string)>();
        if (site is not null)
            headers.Add(("Sec-Fetch-Site", site));
        if (origin is not null)
            headers.Add(("Origin", origin));

        Assert.Equal(status, (await browser.SendAsync("POST", "/generate", Requests.Small(1), [.. headers])).Status);
        // Reading is not a change, and a link from another page is a request to read.
        Assert.Equal(200, (await browser.SendAsync("GET", "/generations", null, [.. headers])).Status);
    }

    [Theory]
    [InlineData("cross-site", null)]
    [InlineData("cross-site", "http://evil.example")]
    [InlineData(null, "http://evil.example")]
    public async Task A_foreign_page_does_not_sign_a_browser_in(string? site, string? origin)
    {
        var browser = new PageBrowser(house.App);
        (string, string)[] headers =
        [
            .. site is null ? [] : new[] { ("Sec-Fetch-Site", site) }, .. origin is null ? [] : new[] { ("Origin", origin) },
        ];

        var refused = await browser.SendAsync("POST", "/session", new { key = Keys.Admin }, headers);

        Assert.Equal((403, "forbidden"), (refused.Status, refused.Code));
        Assert.Empty(browser.Cookies);
    }

    [Fact]
    public async Task A_key_in_a_header_comes_before_the_cookie_and_needs_no_token()
    {
        var browser = await house.SignedInAsync();
        browser.Token = null;
        var (id, secret) = await house.App.MakeAsync("program");

        var me = await browser.SendAsync("GET", "/accounts/me", null, Keys.Of(secret));
        var made = await browser.SendAsync("POST", "/generate", Requests.Small(2), ("X-Api-Key", secret));
        var wrong = await browser.SendAsync("GET", "/accounts/me", null, Keys.Of("genapi_wrong"));

        Assert.Equal(id, me["account"].GetString());
        Assert.Equal((200, 401), (made.Status, wrong.Status));
        // A proxy's own user and password are not a key.
        Assert.Equal(200, (await browser.SendAsync("GET", "/accounts/me", null, ("Authorization", "Basic dXNlcjpwYXNz"))).Status);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("")]
    [InlineData("CfDJ8AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("altered")]
    public async Task A_cookie_that_was_made_up_is_nobody(string value)
    {
        var browser = await house.SignedInAsync();
        browser.Cookies[Cookie] = value == "altered" ? Altered(browser.Cookies[Cookie]) : value;

        var answer = await browser.SendAsync("GET", "/accounts/me");

        Assert.Equal((401, "unauthenticated"), (answer.Status, answer.Code));

        static string Altered(string cookie) => cookie[..40] + (cookie[40] == 'A' ? 'B' : 'A') + cookie[41..];
    }

    [Theory]
    [InlineData("{", 400, "malformed_json", null)]
    [InlineData("[]", 400, "invalid_request", "$")]
    [InlineData("{}", 400, "invalid_request", "$.key")]
    [InlineData("""{"key":7}""", 400, "invalid_request", "$.key")]
    [InlineData("""{"key":null}""", 400, "invalid_request", "$.key")]
    [InlineData("""{"key":"  "}""", 400, "invalid_request", "$.key")]
    [InlineData("""{"key":"a","keep":true}""", 400, "invalid_request", "$.keep")]
    [InlineData("""{"key":"a","key":"b"}""", 400, "invalid_request", "$.key")]
    [InlineData("""{"key":"genapi_0000000000000000000000000000000000000000000000"}""", 401, "unauthenticated", null)]
    [InlineData("""{"key":"fox"}""", 401, "unauthenticated", null)]
    public async Task What_is_wrong_with_a_sign_in_is_said_plainly(string body, int status, string code, string? member)
    {
        var answer = await new PageBrowser(house.App).SendAsync("POST", "/session", body);

        Assert.Equal((status, code), (answer.Status, answer.Code));
        if (member is not null)
            Assert.Single(answer["errors"].EnumerateObject(), error => error.Name == member);
        Assert.Null(answer.Header("Set-Cookie"));
    }

    public sealed class House : IAsyncLifetime
    {
        internal GenApiApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            App = await Keys.StartAsync(new() { ["Hosting:CorsOrigins:0"] = "https://app.example" });

        internal async Task<PageBrowser> SignedInAsync()
        {
            var browser = new PageBrowser(App);
            Assert.Equal(200, (await browser.SignInAsync(Keys.Admin)).Status);
            return browser;
        }

        public async ValueTask DisposeAsync() => await App.DisposeAsync();
    }
}
