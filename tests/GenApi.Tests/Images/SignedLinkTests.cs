using System.Globalization;
using GenApi.Core.Images;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Servers;
using GenApi.Tests.Webhooks;

namespace GenApi.Tests.Images;

/// <summary>Links to images that need no key: what they open, for how long, and where answers contain them.</summary>
public sealed class SignedLinkTests
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(80), Step = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task A_link_opens_the_image_without_a_key_and_the_bare_address_does_not()
    {
        await using var house = await House.StartAsync();
        var url = house.Made.ImageUrl();

        var whole = await house.App.GetAsync(url.PathAndQuery);

        Assert.Equal((200, house.Made["images"][0].GetProperty("bytes").GetInt64()), (whole.Status, whole.Body.LongLength));
        Assert.Equal(401, (await house.App.GetAsync(url.AbsolutePath)).Status);
        Assert.Equal(200, (await house.App.GetAsync(url.AbsolutePath, house.Key)).Status);
        // Only the bytes, and only of this image.
        Assert.Equal(401, (await house.App.GetAsync(url.AbsolutePath + "/info" + url.Query)).Status);
        var other = await house.App.GenerateAsync(Requests.Small(2), house.Key);
        Assert.Equal((403, "forbidden"), Told(await house.App.GetAsync(other.ImageUrl().AbsolutePath + url.Query)));
    }

    [Fact]
    public async Task Everything_that_an_image_can_be_asked_for_works_by_a_link()
    {
        await using var house = await House.StartAsync();
        var url = house.Made.ImageUrl();

        var head = await house.App.SendAsync(HttpMethod.Head, url.PathAndQuery, null);
        Assert.Equal((200, 0), (head.Status, head.Body.Length));
        var part = await house.App.GetAsync(url.PathAndQuery, ("Range", "bytes=0-9"));
        Assert.Equal((206, 10), (part.Status, part.Body.Length));
        var known = await house.App.GetAsync(url.PathAndQuery, ("If-None-Match", head.Header("ETag")!));
        Assert.Equal((304, head.Header("Cache-Control")), (known.Status, known.Header("Cache-Control")));
        var named = await house.App.GetAsync($"{url.AbsolutePath}.png{url.Query}&download");
        Assert.StartsWith("attachment;", named.Header("Content-Disposition"), StringComparison.Ordinal);
        Assert.StartsWith("inline;", head.Header("Content-Disposition"), StringComparison.Ordinal);
        Assert.Equal("image/png", named.Header("Content-Type"));
    }

    [Fact]
    public async Task A_link_that_was_changed_or_has_expired_says_so_and_a_key_goes_before_it()
    {
        await using var house = await House.StartAsync();
        var url = house.Made.ImageUrl();
        var (expires, signature) = Parts(url);

        foreach (var query in (string[])
        [
            $"?expires={expires + 600}&sig={signature}", $"?expires={expires}&sig={signature[..^1]}", $"?expires=x&sig={signature}",
            $"?sig={signature}",
            $"?expires={expires}", $"?expires={expires}&sig=",
            $"?expires={expires}&sig={(signature[0] == 'A' ? 'B' : 'A')}{signature[1..]}",
        ])
        {
            var refused = await house.App.GetAsync(url.AbsolutePath + query);
            Assert.Equal((403, "forbidden"), Told(refused));
            Assert.Null(refused.Header("WWW-Authenticate"));
            Assert.Contains("the link was changed", refused["detail"].GetString(), StringComparison.Ordinal);
            Assert.Equal(200, (await house.App.GetAsync(url.AbsolutePath + query, house.Key)).Status);
        }
        house.Clock.Advance(Life);
        var late = await house.App.GetAsync(url.PathAndQuery);
        Assert.Equal((403, "forbidden"), Told(late));
        Assert.Contains("has expired", late["detail"].GetString(), StringComparison.Ordinal);
        Assert.Equal(403, (await house.App.SendAsync(HttpMethod.Head, url.PathAndQuery, null)).Status);
    }

    [Theory]
    [InlineData("?expires={0}&amp;sig={1}")]
    [InlineData("?download&amp;expires={0}&amp;sig={1}")]
    public async Task A_link_that_was_copied_out_of_a_pages_source_says_so(string form)
    {
        await using var house = await House.StartAsync();
        var url = house.Made.ImageUrl();
        var (expires, signature) = Parts(url);

        var refused = await house.App.GetAsync(url.AbsolutePath + string.Format(CultureInfo.InvariantCulture, form, expires, signature));

        Assert.Equal((403, "forbidden"), Told(refused));
        Assert.Null(refused.Header("WWW-Authenticate"));
        Assert.Contains("Replace each &amp; by &.", refused["detail"].GetString(), StringComparison.Ordinal);
        // What has no parameter of a link is no link.
        Assert.Equal(401, (await house.App.GetAsync(url.AbsolutePath + "?download&amp;x=1")).Status);
    }

    [Fact]
    public async Task Each_read_gives_a_link_that_holds_and_the_same_one_for_a_while()
    {
        await using var house = await House.StartAsync();
        var path = $"/generations/{house.Made.Id}";
        var first = await house.App.GetAsync(path, house.Key);
        var (expires, _) = Parts(first.ImageUrl());
        Assert.InRange(expires - house.Clock.GetUtcNow().ToUnixTimeSeconds(), (Life - Step).TotalSeconds, Life.TotalSeconds);

        Assert.Equal(first.ImageUrl(), (await house.App.GetAsync(path, house.Key)).ImageUrl());
        Assert.Equal(first.ImageUrl(), (await house.App.GenerateAsync(Requests.Small(1), house.Key)).ImageUrl());
        Assert.Equal(304, (await house.App.GetAsync(path, house.Key, ("If-None-Match", first.Header("ETag")!))).Status);

        house.Clock.Advance(Step);
        var renewed = await house.App.GetAsync(path, house.Key, ("If-None-Match", first.Header("ETag")!));
        Assert.Equal(200, renewed.Status);
        Assert.Equal(expires + (long)Step.TotalSeconds, Parts(renewed.ImageUrl()).Expires);
        Assert.Equal(renewed.ImageUrl(), (await house.App.GenerateAsync(Requests.Small(1), house.Key)).ImageUrl());
        Assert.Equal(
            renewed.ImageUrl().ToString(),
            (await house.App.GetAsync(renewed.ImageUrl().AbsolutePath + "/info", house.Key))["image", "url"].GetString());
        Assert.Equal(
            renewed.ImageUrl().ToString(),
            (await house.App.GetAsync("/generations", house.Key))["data"][0].GetProperty("images")[0].GetProperty("url").GetString());
        // Both are valid until they expire.
        Assert.Equal(200, (await house.App.GetAsync(first.ImageUrl().PathAndQuery)).Status);
        Assert.Equal(200, (await house.App.GetAsync(renewed.ImageUrl().PathAndQuery)).Status);
    }

    [Fact]
    public async Task A_cache_keeps_the_image_for_itself_and_no_longer_than_the_link_holds()
    {
        await using var house = await House.StartAsync(("Images:CacheControl", "public"));
        var url = house.Made.ImageUrl();

        for (var turn = 0; turn < 2; turn++)
        {
            var before = Left(house);
            var answer = await house.App.GetAsync(url.PathAndQuery);
            var cache = System.Net.Http.Headers.CacheControlHeaderValue.Parse(answer.Header("Cache-Control"));
            Assert.Equal((true, false), (cache.Private, cache.Public));
            Assert.InRange((long)cache.MaxAge!.Value.TotalSeconds, Left(house), before);
            house.Clock.Advance(TimeSpan.FromMinutes(5));
        }
        Assert.Contains(
            "31536000", (await house.App.GetAsync(url.AbsolutePath, house.Key)).Header("Cache-Control"), StringComparison.Ordinal);
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task Links_hold_after_a_restart_by_a_key_that_only_the_service_can_read_and_a_deleted_image_is_gone()
    {
        await using var house = await House.StartAsync();
        var url = house.Made.ImageUrl();
        var file = Path.Combine(house.App.DataDirectory, ImageLinks.KeyFile);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        await house.App.RestartAsync();
        Assert.Equal(200, (await house.App.GetAsync(url.PathAndQuery)).Status);

        Assert.Equal(204, (await house.App.DeleteAsync(url.AbsolutePath, house.Key)).Status);
        Assert.Equal((404, "not_found"), Told(await house.App.GetAsync(url.PathAndQuery)));
    }

    [Fact]
    public async Task While_nobody_needs_a_key_links_are_bare()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        Assert.Equal("", made.ImageUrl().Query);
        var tag = (await app.GetAsync($"/generations/{made.Id}")).Header("ETag")!;
        var admin = Keys.Of(
            (await app.PostAsync("/accounts/keys", new { name = "operations", rights = (string[])["admin"] }))["secret"].GetString()!);

        var now = await app.GetAsync($"/generations/{made.Id}", admin, ("If-None-Match", tag));

        Assert.Equal(200, (await app.GetAsync(now.ImageUrl().PathAndQuery)).Status);
        Assert.Equal(401, (await app.GetAsync(made.ImageUrl().PathAndQuery)).Status);
    }

    [Fact]
    public async Task A_webhook_carries_a_link_that_holds()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await Keys.StartAsync(receiver.Settings);
        var key = Keys.Of((await app.MakeAsync("ann")).Secret);
        await app.GenerateAsync(new { prompt = "a red fox", seed = 1, width = 64, height = 64, webhook = receiver.Url }, key);

        var told = await receiver.NextAsync(1);

        var url = new Uri(told.Body.GetProperty("data").GetProperty("images")[0].GetProperty("url").GetString()!);
        Assert.Equal(200, (await app.GetAsync(url.PathAndQuery)).Status);
    }

    private static (int, string) Told(Answer answer) => (answer.Status, answer.Code);

    private static long Left(House house) => Parts(house.Made.ImageUrl()).Expires - house.Clock.GetUtcNow().ToUnixTimeSeconds();

    private static (long Expires, string Signature) Parts(Uri url)
    {
        var query = System.Web.HttpUtility.ParseQueryString(url.Query);
        return (long.Parse(query["expires"]!, CultureInfo.InvariantCulture), query["sig"]!);
    }

    /// <summary>A service that requires keys, with our clock and one image of one key.</summary>
    private sealed class House : IAsyncDisposable
    {
        private House(GenApiApp app, ShiftedClock clock, (string, string) key, Answer made) =>
            (App, Clock, Key, Made) = (app, clock, key, made);

        public GenApiApp App { get; }

        public ShiftedClock Clock { get; }

        public (string, string) Key { get; }

        public Answer Made { get; }

        public static async Task<House> StartAsync(params (string Key, string Value)[] settings)
        {
            var clock = new ShiftedClock();
            var all = settings.ToDictionary(pair => pair.Key, pair => (string?)pair.Value);
            all["Accounts:AdminKey"] = Keys.Admin;
            all["Images:LinkMinutes"] = "80";
            var app = await GenApiApp.StartAsync(all, time: clock);
            var key = Keys.Of((await app.MakeAsync("ann")).Secret);
            return new(app, clock, key, await app.GenerateAsync(Requests.Small(1), key));
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }

    /// <summary>A clock that begins in the middle of a step, runs with time, and can be moved.</summary>
    private sealed class ShiftedClock : TimeProvider
    {
        private readonly DateTimeOffset _began = System.GetUtcNow();
        private TimeSpan _moved;

        public override DateTimeOffset GetUtcNow() =>
            new DateTimeOffset(2026, 1, 31, 12, 3, 0, TimeSpan.Zero) + (System.GetUtcNow() - _began) + _moved;

        public void Advance(TimeSpan by) => _moved += by;
    }
}
