using GenApi.Core.Accounts.Keys;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Doors;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Images;

/// <summary>Links without an expiry: what they open, what ends them, and which ones the answers of doors contain.</summary>
public sealed class LastingLinkTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lasting_link_has_the_extension_and_opens_everything_that_an_image_can_be_asked_for_but_its_settings()
    {
        await using var app = await Keys.StartAsync();
        var made = await MakeAsync(app, 1);
        var url = await LinkAsync(app, made);

        Assert.EndsWith(".png", url.AbsolutePath, StringComparison.Ordinal);
        Assert.Matches("^\\?sig=[A-Za-z0-9_-]{22}$", url.Query);
        var whole = await app.GetAsync(url.PathAndQuery);
        Assert.Equal((200, "image/png"), (whole.Status, whole.Header("Content-Type")));
        Assert.Equal(made["images"][0].GetProperty("bytes").GetInt64(), whole.Body.LongLength);
        // A cache forgets a deleted image within the hour.
        Assert.Equal("max-age=3600, private", whole.Header("Cache-Control"));
        var head = await app.SendAsync(HttpMethod.Head, url.PathAndQuery, null);
        Assert.Equal((200, 0, whole.Header("ETag")), (head.Status, head.Body.Length, head.Header("ETag")));
        var part = await app.GetAsync(url.PathAndQuery, ("Range", "bytes=0-9"));
        Assert.Equal((206, 10), (part.Status, part.Body.Length));
        Assert.Equal(304, (await app.GetAsync(url.PathAndQuery, ("If-None-Match", whole.Header("ETag")!))).Status);
        Assert.Equal(412, (await app.GetAsync(url.PathAndQuery, ("If-Match", "\"another\""))).Status);
        var webp = await app.GetAsync(url.PathAndQuery + "&format=webp");
        Assert.Equal((200, "image/webp"), (webp.Status, webp.Header("Content-Type")));

        var settings = await app.GetAsync(url.PathAndQuery + "&metadata=embedded");
        Assert.Equal((403, "forbidden"), (settings.Status, settings.Code));
        Assert.Equal(401, (await app.GetAsync(url.AbsolutePath)).Status);
        Assert.Equal(401, (await app.GetAsync(url.AbsolutePath.Replace(".png", "/info", StringComparison.Ordinal) + url.Query)).Status);
    }

    [Fact]
    public async Task A_lasting_link_opens_one_image_only_and_no_other_signature_opens_it()
    {
        await using var app = await Keys.StartAsync();
        var (one, other) = (await MakeAsync(app, 1), await MakeAsync(app, 2));
        var url = await LinkAsync(app, one);
        var foreign = await LinkAsync(app, other);
        var signature = url.Query[5..];

        string[] wrong =
        [
            foreign.AbsolutePath + url.Query, $"{url.AbsolutePath}?sig=", $"{url.AbsolutePath}?sig={signature[..^1]}",
            $"{url.AbsolutePath}?sig={signature}A", $"{url.AbsolutePath}?sig={(signature[0] == 'A' ? 'B' : 'A')}{signature[1..]}",
            // Neither kind is taken for the other.
            $"{url.AbsolutePath}?expires={long.MaxValue}&sig={signature}", $"{url.AbsolutePath}?expires=0&sig={signature}",
            url.AbsolutePath + "?sig=" + one.ImageUrl().Query.Split("sig=")[1],
        ];
        foreach (var address in wrong)
        {
            var refused = await app.GetAsync(address);
            Assert.Equal((403, "forbidden", null), (refused.Status, refused.Code, refused.Header("WWW-Authenticate")));
        }
        Assert.Equal(200, (await app.GetAsync(foreign.PathAndQuery)).Status);
    }

    [Fact]
    public async Task Deleting_the_image_ends_its_links_in_the_bin_already()
    {
        await using var app = await Keys.StartAsync();
        var made = await MakeAsync(app, 1);
        var url = await LinkAsync(app, made);
        var id = made["images"][0].GetProperty("id").GetString()!;

        var binned = await app.PostAsync("/images/delete", new { ids = new[] { id } }, Keys.AsAdmin);
        Assert.True(binned.Status is 200, binned.Text);
        Assert.Equal((404, "not_found"), await StatusAsync(app, url));
        var restored = await app.PostAsync("/images/restore", new { ids = new[] { id } }, Keys.AsAdmin);
        Assert.True(restored.Status is 200, restored.Text);
        Assert.Equal(200, (await app.GetAsync(url.PathAndQuery)).Status);

        Assert.Equal(204, (await app.DeleteAsync($"/images/{id}", Keys.AsAdmin)).Status);
        Assert.Equal((404, "not_found"), await StatusAsync(app, url));
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task A_restart_and_the_end_of_signed_links_leave_them_and_each_rotation_ends_them_and_is_audited()
    {
        await using var app = await Keys.StartAsync();
        var made = await MakeAsync(app, 1);
        var first = await LinkAsync(app, made);
        var file = Path.Combine(app.DataDirectory, LastingLinks.KeyFile);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        await app.RestartAsync();
        Assert.Equal(200, (await app.GetAsync(first.PathAndQuery)).Status);

        var (_, shop) = await app.MakeAsync("shop");
        Assert.Equal(403, (await app.PostAsync("/links/rotate", null, Keys.Of(shop))).Status);
        Assert.Equal(200, (await app.GetAsync(first.PathAndQuery)).Status);
        Assert.Equal(204, (await app.PostAsync("/links/rotate", null, Keys.AsAdmin)).Status);
        Assert.Equal((403, "forbidden"), await StatusAsync(app, first));
        var second = await LinkAsync(app, made);
        Assert.Equal(200, (await app.GetAsync(second.PathAndQuery)).Status);

        // The service runs meanwhile, and notices at once.
        var (exitCode, _, errors) = await app.VerbAsync("links", "rotate");
        Assert.True(exitCode == 0, errors);
        Assert.Equal((403, "forbidden"), await StatusAsync(app, second));
        var third = await LinkAsync(app, made);
        Assert.Equal(200, (await app.GetAsync(third.PathAndQuery)).Status);
        // Links that expire have a secret of their own.
        Assert.Equal(200, (await app.GetAsync(made.ImageUrl().PathAndQuery)).Status);

        var acts = (await app.GetAsync("/accounts/audit", Keys.AsAdmin))["data"].EnumerateArray()
            .Where(each => each.GetProperty("act").GetString() == "links.rotate").ToList();
        Assert.Equal(
            ["command line", "127.0.0.1"], acts.Select(each => each.GetProperty("from").GetString()!));
        Assert.All(acts, each => Assert.Equal(
            (System.Text.Json.JsonValueKind.Null, "installation"),
            (each.GetProperty("key_id").ValueKind, each.GetProperty("key_name").GetString())));
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task A_rotation_that_can_not_be_written_changes_nothing()
    {
        await using var app = await Keys.StartAsync();
        var url = await LinkAsync(app, await MakeAsync(app, 1));
        // A folder in the place of the new file: it can't be made then.
        Directory.CreateDirectory(Path.Combine(app.DataDirectory, LastingLinks.KeyFile + ".tmp"));

        var refused = await app.PostAsync("/links/rotate", null, Keys.AsAdmin);

        Assert.Equal((503, "storage_unavailable"), (refused.Status, refused.Code));
        Assert.Equal(200, (await app.GetAsync(url.PathAndQuery)).Status);
        Assert.DoesNotContain("links.rotate", (await app.GetAsync("/accounts/audit", Keys.AsAdmin)).Text, StringComparison.Ordinal);
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task A_damaged_secret_stops_the_start_and_ends_links_while_the_service_runs()
    {
        const string text = "zz";
        await using var app = await Keys.StartAsync();
        var url = await LinkAsync(app, await MakeAsync(app, 1));
        var file = Path.Combine(app.DataDirectory, LastingLinks.KeyFile);
        var before = await File.ReadAllTextAsync(file, Ended);

        await File.WriteAllTextAsync(file, text, Ended);
        File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2));
        Assert.Equal((503, "storage_unavailable"), await StatusAsync(app, url));
        await File.WriteAllTextAsync(file, before, Ended);
        File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(4));
        Assert.Equal(200, (await app.GetAsync(url.PathAndQuery)).Status);

        await app.StopAsync();
        await File.WriteAllTextAsync(file, text, Ended);
        var (exitCode, _, errors) = await app.VerbAsync();
        Assert.NotEqual(0, exitCode);
        Assert.Contains(LastingLinks.KeyFile, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_begin_with_the_callers_address_and_name_the_format_that_was_asked_for()
    {
        await using var app = await Keys.StartAsync();
        var made = await MakeAsync(app, 1);
        var id = made["images"][0].GetProperty("id").GetString()!;

        Assert.StartsWith($"https://pictures.example:8443/genapi/images/{id}.png?sig=", await TextAsync(app, made, null, "https",
            "pictures.example:8443", "/genapi"), StringComparison.Ordinal);
        foreach (var (extension, path, format, type) in new[]
        {
            (".png", ".png", "", "image/png"), ("png", ".png", "", "image/png"), (".webp", ".webp", "&format=webp", "image/webp"),
            ("jpg", ".jpg", "&format=jpeg", "image/jpeg"), ("jpeg", ".jpeg", "&format=jpeg", "image/jpeg"),
            ("avif", ".avif", "&format=avif", "image/avif"),
        })
        {
            var url = await LinkAsync(app, made, extension);
            Assert.EndsWith(id + path, url.AbsolutePath, StringComparison.Ordinal);
            Assert.Matches($"^\\?sig=[^&]+{format}$", url.Query);
            Assert.Equal(type, (await app.GetAsync(url.PathAndQuery)).Header("Content-Type"));
        }
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => LinkAsync(app, made, ".gif"));
    }

    [Fact]
    public async Task Files_have_lasting_links_too()
    {
        await using var app = await Keys.StartAsync();
        var made = await app.GenerateAsync(new { prompt = "a fox", seed = 1, model = "sandbox/video" }, Keys.AsAdmin);
        Assert.True(made.Status == 200, made.Text);
        var file = made["files"][0];
        Assert.True(PublicId.TryParse(PublicId.File, file.GetProperty("id").GetString()!, out var id));
        var output = (await app.Services.GetRequiredService<ImageLibrary>().FindAsync(id, isImage: false, Ended))!;

        var url = new Uri(app.Services.GetRequiredService<DoorLinks>().Url(Context(app), output));

        Assert.Matches("^/files/fil_[0-9a-z]+\\.[a-z0-9]+$", url.AbsolutePath);
        var whole = await app.GetAsync(url.PathAndQuery);
        Assert.Equal((200, file.GetProperty("content_type").GetString()), (whole.Status, whole.Header("Content-Type")));
        Assert.Equal(403, (await app.GetAsync(url.AbsolutePath + "?sig=" + new string('A', 22))).Status);
    }

    [Fact]
    public async Task With_signed_links_doors_answer_links_that_expire_and_another_word_stops_the_start()
    {
        await using var app = await Keys.StartAsync(new() { ["Doors:Links"] = "Signed" });
        var made = await MakeAsync(app, 1);
        var url = await LinkAsync(app, made, "webp");
        Assert.Matches("^\\?expires=[0-9]+&sig=[^&]+&format=webp$", url.Query);
        Assert.Equal("image/webp", (await app.GetAsync(url.PathAndQuery)).Header("Content-Type"));

        await app.StopAsync();
        var (exitCode, _, errors) = await app.VerbAsync("--Doors:Links=forever");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Allowed: lasting, signed.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_issued_before_there_was_a_key_hold_afterwards()
    {
        await using var app = await GenApiApp.StartAsync();
        var url = await LinkAsync(app, await app.GenerateAsync(Requests.Small(1)));
        await app.PostAsync("/accounts/keys", new { name = "operations", rights = (string[])["admin"] });
        Assert.True(app.Services.GetRequiredService<ApiKeys>().HasKeys);

        Assert.Equal(200, (await app.GetAsync(url.PathAndQuery)).Status);
    }

    private static Task<Answer> MakeAsync(GenApiApp app, int seed) => app.GenerateAsync(Requests.Small(seed), Keys.AsAdmin);

    private static async Task<(int, string)> StatusAsync(GenApiApp app, Uri url)
    {
        var answer = await app.GetAsync(url.PathAndQuery);
        return (answer.Status, answer.Code);
    }

    /// <summary>Returns the link that a door answers.</summary>
    private static async Task<Uri> LinkAsync(GenApiApp app, Answer made, string? extension = null) =>
        new(await TextAsync(app, made, extension, "http", app.Address.Authority, ""));

    private static async Task<string> TextAsync(
        GenApiApp app, Answer made, string? extension, string scheme, string host, string pathBase)
    {
        Assert.True(PublicId.TryParse(PublicId.Image, made["images"][0].GetProperty("id").GetString()!, out var id));
        var image = (await app.Services.GetRequiredService<ImageLibrary>().FindAsync(id, Ended))!;
        return app.Services.GetRequiredService<DoorLinks>().Url(Context(app, scheme, host, pathBase), image, extension);
    }

    private static DefaultHttpContext Context(GenApiApp app, string scheme = "http", string? host = null, string pathBase = "") => new()
    {
        Request = { Scheme = scheme, Host = new HostString(host ?? app.Address.Authority), PathBase = pathBase },
    };
}
