using GenApi.Accounts.Entrance;
using GenApi.Hosting.Edge;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenApi.Tests.Hosting;

/// <summary>The service behind a path of another address: every address in an answer begins with that path and works.</summary>
public sealed class BehindPathTests
{
    private const string Prefix = "/genapi";

    [Theory]
    [InlineData("/genapi", "/genapi")]
    [InlineData("/genapi/", "/genapi")]
    [InlineData("/genapi", "")]
    [InlineData("/tools/gen-api_1.0~x", "")]
    public async Task Every_address_begins_with_the_path_whether_requests_come_with_it_or_without(string setting, string asked)
    {
        await using var app = await Keys.StartAsync(new() { ["Hosting:PathBase"] = setting });
        var root = new Uri(app.Address, setting.TrimEnd('/')).ToString();

        var made = await app.PostAsync($"{asked}/generate", Requests.Small(1), Keys.AsAdmin);
        var later = await app.PostAsync($"{asked}/generate", Requests.Small(2), Keys.AsAdmin, ("Prefer", "respond-async"));
        var key = await app.PostAsync($"{asked}/accounts/keys", new { name = "shop" }, Keys.AsAdmin);
        using var picture = new ByteArrayContent((await app.GetAsync(made.ImageUrl().PathAndQuery)).Body);
        var upload = await app.SendAsync(HttpMethod.Post, $"{asked}/uploads", picture, Keys.AsAdmin);
        var list = await app.GetAsync($"{asked}/generations?limit=1", Keys.AsAdmin);
        var info = await app.GetAsync($"{asked}/images/{made["images"][0].GetProperty("id").GetString()}/info", Keys.AsAdmin);
        var model = await app.GetAsync($"{asked}/models/sdxl", Keys.AsAdmin);
        var missing = await app.GetAsync($"{asked}/nothing", Keys.AsAdmin);

        Assert.Equal((200, 201, 201), (made.Status, key.Status, upload.Status));
        Assert.Equal($"There is nothing at {setting.TrimEnd('/')}/nothing.", missing["detail"].GetString());
        string[] addresses =
        [
            made.ImageUrl().ToString(), .. made["urls"].EnumerateObject().Select(each => each.Value.GetString()!),
            later.Header("Location")!, key.Header("Location")!, upload.Header("Location")!, upload["url"].GetString()!,
            list["data"][0].GetProperty("urls").GetProperty("self").GetString()!, info["image", "url"].GetString()!,
            model["urls", "self"].GetString()!, model["urls", "versions"].GetString()!,
        ];
        Assert.All(addresses, address => Assert.StartsWith(root + "/", address, StringComparison.Ordinal));
        // They work as the proxy forwards them.
        string[] notRead = ["/events", "/cancel"];
        foreach (var address in addresses.Where(each => !Array.Exists(notRead, end => each.EndsWith(end, StringComparison.Ordinal))))
            Assert.Equal(200, (await app.GetAsync(new Uri(address).PathAndQuery, Keys.AsAdmin)).Status);
        var next = await app.GetAsync($"{asked}/generations?limit=1&cursor={list["next_cursor"].GetString()}", Keys.AsAdmin);
        Assert.Equal(made.Id, next["data"][0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task The_document_and_its_page_work_behind_the_path()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Hosting:PathBase"] = Prefix });

        var document = await app.GetAsync($"{Prefix}/openapi/v1.json");
        var front = await app.GetAsync(Prefix);
        var page = await app.GetAsync($"{Prefix}/swagger/index.html");
        var script = await app.GetAsync($"{Prefix}/swagger/index.js");

        Assert.Equal(Prefix, document["servers"][0].GetProperty("url").GetString());
        Assert.Equal(200, front.Status);
        Assert.Contains($"<base href=\"{Prefix}/\">", front.Text, StringComparison.Ordinal);
        Assert.Equal(200, page.Status);
        // The page finds the document relative to its own address.
        Assert.Contains("\"../openapi/v1.json\"", page.Text + script.Text, StringComparison.Ordinal);
        Assert.Equal(304, (await app.GetAsync($"{Prefix}/openapi/v1.json", ("If-None-Match", document.Header("ETag")!))).Status);
        Assert.Equal(200, (await app.GetAsync("/health/live")).Status);
        Assert.Equal(200, (await app.GetAsync($"{Prefix}/health/live")).Status);

        await app.RestartAsync(new() { ["Hosting:PathBase"] = "" });
        var bare = await app.GetAsync("/openapi/v1.json");
        Assert.Equal("/", bare["servers"][0].GetProperty("url").GetString());
        Assert.NotEqual(document.Header("ETag"), bare.Header("ETag"));
        Assert.Contains("<base href=\"/\">", (await app.GetAsync("/")).Text, StringComparison.Ordinal);
        Assert.Equal(404, (await app.GetAsync($"{Prefix}/health/live")).Status);
    }

    [Fact]
    public async Task Messages_to_receivers_and_redirections_to_https_carry_the_path()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await Keys.StartAsync(new(receiver.Settings)
        {
            ["Hosting:PathBase"] = Prefix,
            ["Hosting:KnownProxies:0"] = "127.0.0.1",
            ["Hosting:HttpsPort"] = "443",
        });

        await app.GenerateAsync(
            new { prompt = "a red fox", seed = 1, width = 64, height = 64, webhook = receiver.Url }, Keys.AsAdmin,
            ("X-Forwarded-Proto", "https"));
        var plain = await app.GetAsync($"{Prefix}/models", ("Host", "tools.example"));

        var self = (await receiver.NextAsync(1)).Body.GetProperty("data").GetProperty("urls").GetProperty("self").GetString();
        Assert.StartsWith($"https://{app.Address.Authority}{Prefix}/generations/", self, StringComparison.Ordinal);
        Assert.Equal((308, $"https://tools.example{Prefix}/models"), (plain.Status, plain.Header("Location")));
    }

    [Fact]
    public async Task A_proxy_names_the_path_only_where_it_is_known_and_no_setting_does()
    {
        (string, string) forwarded = ("X-Forwarded-Prefix", Prefix);
        await using var app = await Keys.StartAsync();
        Assert.StartsWith("/generations/", await SelfAsync(app, forwarded), StringComparison.Ordinal);

        await app.RestartAsync(new() { ["Hosting:KnownProxies:0"] = "127.0.0.1" });
        Assert.StartsWith($"{Prefix}/generations/", await SelfAsync(app, forwarded), StringComparison.Ordinal);
        Assert.StartsWith($"{Prefix}/generations/", await SelfAsync(app, ("X-Forwarded-Prefix", $"{Prefix}/")), StringComparison.Ordinal);
        // A proxy that appends keeps the callers' own entries in front.
        var appended = await SelfAsync(app, ("X-Forwarded-Prefix", $"/evil, {Prefix}"), ("X-Forwarded-For", "192.0.2.7"));
        Assert.StartsWith($"{Prefix}/generations/", appended, StringComparison.Ordinal);
        Assert.Equal(Prefix, (await app.GetAsync("/openapi/v1.json", forwarded))["servers"][0].GetProperty("url").GetString());
        Assert.Equal("/", (await app.GetAsync("/openapi/v1.json"))["servers"][0].GetProperty("url").GetString());

        await app.RestartAsync(new() { ["Hosting:PathBase"] = "/fixed" });
        Assert.StartsWith("/fixed/generations/", await SelfAsync(app, forwarded), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/../..")]
    [InlineData("/a/./b")]
    [InlineData("/a b")]
    [InlineData("/a\"><script>")]
    [InlineData("/a%2f..")]
    [InlineData("/a?b")]
    [InlineData("https://evil.example")]
    [InlineData("genapi")]
    [InlineData("/")]
    public async Task A_path_that_can_not_be_one_is_not_believed(string path)
    {
        await using var app = await Keys.StartAsync(new() { ["Hosting:KnownProxies:0"] = "127.0.0.1" });

        Assert.StartsWith("/generations/", await SelfAsync(app, ("X-Forwarded-Prefix", path)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https", "https")]
    [InlineData("HTTPS", "https")]
    [InlineData("http", "http")]
    [InlineData("javascript", "http")]
    [InlineData("ftp", "http")]
    [InlineData("wss", "http")]
    [InlineData("ht tp", "http")]
    [InlineData("javascript, https", "https")]
    public async Task Only_http_and_https_are_believed(string told, string believed)
    {
        await using var app = await Keys.StartAsync(new() { ["Hosting:KnownProxies:0"] = "127.0.0.1" });

        var made = await app.GenerateAsync(Requests.Small(1), Keys.AsAdmin, ("X-Forwarded-Proto", told), ("X-Forwarded-For", "192.0.2.7"));

        var url = made["images"][0].GetProperty("url").GetString();
        Assert.StartsWith($"{believed}://{app.Address.Authority}/images/", url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_came_by_a_proxy_that_only_names_a_path_is_not_this_machine()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Hosting:KnownProxies:0"] = "127.0.0.1" });

        Assert.Equal(403, (await app.GetAsync("/generations", ("X-Forwarded-Prefix", Prefix))).Status);
        Assert.Equal(403, (await app.GetAsync("/generations", ("X-Forwarded-Prefix", "//evil.example"))).Status);
        Assert.Equal(200, (await app.GetAsync("/generations")).Status);
    }

    /// <summary>Over a Unix socket there is no address, and the platform removes the header without a trace.</summary>
    [Fact]
    public void A_header_that_was_believed_leaves_a_trace()
    {
        var request = new DefaultHttpContext { Request = { Headers = { ["X-Forwarded-Prefix"] = Prefix } } };

        new ForwardedRequest([System.Net.IPNetwork.Parse("127.0.0.1/32")], takesPrefix: true, NullLoggerFactory.Instance).Apply(request);

        Assert.Equal(Prefix, request.Request.PathBase.Value);
        Assert.True(ProxyHeaders.AreIn(request.Request.Headers));
    }

    private static async Task<string> SelfAsync(GenApiApp app, params (string, string)[] headers)
    {
        var made = await app.GenerateAsync(Requests.Small(1), [Keys.AsAdmin, .. headers]);
        Assert.True(made.Status == 200, made.Text);
        return new Uri(made["urls", "self"].GetString()!).AbsolutePath;
    }
}
