using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Uploads;

namespace GenApi.Tests.Accounts;

/// <summary>Visibility: a key sees its own resources and those it was answered with; administrators see everything.</summary>
public sealed class SightTests
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    [Fact]
    public async Task A_key_lists_its_own_and_an_administrator_everything()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = await TwoAsync(app);
        var hers = await app.GenerateAsync(Requests.Small(1), ann);
        var his = await app.GenerateAsync(Requests.Small(2, "a blue fox"), bob);
        var more = await app.GenerateAsync(Requests.Small(3), ann);

        Assert.Equal([more.Id, hers.Id], await ListAsync(app, "", ann));
        Assert.Equal([his.Id], await ListAsync(app, "", bob));
        Assert.Equal([more.Id, his.Id, hers.Id], await ListAsync(app, "", Keys.AsAdmin));
        // Also with filters, search words and pages.
        Assert.Equal([his.Id], await ListAsync(app, "?q=fox", bob));
        Assert.Empty(await ListAsync(app, "?q=red", bob));
        Assert.Equal([more.Id, hers.Id], await ListAsync(app, "?status=succeeded&model=sdxl&q=fox", ann));
        var first = await app.GetAsync("/generations?limit=1", ann);
        Assert.Equal([hers.Id], await ListAsync(app, $"?limit=1&cursor={first["next_cursor"].GetString()}", ann));
    }

    [Fact]
    public async Task Who_is_answered_from_memory_sees_it_at_once_and_after_a_restart()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = await TwoAsync(app);
        var made = await app.GenerateAsync(Requests.Small(1), ann);
        var newer = await app.GenerateAsync(Requests.Small(2), ann);
        Assert.Equal(404, (await app.GetAsync($"/generations/{made.Id}", bob)).Status);

        var answered = await app.GenerateAsync(Requests.Small(1), bob);

        Assert.Equal(("GenApi; hit", made.Id), (answered.Header("Cache-Status"), answered.Id));
        await AssertSeenAsync(app, made, bob);
        Assert.Equal([made.Id], await ListAsync(app, "", bob));
        Assert.Equal([made.Id], await ListAsync(app, "?q=fox", bob));
        await app.RestartAsync();
        await AssertSeenAsync(app, made, bob);
        Assert.Equal([made.Id], await ListAsync(app, "?status=succeeded", bob));
        Assert.Equal(404, (await app.GetAsync($"/generations/{newer.Id}", bob)).Status);
        Assert.Equal(1, await GrantsAsync(app));
    }

    [Fact]
    public async Task Own_and_given_are_one_list_in_the_order_of_time()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = await TwoAsync(app);
        var ids = new List<string>();
        for (var seed = 1; seed <= 5; seed++)
            ids.Insert(0, (await app.GenerateAsync(Requests.Small(seed), seed % 2 == 0 ? bob : ann)).Id);
        for (var seed = 5; seed >= 1; seed--)
            await app.GenerateAsync(Requests.Small(seed), bob);

        var listed = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await app.GetAsync($"/generations?limit=2&cursor={cursor}", bob);
            listed.AddRange(Ids(page));
            cursor = page["next_cursor"].GetString();
        }
        Assert.Equal(ids, listed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_was_only_given_it_deletes_its_own_view_and_the_maker_the_thing(bool afterRestart)
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = await TwoAsync(app);
        var made = await app.GenerateAsync(Requests.Small(1), ann);
        await app.GenerateAsync(Requests.Small(1), bob);
        if (afterRestart)
            await app.RestartAsync();

        Assert.Equal((403, "forbidden"), Told(await app.DeleteAsync(made.ImageUrl().AbsolutePath, bob)));
        Assert.Equal(204, (await app.DeleteAsync($"/generations/{made.Id}", bob)).Status);
        Assert.Equal(404, (await app.GetAsync($"/generations/{made.Id}", bob)).Status);
        Assert.Equal(404, (await app.GetAsync(made.ImageUrl().AbsolutePath, bob)).Status);
        Assert.Equal(404, (await app.DeleteAsync($"/generations/{made.Id}", bob)).Status);
        await AssertSeenAsync(app, made, ann);
        await app.RestartAsync();
        Assert.Equal(404, (await app.GetAsync($"/generations/{made.Id}", bob)).Status);

        // The same request makes it visible again; then its maker deletes it for everyone.
        Assert.Equal(made.Id, (await app.GenerateAsync(Requests.Small(1), bob)).Id);
        Assert.Equal(204, (await app.DeleteAsync($"/generations/{made.Id}", ann)).Status);
        Assert.Equal(404, (await app.GetAsync($"/generations/{made.Id}", bob)).Status);
        Assert.Equal(404, (await app.GetAsync(made.ImageUrl().AbsolutePath, Keys.AsAdmin)).Status);
        Assert.Equal(0, await GrantsAsync(app));
    }

    [Fact]
    public async Task The_last_key_that_has_it_deletes_the_thing_itself()
    {
        await using var app = await Keys.StartAsync();
        var (annId, annSecret) = await app.MakeAsync("ann");
        var bob = Keys.Of((await app.MakeAsync("bob")).Secret);
        var made = await app.GenerateAsync(Requests.Small(1), Keys.Of(annSecret));
        await app.GenerateAsync(Requests.Small(1), bob);
        await app.DeleteAsync($"/accounts/keys/{annId}", Keys.AsAdmin);

        Assert.Equal(204, (await app.DeleteAsync($"/generations/{made.Id}", bob)).Status);

        Assert.Equal(404, (await app.GetAsync($"/generations/{made.Id}", Keys.AsAdmin)).Status);
    }

    [Fact]
    public async Task Canceling_a_joined_run_ends_only_ones_own_part_in_it()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = await TwoAsync(app);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var first = await app.GenerateAsync(Requests.Small(1), ann, Async);
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        var waiting = app.GenerateAsync(Requests.Small(1), bob);
        while ((await app.GetAsync($"/generations/{first.Id}", bob)).Status == 404)
            Assert.False(waiting.IsCompleted);
        var events = app.GetAsync($"/generations/{first.Id}/events", bob);

        Assert.Equal(202, (await app.PostAsync($"/generations/{first.Id}/cancel", null, bob)).Status);

        Assert.Equal(404, (await app.GetAsync($"/generations/{first.Id}", bob)).Status);
        Assert.Equal(404, (await app.PostAsync($"/generations/{first.Id}/cancel", null, bob)).Status);
        Assert.Equal((409, "conflict"), Told(await waiting));
        await events;
        held.Release();
        Assert.Equal("succeeded", (await EndedAsync(app, first.Id, ann)).State);
        Assert.Equal(0, app.Sandbox.Stats.Cancels);
    }

    [Fact]
    public async Task Idempotency_keys_are_an_accounts_own()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = await TwoAsync(app);
        var key = ("Idempotency-Key", "order-17");
        var hers = await app.GenerateAsync(Requests.Unseeded(), ann, key);
        var his = await app.GenerateAsync(Requests.Unseeded("a blue fox"), bob, key);

        Assert.Equal((200, 200), (hers.Status, his.Status));
        Assert.NotEqual(hers.Id, his.Id);
        Assert.Equal(hers.Id, (await app.GenerateAsync(Requests.Unseeded(), ann, key)).Id);
    }

    [Fact]
    public async Task An_act_under_a_key_from_before_there_were_accounts_stays_done()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = await TwoAsync(app);
        var key = ("Idempotency-Key", "order-17");
        var made = await app.GenerateAsync(Requests.Unseeded(), ann, key);
        await app.StopAsync();
        await Damage.ExecuteAsync(app, "UPDATE IdempotencyKeys SET Scope = 'everyone'");
        await app.StartAgainAsync();

        Assert.Equal(made.Id, (await app.GenerateAsync(Requests.Unseeded(), bob, key)).Id);
        await AssertSeenAsync(app, made, bob);
        Assert.NotEqual(made.Id, (await app.GenerateAsync(Requests.Unseeded("a blue fox"), bob, key)).Id);
    }

    [Fact]
    public async Task With_a_cache_of_its_own_no_key_is_answered_with_anothers()
    {
        await using var app = await Keys.StartAsync(new() { ["Generations:CacheScope"] = "key" });
        var (ann, bob) = await TwoAsync(app);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var hers = await app.GenerateAsync(Requests.Small(1), ann, Async);
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        var his = await app.GenerateAsync(Requests.Small(1), bob);

        Assert.Equal("GenApi; fwd=miss; stored", his.Header("Cache-Status"));
        Assert.NotEqual(hers.Id, his.Id);
        held.Release();
        await EndedAsync(app, hers.Id, ann);
        var again = await app.GenerateAsync(Requests.Small(1), ann);
        Assert.Equal(("GenApi; hit", hers.Id), (again.Header("Cache-Status"), again.Id));
        Assert.Equal(hers.Id, (await app.GenerateAsync(new { prompt = "a red fox", width = 64, height = 64, cache = "reuse" }, ann)).Id);
    }

    [Fact]
    public async Task What_was_made_before_the_first_key_is_the_administrators()
    {
        await using var app = await GenApiApp.StartAsync();
        var old = await app.GenerateAsync(Requests.Small(1));
        var admin = Keys.Of(
            (await app.PostAsync("/accounts/keys", new { name = "operations", rights = (string[])["admin"] }))["secret"].GetString()!);
        var ann = Keys.Of((await app.PostAsync("/accounts/keys", new { name = "ann" }, admin))["secret"].GetString()!);

        Assert.Equal(404, (await app.GetAsync($"/generations/{old.Id}", ann)).Status);
        Assert.Empty(await ListAsync(app, "", ann));
        Assert.Equal([old.Id], await ListAsync(app, "", admin));
        Assert.Equal(old.Id, (await app.GenerateAsync(Requests.Small(1), ann)).Id);
        Assert.Equal(204, (await app.DeleteAsync($"/generations/{old.Id}", ann)).Status);
        Assert.Equal(200, (await app.GetAsync($"/generations/{old.Id}", admin)).Status);
    }

    [Fact]
    public async Task Callers_without_a_key_see_what_such_callers_made()
    {
        await using var app = await Keys.StartAsync(new() { ["Accounts:AllowAnonymous"] = "true" });
        var (ann, _) = await TwoAsync(app);
        var theirs = await app.GenerateAsync(Requests.Small(1));
        var hers = await app.GenerateAsync(Requests.Small(2), ann);

        Assert.Equal([theirs.Id], await ListAsync(app, ""));
        Assert.Equal(404, (await app.GetAsync($"/generations/{hers.Id}")).Status);
        Assert.Equal(404, (await app.GetAsync($"/generations/{theirs.Id}", ann)).Status);
    }

    [Fact]
    public async Task Anothers_upload_or_image_is_no_input()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = await TwoAsync(app);
        var upload = await app.SendAsync(HttpMethod.Post, "/uploads", new ByteArrayContent(InputPictures.Plain(16, 16)), ann);
        var made = await app.GenerateAsync(Requests.Small(1), ann);
        var image = made["images"][0].GetProperty("id").GetString()!;
        var creations = app.Sandbox.Stats.CreationAttempts;

        foreach (var id in (string[])[upload.Id, image])
        {
            var refused = await app.GenerateAsync(new { prompt = "a fox", seed = 2, width = 64, height = 64, image = id }, bob);
            Assert.Equal((422, "invalid_input"), Told(refused));
            Assert.Contains(
                $"there is no {(id == image ? "image" : "upload")} {id}", refused["errors"].GetProperty("$.image")[0].GetString(),
                StringComparison.Ordinal);
        }
        Assert.Equal(creations, app.Sandbox.Stats.CreationAttempts);
        // A key may use the generation that it was answered with.
        await app.GenerateAsync(Requests.Small(1), bob);
        Assert.Equal(200, (await app.GenerateAsync(new { prompt = "a fox", seed = 2, width = 64, height = 64, image }, bob)).Status);
        Assert.Equal(
            200, (await app.GenerateAsync(new { prompt = "a fox", seed = 3, width = 64, height = 64, image = upload.Id }, ann)).Status);
    }

    private static async Task<((string, string) Ann, (string, string) Bob)> TwoAsync(GenApiApp app) =>
        (Keys.Of((await app.MakeAsync("ann")).Secret), Keys.Of((await app.MakeAsync("bob")).Secret));

    private static async Task AssertSeenAsync(GenApiApp app, Answer made, (string, string) key)
    {
        foreach (var path in (string[])[
            $"/generations/{made.Id}", $"/generations/{made.Id}/logs", made.ImageUrl().AbsolutePath,
            made.ImageUrl().AbsolutePath + "/info"])
            Assert.Equal(200, (await app.GetAsync(path, key)).Status);
    }

    private static async Task<IReadOnlyList<string>> ListAsync(GenApiApp app, string query, params (string, string)[] key) =>
        Ids(await app.GetAsync("/generations" + query, key));

    private static IReadOnlyList<string> Ids(Answer page) =>
        [.. page["data"].EnumerateArray().Select(each => each.GetProperty("id").GetString()!)];

    private static (int, string) Told(Answer answer) => (answer.Status, answer.Code);

    private static async Task<Answer> EndedAsync(GenApiApp app, string id, (string, string) key)
    {
        for (var round = 0; round < 30; round++)
        {
            var answer = await app.GetAsync($"/generations/{id}", ("Prefer", "wait=2"), key);
            if (answer is { Status: 200, State: "succeeded" or "failed" or "canceled" } seen)
                return seen;
        }
        throw new InvalidOperationException($"{id} did not end within a minute.");
    }

    private static Task<long> GrantsAsync(GenApiApp app) => Damage.ExecuteAsync(app, "SELECT COUNT(*) FROM GenerationGrants");
}
