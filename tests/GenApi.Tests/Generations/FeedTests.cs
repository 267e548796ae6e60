using GenApi.Core.Accounts.Keys;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Following;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Generations.Removal;
using GenApi.Core.Persistence;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Generations;

/// <summary>GET /events: every change reaches those who may see it, once.</summary>
public sealed class FeedTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_begins_with_what_is_unfinished_and_goes_on_with_what_happens()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var running = await app.GenerateAsync(Requests.Small(2), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Stop);

        var (feed, beginning) = await FeedReading.BeginAsync(app);
        await using var _ = feed;
        held.Release();
        var end = await feed.UntilEndOfAsync(running.Id);
        var made = await app.GenerateAsync(Requests.Small(3));
        var next = await feed.UntilEndOfAsync(made.Id);

        var first = Assert.Single(beginning);
        Assert.Equal(("generation", running.Id), (first.Name, first.Id));
        var last = end[^1];
        // It is the generation as it is read, and its revision.
        var read = await app.GetAsync($"/generations/{running.Id}");
        var shown = last.Data.EnumerateObject().ToDictionary(each => each.Name, each => each.Value.ToString());
        Assert.True(shown.Remove("revision"));
        Assert.Equal(read.Json.EnumerateObject().ToDictionary(each => each.Name, each => each.Value.ToString()), shown);
        foreach (var events in new[] { end.Prepend(first).ToList(), next })
        {
            var revisions = events.Select(each => each.Data.GetProperty("revision").GetInt64()).ToList();
            // None comes twice, also not one between the beginning and the stream.
            Assert.Equal(revisions.Distinct().Order(), revisions);
        }
        Assert.All(end.Concat(next), each => Assert.NotNull(each.EventId));
        Assert.Equal("succeeded", next[^1].Status);
        Assert.NotEqual("succeeded", next[0].Status);
    }

    [Fact]
    public async Task Steps_of_a_run_are_progress_and_not_the_whole_generation()
    {
        await using var app = await GenApiApp.StartAsync(sandbox: new SandboxOptions { Speed = 4 });
        var (feed, _) = await FeedReading.BeginAsync(app);
        await using var __ = feed;

        var made = await app.GenerateAsync(
            new { prompt = "a red fox", model = "sandbox/slow", cache = "refresh" }, ("Prefer", "respond-async"));
        var step = (await feed.UntilAsync("progress"))[^1];

        Assert.Equal(made.Id, step.Id);
        var (current, total) = (step.Data.GetProperty("current").GetInt32(), step.Data.GetProperty("total").GetInt32());
        Assert.InRange(current, 1, total);
        Assert.Equal(Math.Round((double)current / total, 4), step.Data.GetProperty("percentage").GetDouble());
        await app.DeleteAsync($"/generations/{made.Id}");
        Assert.Equal(made.Id, (await feed.UntilAsync("removed"))[^1].Id);
    }

    [Fact]
    public async Task What_one_tab_does_reaches_the_others()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        var image = made["images"][0].GetProperty("id").GetString()!;
        var (feed, _) = await FeedReading.BeginAsync(app);
        await using var __ = feed;

        await app.PostAsync($"/generations/{made.Id}/pin");
        Assert.True((await feed.NextAsync())!.Data.GetProperty("pinned").GetBoolean());

        await app.SendAsync(HttpMethod.Put, $"/images/{image}/tags/fox", null);
        await app.SendAsync(HttpMethod.Put, $"/images/{image}/tags/winter", null);
        var tags = (await feed.UntilAsync(each => each.Name == "tagged" && each.Data.GetProperty("tags").GetArrayLength() == 2))[^1];
        Assert.Equal(image, tags.Image);
        await app.SendAsync(HttpMethod.Delete, $"/images/{image}/tags/fox", null);
        Assert.Equal("winter", Assert.Single((await feed.NextAsync())!.Data.GetProperty("tags").EnumerateArray()).GetString());
        // What changes nothing is no news.
        await app.SendAsync(HttpMethod.Delete, $"/images/{image}/tags/fox", null);
        await app.PostAsync($"/generations/{made.Id}/pin");
        await app.PostAsync($"/generations/{made.Id}/cancel");

        await app.PostAsync("/images/delete", new { ids = new[] { image } });
        var binned = await feed.UntilAsync("generation");
        Assert.Equal(["removed", "generation"], binned.Select(each => each.Name));
        Assert.Equal((image, made.Id), (binned[0].Image, binned[0].Member("generation")));
        Assert.Equal(0, binned[1].Data.GetProperty("images").GetArrayLength());

        await app.PostAsync("/images/restore", new { ids = new[] { image } });
        var back = await feed.UntilAsync("generation");
        Assert.Equal(["restored", "generation"], back.Select(each => each.Name));
        Assert.Equal((image, 1), (back[0].Image, back[1].Data.GetProperty("images").GetArrayLength()));

        await app.DeleteAsync($"/images/{image}");
        Assert.Equal(image, (await feed.UntilAsync("generation"))[0].Image);

        await app.DeleteAsync($"/generations/{made.Id}");
        var gone = (await feed.NextAsync())!;
        Assert.Equal(("removed", made.Id), (gone.Name, gone.Id));
    }

    [Fact]
    public async Task Retention_is_reported()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        var (feed, _) = await FeedReading.BeginAsync(app);
        await using var __ = feed;

        await app.Services.GetRequiredService<GenerationRemover>().RemoveAsync(db => db.Set<Generation>(), Stop);

        var gone = (await feed.NextAsync())!;
        Assert.Equal(("removed", made.Id), (gone.Name, gone.Id));
    }

    [Fact]
    public async Task A_listener_gets_what_it_may_see_from_when_it_may_see_it_and_no_longer()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = ((await app.MakeAsync("ann")).Secret, (await app.MakeAsync("bob")).Secret);
        var (all, _) = await FeedReading.BeginAsync(app, key: Keys.Admin);
        var (hers, _) = await FeedReading.BeginAsync(app, key: ann);
        var (his, _) = await FeedReading.BeginAsync(app, key: bob);
        await using var first = all;
        await using var second = hers;
        await using var third = his;

        var secret = await app.GenerateAsync(Requests.Small(1, "hers alone"), Keys.Of(ann));
        var shared = await app.GenerateAsync(Requests.Small(2), Keys.Of(ann));
        await hers.UntilEndOfAsync(shared.Id);
        // A hit gives it to bob, and his first event is the whole generation.
        Assert.Equal(shared.Id, (await app.GenerateAsync(Requests.Small(2), Keys.Of(bob))).Id);
        var given = (await his.NextAsync())!;
        Assert.Equal(("generation", shared.Id, "succeeded"), (given.Name, given.Id, given.Status));

        // Bob takes it out of his view; for the others nothing has happened.
        Assert.Equal(204, (await app.DeleteAsync($"/generations/{shared.Id}", Keys.Of(bob))).Status);
        var left = (await his.NextAsync())!;
        Assert.Equal(("removed", shared.Id), (left.Name, left.Id));
        await app.PostAsync($"/generations/{shared.Id}/pin", null, Keys.Of(ann));
        Assert.True((await hers.NextAsync())!.Data.GetProperty("pinned").GetBoolean());

        Assert.Equal(204, (await app.DeleteAsync($"/generations/{secret.Id}", Keys.Of(ann))).Status);
        Assert.Equal(secret.Id, (await hers.UntilAsync("removed"))[^1].Id);
        var own = await app.GenerateAsync(Requests.Small(3, "his own"), Keys.Of(bob));
        var seen = await his.UntilEndOfAsync(own.Id);

        Assert.All(seen, each => Assert.Equal(own.Id, each.Id));
        var everything = await all.UntilEndOfAsync(own.Id);
        Assert.Equal(
            [secret.Id, shared.Id, own.Id],
            everything.Where(each => each.Name == "generation").Select(each => each.Id!).Distinct());
        Assert.Equal(secret.Id, Assert.Single(everything, each => each.Name == "removed").Id);
    }

    [Fact]
    public async Task A_run_that_is_joined_belongs_to_both_until_one_leaves()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = ((await app.MakeAsync("ann")).Secret, (await app.MakeAsync("bob")).Secret);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var run = await app.GenerateAsync(Requests.Small(1), Keys.Of(ann), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Stop);
        var (his, nothing) = await FeedReading.BeginAsync(app, key: bob);
        await using var _ = his;

        await app.GenerateAsync(Requests.Small(1), Keys.Of(bob), ("Prefer", "respond-async"));
        var joined = (await his.NextAsync())!;
        var (hers, beginning) = await FeedReading.BeginAsync(app, key: ann);
        await using var __ = hers;
        await app.PostAsync($"/generations/{run.Id}/cancel", null, Keys.Of(ann));
        var left = (await hers.UntilAsync("removed"))[^1];
        held.Release();
        var end = await his.UntilEndOfAsync(run.Id);

        Assert.Empty(nothing);
        Assert.Equal(run.Id, joined.Id);
        Assert.Equal(run.Id, Assert.Single(beginning).Id);
        Assert.Equal(("removed", run.Id), (left.Name, left.Id));
        Assert.Equal("succeeded", end[^1].Status);
        // To her it is over: the next she hears of is another.
        var other = await app.GenerateAsync(Requests.Small(2), Keys.Of(ann));
        Assert.All(await hers.UntilEndOfAsync(other.Id), each => Assert.Equal(other.Id, each.Id));
    }

    [Fact]
    public async Task A_revoked_key_ends_its_stream()
    {
        await using var app = await Keys.StartAsync();
        var (id, secret) = await app.MakeAsync("ann");
        var (feed, _) = await FeedReading.BeginAsync(app, key: secret);
        await using var __ = feed;

        await app.DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin);

        Assert.Empty(await feed.RestAsync());
    }

    [Fact]
    public async Task Streams_count_as_listeners()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Generations:MaxListeners"] = "1" });
        await using (await FeedReading.OpenAsync(app))
        {
            var refused = await app.GetAsync("/events");
            Assert.Equal((503, "overloaded", "5"), (refused.Status, refused.Code, refused.Header("Retry-After")));
        }
    }

    [Fact]
    public async Task A_stream_makes_polls_of_its_own_account_more_frequent_while_it_lasts()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = ((await app.MakeAsync("ann")).Secret, (await app.MakeAsync("bob")).Secret);
        var (hers, his) = (
            await app.GenerateAsync(Requests.Small(1), Keys.Of(ann)), await app.GenerateAsync(Requests.Small(2), Keys.Of(bob)));
        var (schedule, feed) = (app.Services.GetRequiredService<PollSchedule>(), app.Services.GetRequiredService<GenerationFeed>());
        var rows = new[] { await RowAsync(app, hers), await RowAsync(app, his) };

        using (await feed.ListenAsync(app.Services.GetRequiredService<ApiKeys>().Find(ann).Caller!, Stop))
            Assert.Equal([true, false], rows.Select(schedule.IsWatched));

        Assert.Equal([false, false], rows.Select(schedule.IsWatched));
    }

    [Fact]
    public async Task One_read_serves_all_who_listen()
    {
        await using var app = await GenApiApp.StartAsync();
        var feed = app.Services.GetRequiredService<GenerationFeed>();
        var caller = app.Services.GetRequiredService<ApiKeys>().Open;
        var listeners = new List<FeedListener>();
        for (var count = 0; count < 1_000; count++)
            listeners.Add(await feed.ListenAsync(caller, Stop));

        var made = await app.GenerateAsync(Requests.Small(1));

        var ends = new List<FeedEvent>();
        foreach (var listener in listeners)
        {
            while (ends.Count <= listeners.IndexOf(listener))
            {
                ends.AddRange((await listener.NextAsync(Stop))!.Where(each => each is FeedEvent.Changed { Details: var details }
                    && PublicId.Format(PublicId.Generation, details.Generation.Id) == made.Id
                    && details.Generation.CompletedAt is not null).Take(1));
            }
            listener.Dispose();
        }
        Assert.Equal(1_000, ends.Count);
        Assert.All(ends, each => Assert.Same(ends[0], each));
    }

    private static async Task<Generation> RowAsync(GenApiApp app, Answer made)
    {
        Assert.True(PublicId.TryParse(PublicId.Generation, made.Id, out var id));
        return (await app.Services.GetRequiredService<GenerationReader>().FindAsync(id, Stop))!.Generation;
    }
}
