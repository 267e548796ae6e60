using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Hosting;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Gallery.Selection;

/// <summary>Images in the bin are invisible everywhere, stay on the disk for their time, and come back whole.</summary>
public sealed class BinTests
{
    private static readonly (string, string) OnlyStored = ("Cache-Control", "only-if-cached");

    [Fact]
    public async Task What_is_in_the_bin_is_nowhere_and_comes_back_as_it_was()
    {
        await using var app = await Keys.StartAsync();
        var ann = Keys.Of((await app.MakeAsync("ann")).Secret);
        var made = await app.GenerateAsync(Pair(1), ann);
        var (gone, left) = (made.ImageIds()[0], made.ImageIds()[1]);
        var link = made.ImageUrl().PathAndQuery;
        var tag = (await app.GetAsync($"/generations/{made.Id}", ann)).Header("ETag");
        var bytes = (await app.GetAsync($"/images/{gone}", ann)).Body;
        var before = TimeProvider.System.GetUtcNow();

        var deleted = await app.BinAsync([gone], ann);

        Assert.Equal((200, gone), (deleted.Status, Assert.Single(deleted["ids"].EnumerateArray()).GetString()));
        Assert.InRange(deleted["restorable_until"].GetDateTimeOffset(), before.AddMinutes(59), before.AddMinutes(61));
        foreach (var end in new[] { "", ".png", "/info", "?width=64", "?format=webp", "?metadata=embedded" })
            BadInputTests.AssertProblem(await app.GetAsync($"/images/{gone}{end}", ann), 404, "not_found");
        Assert.Equal(404, (await app.GetAsync(link)).Status);
        Assert.Equal(404, (await app.SendAsync(HttpMethod.Head, $"/images/{gone}", null, ann)).Status);
        Assert.Equal(404, (await app.GetAsync($"/images/{gone}", Keys.AsAdmin)).Status);
        var seen = await app.GetAsync($"/generations/{made.Id}", ann);
        Assert.Equal([left], seen.ImageIds());
        Assert.NotEqual(tag, seen.Header("ETag"));
        var row = (await app.GetAsync("/generations", ann))["data"][0].GetProperty("images");
        Assert.Equal(left, Assert.Single(row.EnumerateArray()).GetProperty("id").GetString());
        var listed = (await app.GetAsync("/images", ann))["data"].EnumerateArray();
        Assert.Equal(left, Assert.Single(listed).GetProperty("id").GetString());
        Assert.Equal(404, (await app.SendAsync(HttpMethod.Put, $"/images/{gone}/tags/fox", null, ann)).Status);
        AssertNames(await app.ArchiveAsync([left, gone], ann), 404, "not_found", "$.ids[1]", gone);
        var asInput = await app.GenerateAsync(new { prompt = "a fox", seed = 9, image = gone }, ann);
        Assert.Equal((422, "invalid_input"), (asInput.Status, asInput.Code));
        Assert.Equal(504, (await app.GenerateAsync(Pair(1), ann, OnlyStored)).Status);
        Assert.Contains(Damage.KeyOf(made), await app.Store.NeededBlobsAsync());

        var back = await app.RestoreAsync([gone], ann);

        Assert.Equal((200, gone), (back.Status, Assert.Single(back["ids"].EnumerateArray()).GetString()));
        Assert.Equal(bytes, (await app.GetAsync(link)).Body);
        Assert.Equal(made.ImageIds(), (await app.GetAsync($"/generations/{made.Id}", ann)).ImageIds());
        var hit = await app.GenerateAsync(Pair(1), ann);
        Assert.Equal(("GenApi; hit", made.Id), (hit.Header("Cache-Status"), hit.Id));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task A_generation_answers_again_only_when_nothing_of_it_is_missing()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Logging:LogLevel:Default"] = "None" });
        string[] losses = ["nothing", "one stays", "one is deleted", "one expires", "bytes are lost", "one was deleted before"];
        foreach (var (at, what) in losses.Index())
        {
            var made = await app.GenerateAsync(Pair(at + 1));
            var ids = made.ImageIds();
            if (what == "one was deleted before")
                await app.DeleteAsync($"/images/{ids[1]}");
            await app.BinAsync(what == "one was deleted before" ? [ids[0]] : ids);
            if (what == "one is deleted")
                Assert.Equal(204, (await app.DeleteAsync($"/images/{ids[1]}")).Status);
            if (what == "bytes are lost")
                await app.Store.Blobs.DeleteAsync(Damage.KeyOf(made));
            Assert.Equal(200, (await app.RestoreAsync(what is "nothing" or "bytes are lost" ? ids : [ids[0]])).Status);
            if (what == "one expires")
            {
                await app.AgeBinAsync(TimeSpan.FromMinutes(60));
                Assert.NotEqual(0, await app.EmptyBinAsync());
                Assert.Equal(404, (await app.RestoreAsync([ids[1]])).Status);
            }

            var again = await app.GenerateAsync(Pair(at + 1), OnlyStored);

            Assert.True(again.Status == (what == "nothing" ? 200 : 504), $"{what}: {again.Status}");
        }
        Assert.Equal(losses.Length, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_request_for_a_picture_in_the_bin_makes_it_again_and_a_restore_then_gives_two()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        await app.BinAsync(made.ImageIds());

        var again = await app.GenerateAsync(Requests.Small(1));
        Assert.Equal(200, (await app.RestoreAsync(made.ImageIds())).Status);

        Assert.Equal("GenApi; fwd=miss; stored", again.Header("Cache-Status"));
        Assert.NotEqual(made.Id, again.Id);
        await Requests.AssertWholeAsync(app, await app.GetAsync($"/generations/{made.Id}"));
        await Requests.AssertWholeAsync(app, again);
        Assert.Contains((await app.GenerateAsync(Requests.Small(1), OnlyStored)).Id, new[] { made.Id, again.Id });
        Assert.Equal(2, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task The_bin_outlives_a_restart_and_is_emptied_when_its_time_is_over()
    {
        await using var app = await GenApiApp.StartAsync();
        var (one, two) = (await app.GenerateAsync(Requests.Small(1)), await app.GenerateAsync(Requests.Small(2)));
        await app.BinAsync([.. one.ImageIds(), .. two.ImageIds()]);

        await app.RestartAsync();
        Assert.Equal(404, (await app.GetAsync(one.ImageUrl().AbsolutePath)).Status);
        Assert.Equal(504, (await app.GenerateAsync(Requests.Small(1), OnlyStored)).Status);
        await app.AgeBinAsync(TimeSpan.FromMinutes(59));
        Assert.Equal(0, await app.EmptyBinAsync());
        Assert.Equal(200, (await app.RestoreAsync(one.ImageIds())).Status);
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1), OnlyStored));
        await app.AgeBinAsync(TimeSpan.FromMinutes(1));

        // Its time is over, whether or not it has been removed yet.
        AssertNames(await app.RestoreAsync(two.ImageIds()), 404, "not_found", "$.ids[0]", two.ImageIds()[0]);
        AssertNames(await app.BinAsync(two.ImageIds()), 404, "not_found", "$.ids[0]", two.ImageIds()[0]);
        Assert.Equal(1, await app.EmptyBinAsync());
        Assert.Equal(0, await app.EmptyBinAsync());
        AssertNames(await app.RestoreAsync(two.ImageIds()), 404, "not_found", "$.ids[0]", two.ImageIds()[0]);
        Assert.DoesNotContain(Damage.KeyOf(two), await app.Store.NeededBlobsAsync());
        Assert.Empty((await app.GetAsync($"/generations/{two.Id}")).ImageIds());
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task A_clock_that_is_set_neither_empties_the_bin_nor_keeps_it_for_ever()
    {
        var time = new SteppedClock();
        await using var app = await GenApiApp.StartAsync(time: time);
        var made = await app.GenerateAsync(Requests.Small(1));
        await app.BinAsync(made.ImageIds());

        time.Step(TimeSpan.FromHours(5));
        Assert.Equal(0, await app.EmptyBinAsync());
        Assert.Equal(200, (await app.RestoreAsync(made.ImageIds())).Status);
        // Callers are given the time that their clock shows.
        var until = (await app.BinAsync(made.ImageIds()))["restorable_until"].GetDateTimeOffset();
        Assert.InRange(until - time.GetUtcNow(), TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));

        // A process that began before the clock was set back is five hours ahead of the next one.
        await Damage.ExecuteAsync(app, $"UPDATE Images SET BinnedAt = BinnedAt + {TimeSpan.FromHours(9).Ticks}");
        await app.RestartAsync();
        Assert.Equal(0, await app.EmptyBinAsync());
        await app.AgeBinAsync(TimeSpan.FromMinutes(60));
        Assert.Equal(1, await app.EmptyBinAsync());
    }

    [Fact]
    public async Task Without_a_bin_a_deletion_is_final_at_once()
    {
        await using var app = await GenApiApp.StartAsync();
        var (one, two) = (await app.GenerateAsync(Requests.Small(1)), await app.GenerateAsync(Requests.Small(2)));
        await app.BinAsync(one.ImageIds());
        await app.RestartAsync(new() { ["Images:UndoMinutes"] = "0" });

        var deleted = await app.BinAsync([.. one.ImageIds(), .. two.ImageIds()]);

        Assert.Equal((200, System.Text.Json.JsonValueKind.Null), (deleted.Status, deleted["restorable_until"].ValueKind));
        Assert.Equal(404, (await app.RestoreAsync(two.ImageIds())).Status);
        Assert.Empty((await app.Store.NeededBlobsAsync()).Intersect([Damage.KeyOf(one), Damage.KeyOf(two)]));
        Assert.Equal(504, (await app.GenerateAsync(Requests.Small(2), OnlyStored)).Status);
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task What_deletes_for_good_reaches_into_the_bin()
    {
        await using var app = await GenApiApp.StartAsync();
        var (one, two) = (await app.GenerateAsync(Requests.Small(1)), await app.GenerateAsync(Pair(2)));
        await app.BinAsync([.. one.ImageIds(), two.ImageIds()[0]]);

        Assert.Equal(204, (await app.DeleteAsync($"/images/{one.ImageIds()[0]}")).Status);
        Assert.Equal(204, (await app.DeleteAsync($"/generations/{two.Id}")).Status);

        Assert.Empty((await app.Store.NeededBlobsAsync()).Intersect([Damage.KeyOf(one), Damage.KeyOf(two)]));
        Assert.Equal(404, (await app.DeleteAsync($"/images/{one.ImageIds()[0]}")).Status);
        Assert.Equal(404, (await app.RestoreAsync([two.ImageIds()[0]])).Status);
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task A_second_deletion_of_the_same_keeps_the_time_of_the_first()
    {
        await using var app = await GenApiApp.StartAsync();
        var (one, two) = (await app.GenerateAsync(Requests.Small(1)), await app.GenerateAsync(Requests.Small(2)));
        var first = await app.BinAsync(one.ImageIds());
        await app.AgeBinAsync(TimeSpan.FromMinutes(30));

        var second = await app.BinAsync([.. one.ImageIds(), .. two.ImageIds()]);

        Assert.Equal(200, second.Status);
        Assert.InRange(
            first["restorable_until"].GetDateTimeOffset() - second["restorable_until"].GetDateTimeOffset(),
            TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(31));
    }

    [Fact]
    public async Task An_unfinished_generation_keeps_what_is_stored_already()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var running = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        // As one of its files is, while others are still being fetched.
        var stored = Assert.Single(await app.AddFilesAsync(running.Id, 1, [1, 2, 3]));

        var refused = await app.BinAsync([stored]);

        AssertNames(refused, 409, "conflict", "$.ids[0]", stored);
        Assert.Equal(200, (await app.GetAsync($"/files/{stored}")).Status);
    }

    /// <summary>Asks for two small pictures.</summary>
    private static object Pair(int seed) => new { prompt = "a red fox", seed, width = 64, height = 64, num_outputs = 2 };

    internal static void AssertNames(Answer refused, int status, string code, string path, string id)
    {
        BadInputTests.AssertProblem(refused, status, code);
        Assert.Contains(id, refused["errors", path][0].GetString(), StringComparison.Ordinal);
        Assert.Contains(path, refused["detail"].GetString(), StringComparison.Ordinal);
    }
}
