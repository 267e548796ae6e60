using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Persistence;
using GenApi.Tests.Servers;
using Microsoft.Data.Sqlite;

namespace GenApi.Tests.Gallery;

/// <summary>Tests who sees which images in the list, and that it reads only what the caller sees.</summary>
public sealed class GalleryVisibilityTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_caller_sees_its_own_images_and_those_it_was_answered_with()
    {
        await using var app = await Keys.StartAsync(new() { ["Accounts:AllowAnonymous"] = "true" });
        var (ann, bob) = (Keys.Of((await app.MakeAsync("ann")).Secret), Keys.Of((await app.MakeAsync("bob")).Secret));
        var made = await app.GenerateAsync(Requests.Small(1), ann);
        var hers = Listed.ImagesOf(made);
        var his = Listed.ImagesOf(await app.GenerateAsync(Requests.Small(2, "a blue fox"), bob));
        var nobodys = Listed.ImagesOf(await app.GenerateAsync(Requests.Small(3, "a fox without a key")));

        Assert.Equal(hers, await Listed.IdsAsync(app, "", ann));
        Assert.Equal(his, await Listed.IdsAsync(app, "", bob));
        Assert.Equal(nobodys, await Listed.IdsAsync(app));
        Assert.Equal([.. nobodys, .. his, .. hers], await Listed.IdsAsync(app, "", Keys.AsAdmin));
        // A hit shares it, with its place in the order of time.
        await app.GenerateAsync(Requests.Small(1), bob);
        Assert.Equal([.. his, .. hers], await Listed.IdsAsync(app, "", bob));
        Assert.Equal([.. his, .. hers], (await Listed.AllAsync(app, "?limit=1&q=fox", bob)).Ids);
        Assert.Equal([.. his, .. hers], (await Listed.AllAsync(app, "?limit=1", bob)).Ids);
        Assert.Equal(hers, await Listed.IdsAsync(app, "?q=red", bob));
        // Leaving takes it away again, with his tags; hers stay.
        foreach (var key in ((string, string)[])[ann, bob])
            Assert.Equal(204, (await app.SendAsync(HttpMethod.Put, $"/images/{hers[0]}/tags/fox", null, key)).Status);
        Assert.Equal(204, (await app.DeleteAsync($"/generations/{made.Id}", bob)).Status);
        foreach (var query in (string[])["", "?q=red", "?tag=fox"])
            Assert.DoesNotContain(hers[0], await Listed.IdsAsync(app, query, bob));
        await app.GenerateAsync(Requests.Small(1), bob, ("Idempotency-Key", "again"));
        Assert.Empty(await Listed.IdsAsync(app, "?tag=fox", bob));
        Assert.Equal(hers, await Listed.IdsAsync(app, "?tag=fox", ann));
        // Deleted for everybody.
        Assert.Equal(204, (await app.DeleteAsync($"/generations/{made.Id}", ann)).Status);
        Assert.Equal([.. nobodys, .. his], await Listed.IdsAsync(app, "", Keys.AsAdmin));
        Assert.Equal(401, (await app.GetAsync("/images", Keys.Of("genapi_wrong"))).Status);
    }

    [Fact]
    public async Task Images_in_the_bin_and_runs_that_keep_a_model_warm_are_not_listed()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        var other = await app.GenerateAsync(Requests.Small(2));
        var id = Listed.ImagesOf(made)[0];
        await app.SendAsync(HttpMethod.Put, $"/images/{id}/tags/fox", null);

        await Damage.ExecuteAsync(
            app, $"UPDATE Images SET BinnedAt = 1 WHERE GenerationId = (SELECT Id FROM Generations WHERE Number = 1)");
        foreach (var query in (string[])["", "?q=fox", "?tag=fox", "?model=sdxl"])
            Assert.DoesNotContain(id, await Listed.IdsAsync(app, query));
        Assert.Equal(404, (await app.SendAsync(HttpMethod.Put, $"/images/{id}/tags/moon", null)).Status);
        await Damage.ExecuteAsync(app, "UPDATE Images SET BinnedAt = NULL");
        Assert.Equal([id], await Listed.IdsAsync(app, "?tag=fox"));

        var warm = app.Store.Id(GenApi.Core.Accounts.FixedAccounts.KeepWarmId);
        await Damage.ExecuteAsync(app, $"UPDATE Generations SET OwnerId = {warm} WHERE Number = 1");
        foreach (var query in (string[])["?", "?q=fox", "?model=sdxl"])
            Assert.Equal(Listed.ImagesOf(other), await Listed.IdsAsync(app, query));
        Assert.Empty(await Listed.IdsAsync(app, "?tag=fox"));
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task A_list_reads_only_the_accounts_own_rows_whatever_the_filters_and_the_figures()
    {
        using var queries = new AskedQueries("SELECT");
        await using var app = await Keys.StartAsync();
        queries.Folder = app.DataDirectory;
        var (ann, bob) = (Keys.Of((await app.MakeAsync("ann")).Secret), Keys.Of((await app.MakeAsync("bob")).Secret));
        var made = await app.GenerateAsync(Requests.Small(1, "a zebra"), ann);
        await app.GenerateAsync(Requests.Small(1, "a zebra"), bob);
        await app.GenerateAsync(Requests.Small(2, "a heron"), bob);
        foreach (var key in ((string, string)[])[ann, bob])
            await app.SendAsync(HttpMethod.Put, $"/images/{Listed.ImagesOf(made)[0]}/tags/fox", null, key);
        await app.StopAsync();
        await SearchStore.CopyAsync(app, 300);
        await Damage.ExecuteAsync(app, "ANALYZE");
        await app.StartAgainAsync();
        await SearchStore.FilledAsync(app);
        var cursor = Listed.CursorOf(await Listed.PageAsync(app, "?limit=1", bob));

        string[] lists =
        [
            "?", "?model=sdxl", "?pinned=true", "?pinned=false", "?min_width=1", "?format=webp", "?tag=fox",
            "?created_after=2020-01-01T00:00:00Z&created_before=2020-01-02T00:00:00Z", $"?cursor={cursor}", $"?cursor={cursor}&tag=fox",
            $"?model=sdxl&pinned=false&format=png&min_width=64&created_after=2020-01-01T00:00:00Z&cursor={cursor}", "?q=heron",
            "?q=zebra&model=sdxl&pinned=false&tag=fox",
        ];
        foreach (var query in lists)
        {
            var before = queries.All.Count;
            await Listed.PageAsync(app, query, bob);
            await AssertOwnAsync(queries.All.Skip(before), query);
        }
        var seen = queries.All.Count;
        Assert.Equal(204, (await app.SendAsync(HttpMethod.Put, $"/images/{Listed.ImagesOf(made)[0]}/tags/moon", null, bob)).Status);
        Assert.Equal(200, (await app.GetAsync("/images/tags", bob)).Status);
        Assert.Equal(200, (await app.GetAsync($"/images/{Listed.ImagesOf(made)[0]}/tags", bob)).Status);
        await AssertOwnAsync(queries.All.Skip(seen).Where(each => each.Text.Contains("ImageTags", StringComparison.Ordinal)), "tags");

        async Task AssertOwnAsync(IEnumerable<AskedQuery> asked, string query)
        {
            await using var connection = new SqliteConnection($"Data Source={Damage.Database(app)};Pooling=False");
            await connection.OpenAsync(Ended);
            var plans = new List<string>();
            // Loops in the background ask for other things.
            foreach (var each in asked.Where(each => !each.Text.Contains("WithoutThumbHash", StringComparison.Ordinal)
                && !each.Text.Contains("\"ApiKeys\"", StringComparison.Ordinal)))
                plans.AddRange(await each.PlanAsync(connection, Ended));
            Assert.NotEmpty(plans);
            Assert.All(plans, line => Assert.True(IsOfTheAccount(line), $"{query}: {line}\n{string.Join('\n', plans)}"));
        }

        // Beyond the account's own entries, only rows that these name are read: a generation by its number, its images, an image by its id.
        static bool IsOfTheAccount(string line) => !line.StartsWith("BLOOM", StringComparison.Ordinal)
            && (!line.StartsWith("SCAN", StringComparison.Ordinal) && !line.StartsWith("SEARCH", StringComparison.Ordinal)
            || line.Contains("(OwnerId=", StringComparison.Ordinal) || line.Contains("(AccountId=", StringComparison.Ordinal)
            || line.Contains("(rowid=?)", StringComparison.Ordinal) || line.Contains("(GenerationId=?", StringComparison.Ordinal)
            || line.Contains("(Id=?)", StringComparison.Ordinal) || line.Contains("VIRTUAL TABLE", StringComparison.Ordinal)
            || line is "SCAN own" or "SCAN CONSTANT ROW");
    }

    [Fact]
    public async Task The_images_of_a_joined_run_are_listed_for_everyone_who_waited()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = (Keys.Of((await app.MakeAsync("ann")).Secret), Keys.Of((await app.MakeAsync("bob")).Secret));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var first = await app.GenerateAsync(Requests.Small(1), ann, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        var waiting = app.GenerateAsync(Requests.Small(1), bob);
        while ((await app.GetAsync($"/generations/{first.Id}", bob)).Status == 404)
            Assert.False(waiting.IsCompleted);

        Assert.Empty(await Listed.IdsAsync(app, "", ann));
        Assert.Empty(await Listed.IdsAsync(app, "", bob));
        held.Release();
        var images = Listed.ImagesOf(await waiting);

        Assert.Equal(images, await Listed.IdsAsync(app, "", ann));
        Assert.Equal(images, await Listed.IdsAsync(app, "", bob));
    }
}
