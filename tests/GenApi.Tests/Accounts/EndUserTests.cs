using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Accounts;

/// <summary>The people behind a key: by what they are named, where they stand afterwards, and who learns of them.</summary>
public sealed class EndUserTests
{
    private const string Id = "X-OpenWebUI-User-Id", Email = "X-OpenWebUI-User-Email", Name = "X-OpenWebUI-User-Name";

    private static readonly Dictionary<string, string?> Prices = new() { ["Models:Prices:sandbox/partial:PerImage"] = "0.01" };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_hits_and_joined_requests_are_counted_for_the_person_that_asked()
    {
        await using var app = await Keys.StartAsync(Prices);
        var (shopId, secret) = await app.MakeAsync("shop");
        var (_, another) = await app.MakeAsync("another");
        var (shop, blog) = (Keys.Of(secret), Keys.Of(another));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var run = app.GenerateAsync(Cent(1, "ann"), shop);
        await held.Reached.WaitAsync(Ended);
        await app.GenerateAsync(Cent(1), shop, (Id, "bob"), ("Prefer", "respond-async"));
        held.Release();
        var made = await run;
        await app.GenerateAsync(Cent(1), shop, (Id, "bob"), (Email, "bob@pictures.example"), (Name, "Bob%20K%C3%B6nig"));
        await app.GenerateAsync(Cent(1, "ann"), shop);
        await app.GenerateAsync(Cent(1), shop);
        await app.GenerateAsync(Cent(2, "ann"), blog);

        var own = await app.GetAsync("/usage?group_by=end_user", shop);
        var all = await app.GetAsync("/usage?group_by=end_user", Keys.AsAdmin);
        var bob = await app.GetAsync($"/usage?group_by=status&end_user=bob&key={shopId}", Keys.AsAdmin);
        var csv = await app.GetAsync("/usage?group_by=end_user", shop, ("Accept", "text/csv"));
        var (_, table, _) = await app.VerbAsync("usage", "--group-by", "end_user", "--end-user", "bob");

        Assert.Equal(["ann null: 1 1 0 0.01", " null: 0 1 0 0", "bob Bob König: 0 1 1 0"], Rows(own));
        Assert.Equal("bob@pictures.example", own["data"][2].GetProperty("email").GetString());
        Assert.False(own["data"][0].TryGetProperty("email", out _));
        Assert.Equal(["ann null: 2 1 0 0.02", " null: 0 1 0 0", "bob Bob König: 0 1 1 0"], Rows(all));
        Assert.Equal(["hit null: 0 1 0 0", "joined null: 0 0 1 0"], Rows(bob));
        Assert.Contains("bob,Bob König,0,0,1,1,", csv.Text, StringComparison.Ordinal);
        Assert.Contains("bob Bob König bob@pictures.example", table, StringComparison.Ordinal);
        Assert.Equal("ann", made["end_user"].GetString());
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    /// <summary>An account that only shares a run must not learn whom another one serves.</summary>
    [Fact]
    public async Task Only_the_account_that_made_it_sees_for_whom_and_can_search_by_it()
    {
        await using var app = await Keys.StartAsync();
        var (shop, blog) = (Keys.Of((await app.MakeAsync("shop")).Secret), Keys.Of((await app.MakeAsync("blog")).Secret));
        var made = await app.GenerateAsync(Cent(1, "ann"), shop);
        await app.GenerateAsync(Cent(2, "bob"), shop);
        var shared = await app.GenerateAsync(Cent(1, "eve"), blog);
        var again = await app.GenerateAsync(Cent(1, "bob"), shop);

        Assert.Equal((made.Id, made.Id), (shared.Id, again.Id));
        Assert.False(shared.Json.TryGetProperty("end_user", out _));
        // The person for whom it was made, whoever is answered with it.
        Assert.Equal("ann", again["end_user"].GetString());
        foreach (var path in new[] { $"/generations/{made.Id}", made.ImageUrl().AbsolutePath + "/info", "/generations" })
        {
            Assert.DoesNotContain("\"ann\"", (await app.GetAsync(path, blog)).Text, StringComparison.Ordinal);
            Assert.Contains("\"end_user\":\"ann\"", (await app.GetAsync(path, shop)).Text, StringComparison.Ordinal);
            Assert.Contains("\"end_user\":\"ann\"", (await app.GetAsync(path, Keys.AsAdmin)).Text, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("\"ann\"", (await app.GetAsync($"/generations/{made.Id}/events", blog)).Text, StringComparison.Ordinal);
        Assert.Equal([made.Id], await ListedAsync(app, "?end_user=ann", shop));
        Assert.Equal([made.Id], await ListedAsync(app, "?end_user=ann&q=fox", shop));
        Assert.Equal([made.Id], await ListedAsync(app, "?end_user=ann", Keys.AsAdmin));
        Assert.Empty(await ListedAsync(app, "?end_user=ann", blog));
        Assert.Empty(await ListedAsync(app, "?end_user=ann&q=fox", blog));
        Assert.Empty(await ListedAsync(app, "?end_user=eve", blog));
        Assert.Empty(await ListedAsync(app, "?end_user=an", shop));
    }

    [Fact]
    public async Task The_id_goes_before_the_member_and_the_address()
    {
        await using var app = await GenApiApp.StartAsync();
        (string? User, string? Id, string? Email, string? Name, string? Expected)[] cases =
        [
            ("ann", null, null, null, "ann"), ("ann", "u-1", null, null, "u-1"), ("ann", null, "ann@pictures.example", null, "ann"),
            (null, null, "ann@pictures.example", "Ann", "ann@pictures.example"),
            (null, "  ", " ann@pictures.example ", null, "ann@pictures.example"),
            // An address may be longer than an id.
            (null, null, new string('a', 129), null, null), (null, null, null, "Ann", null), (null, null, null, null, null),
            ("Ann König 🦊", null, null, null, "Ann König 🦊"),
        ];
        foreach (var (at, each) in cases.Index())
        {
            (string Name, string? Value)[] headers = [(Id, each.Id), (Email, each.Email), (Name, each.Name)];
            var sent = headers.Where(header => header.Value is not null).Select(header => (header.Name, header.Value!));
            var made = await app.GenerateAsync(Cent(at, each.User), [.. sent]);

            Assert.True(made.Status == 200, made.Text);
            Assert.Equal(each.Expected, made.Json.TryGetProperty("end_user", out var shown) ? shown.GetString() : null);
        }
    }

    [Fact]
    public async Task A_value_that_is_wrong_is_named_with_what_is_allowed_and_nothing_is_made()
    {
        await using var app = await GenApiApp.StartAsync();
        var (longest, longer) = (string.Concat(Enumerable.Repeat("🦊", 128)), new string('a', 129));

        Assert.Equal(200, (await app.GenerateAsync(Cent(1, longest))).Status);
        await RefusedAsync("$.user", "1 to 128 characters", Cent(2, longer));
        await RefusedAsync("$.user", "a string", """{ "prompt": "a fox", "user": 5 }""");
        await RefusedAsync("$.user", "128 characters", """{ "prompt": "a fox", "user": " " }""");
        await RefusedAsync("$.user", "control characters", """{ "prompt": "a fox", "user": "ann\u0007" }""");
        await RefusedAsync("$.user", "control characters", """{ "prompt": "a fox", "user": "ann\u2028bob" }""");
        await RefusedAsync(Id, "1 to 128 characters; it has 129.", Cent(2), (Id, longer));
        // The client joins them.
        await RefusedAsync(Id, "one value without a comma", Cent(2), (Id, "ann"), (Id, "bob"));
        await RefusedAsync(Email, "one value without a comma", Cent(2), (Email, "ann@pictures.example"), (Email, "bob@pictures.example"));
        await RefusedAsync(Id, "control characters", Cent(2), (Id, "ann\tbob"));
        await RefusedAsync(Email, "1 to 320 characters; it has 321.", Cent(2), (Id, "ann"), (Email, new string('a', 321)));
        await RefusedAsync(Name, "1 to 200 characters; it has 201.", Cent(2), (Id, "ann"), (Name, new string('a', 201)));
        await RefusedAsync(Name, "control characters", Cent(2), (Id, "ann"), (Name, "ann%0Abob"));
        using (var raw = await RawConnection.OpenAsync(app.Address, Ended))
        {
            const string body = """{ "prompt": "a fox" }""";
            await raw.SendAsync(
                System.Text.Encoding.ASCII.GetBytes(
                    $"POST /generate HTTP/1.1\r\nHost: {app.Address.Authority}\r\nContent-Type: application/json\r\n"
                        + $"{Id}: ann\r\n{Id}: bob\r\nContent-Length: {body.Length}\r\n\r\n{body}"),
                Ended);
            var refused = (await raw.ReadAsync(hasBody: true, leavesStreams: false, Ended))!;
            Assert.Equal(400, refused.Status);
            Assert.Contains("must be sent once; there are 2 of them.", refused.Text, StringComparison.Ordinal);
        }
        var several = await app.GenerateAsync(Cent(2), (Id, longer), (Email, "a\tb"));
        Assert.Equal([Id, Email], several["errors"].EnumerateObject().Select(each => each.Name));
        Assert.Equal(1, app.Sandbox.Stats.Creations);

        async Task RefusedAsync(string path, string sentence, object body, params (string, string)[] headers)
        {
            var refused = await app.GenerateAsync(body, headers);
            Assert.True((refused.Status, refused.Code) == (400, "invalid_request"), refused.Text);
            Assert.Contains(
                sentence, refused["errors"].GetProperty(path)[0].GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Names_follow_the_newest_request_and_a_request_without_one_leaves_them()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Cent(1), (Id, "ann"), (Email, "old@pictures.example"), (Name, "Ann"));
        Assert.Equal("Ann old@pictures.example", await WhoAsync());
        await app.GenerateAsync(Cent(1), (Id, "ann"), (Email, "new@pictures.example"));
        Assert.Equal("Ann new@pictures.example", await WhoAsync());
        await app.GenerateAsync(Cent(1), (Id, "ann"));
        // What is no encoding is a name as it is.
        await app.GenerateAsync(Cent(1), (Id, "ann"), (Name, "100% Ann"));
        await app.RestartAsync();
        Assert.Equal("100% Ann new@pictures.example", await WhoAsync());

        async Task<string> WhoAsync()
        {
            var row = (await app.GetAsync("/usage?group_by=end_user"))["data"][0];
            return $"{row.GetProperty("name")} {row.GetProperty("email")}";
        }
    }

    private static async Task<IEnumerable<string>> ListedAsync(GenApiApp app, string query, (string, string) key) =>
        (await app.GetAsync("/generations" + query, key))["data"].EnumerateArray().Select(each => each.GetProperty("id").GetString()!);

    private static object Cent(int seed, string? user = null) =>
        new { prompt = "a red fox", seed, model = "sandbox/partial", num_outputs = 1, width = 64, height = 64, user };

    /// <summary>Returns group, name, runs, hits, joined and cost.</summary>
    private static IEnumerable<string> Rows(Answer usage) => usage["data"].EnumerateArray().Select(row =>
        $"{row.GetProperty("group")} {(row.GetProperty("name") is { ValueKind: JsonValueKind.String } name ? name.ToString() : "null")}: "
            + $"{row.GetProperty("runs")} {row.GetProperty("hits")} {row.GetProperty("joined")} {row.GetProperty("cost_usd")}");
}
