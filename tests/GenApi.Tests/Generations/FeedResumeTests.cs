using GenApi.Core.Generations.Signals;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Servers;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Generations;

/// <summary>GET /events with Last-Event-ID: nothing is missed and nothing comes twice.</summary>
public sealed class FeedResumeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_listener_that_comes_back_gets_what_it_has_missed_each_once()
    {
        await using var app = await GenApiApp.StartAsync();
        var (old, deleted) = (await app.GenerateAsync(Requests.Small(1)), await app.GenerateAsync(Requests.Small(2)));
        var (first, _) = await FeedReading.BeginAsync(app);
        var known = await app.GenerateAsync(Requests.Small(3));
        await first.UntilEndOfAsync(known.Id);
        await first.DisposeAsync();

        var missed = await app.GenerateAsync(Requests.Small(4));
        await app.PostAsync($"/generations/{old.Id}/pin");
        var image = old["images"][0].GetProperty("id").GetString()!;
        await app.SendAsync(HttpMethod.Put, $"/images/{image}/tags/fox", null);
        await app.DeleteAsync($"/generations/{deleted.Id}");
        await app.PostAsync("/images/delete", new { ids = new[] { known["images"][0].GetProperty("id").GetString() } });

        var (second, beginning) = await FeedReading.BeginAsync(app, first.LastId);
        await using var _ = second;

        Assert.Equal(
            [
                $"generation {missed.Id} succeeded", $"generation {old.Id} succeeded", $"tagged {image} ", $"removed {deleted.Id} ",
                $"removed {known["images"][0].GetProperty("id").GetString()} ", $"generation {known.Id} succeeded",
            ],
            beginning.Select(each => each.ToString()));
        var (third, nothing) = await FeedReading.BeginAsync(app, second.LastId);
        await third.DisposeAsync();
        Assert.Empty(nothing);
        // An answer that breaks off continues where it was.
        var (fourth, rest) = await FeedReading.BeginAsync(app, beginning[3].EventId);
        await fourth.DisposeAsync();
        Assert.Equal(beginning[4..].Select(each => each.ToString()), rest.Select(each => each.ToString()));
    }

    [Fact]
    public async Task What_others_did_meanwhile_stays_with_them()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = ((await app.MakeAsync("ann")).Secret, (await app.MakeAsync("bob")).Secret);
        var made = await app.GenerateAsync(Requests.Small(1), Keys.Of(ann));
        var (first, _) = await FeedReading.BeginAsync(app, key: bob);
        await first.DisposeAsync();

        var hers = await app.GenerateAsync(Requests.Small(2, "hers"), Keys.Of(ann));
        await app.DeleteAsync($"/generations/{hers.Id}", Keys.Of(ann));
        await app.GenerateAsync(Requests.Small(1), Keys.Of(bob));
        var (second, granted) = await FeedReading.BeginAsync(app, first.LastId, bob);
        await second.DisposeAsync();
        await app.DeleteAsync($"/generations/{made.Id}", Keys.Of(bob));
        var (third, left) = await FeedReading.BeginAsync(app, second.LastId, bob);
        await third.DisposeAsync();

        Assert.Equal([$"generation {made.Id} succeeded"], granted.Select(each => each.ToString()));
        Assert.Equal([$"removed {made.Id} "], left.Select(each => each.ToString()));
    }

    [Fact]
    public async Task After_a_restart_lists_are_to_be_read_again_and_what_has_ended_is_there()
    {
        await using var app = await GenApiApp.StartAsync();
        var (first, _) = await FeedReading.BeginAsync(app);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var run = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Stop);
        await app.StopAsync();
        await first.RestAsync();
        await first.DisposeAsync();
        held.Release();
        await app.StartAgainAsync();
        await Requests.EndedAsync(app, run.Id);

        var (second, beginning) = await FeedReading.BeginAsync(app, first.LastId);
        await second.DisposeAsync();

        // The log that instances share outlives a process.
        string[] names = StoreKind.IsPostgres ? ["generation"] : ["reset", "generation"];
        Assert.Equal(names, beginning.Select(each => each.Name));
        Assert.Equal((run.Id, "succeeded"), (beginning[^1].Id, beginning[^1].Status));
    }

    [Fact]
    public async Task An_id_that_is_none_is_a_reset_and_no_error()
    {
        await using var app = await GenApiApp.StartAsync();
        var (feed, _) = await FeedReading.BeginAsync(app);
        await feed.DisposeAsync();
        string[] ids =
        [
            "1", "-", "a-b-c", "00000000-0-0", "zzzzzzzz-1-1", "00000000-1-99999999999999999", "00000000--1-1", new string('9', 3_000),
            "' OR 1=1 --", $"{feed.LastId![..8]}-999-1", $"{feed.LastId}-1", $" {feed.LastId![..8]}-0-1",
        ];
        foreach (var id in ids)
        {
            var answer = await app.GetAsync($"/events?follow=false&last_event_id={Uri.EscapeDataString(id)}");
            Assert.True(
                answer.Status == 200 && answer.Text.StartsWith("retry: 1000\n\nevent: reset\ndata: {}\n\n", StringComparison.Ordinal),
                $"{id}: {answer.Status} {answer.Text}");
        }
        var well = await app.GetAsync($"/events?follow=false&last_event_id={feed.LastId}");
        Assert.StartsWith("retry: 1000\n\nevent: ready\n", well.Text, StringComparison.Ordinal);
        var header = await app.GetAsync("/events?follow=false&last_event_id=wrong", ("Last-Event-ID", feed.LastId!));
        Assert.DoesNotContain("reset", header.Text, StringComparison.Ordinal);

        foreach (var query in new[] { "?last_id=1", "?follow=maybe", "?follow=true&follow=false" })
        {
            var refused = await app.GetAsync($"/events{query}");
            Assert.Equal((400, "invalid_request"), (refused.Status, refused.Code));
        }
    }

    [Fact]
    public async Task A_quiet_stream_shows_that_it_lives_and_its_id_stays_young()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await GenApiApp.StartAsync(time: time);
        var (feed, _) = await FeedReading.BeginAsync(app);
        await using var __ = feed;
        var before = feed.LastId!;

        var next = feed.NextAsync();
        while (!next.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(15));
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Stop));
        }
        Assert.Equal(":", (await next)!.Name);
        next = feed.NextAsync();
        while (!next.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(15));
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Stop));
        }

        Assert.Equal(before.Split('-')[..2], feed.LastId!.Split('-')[..2]);
        Assert.True(string.CompareOrdinal(before, feed.LastId) < 0, $"{before} {feed.LastId}");
        var (again, beginning) = await FeedReading.BeginAsync(app, feed.LastId);
        await again.DisposeAsync();
        Assert.Empty(beginning);
    }

    [Fact]
    public void Changes_are_remembered_once_for_each_thing_and_not_for_ever()
    {
        var changes = new GenerationChanges();
        var (one, two, account) = (NewId(), NewId(), NewId());
        changes.Changed(one);
        Assert.Equal((false, 0), (changes.IsOn, changes.Last));

        changes.Follow(account);
        changes.Changed(one);
        changes.Changed(two);
        changes.Granted(one, account);
        changes.Changed(one);
        Assert.Equal([(two, 2L), (one, 3L), (one, 4L)], changes.After(0)!.Select(each => (each.Subject, each.Number)));
        Assert.Equal([4L], changes.After(3)!.Select(each => each.Number));
        Assert.Empty(changes.After(4)!);
        Assert.Null(changes.After(5));

        // What is removed stays removed, whatever is signalled afterwards.
        changes.Removed(one, [account]);
        changes.Changed(one);
        Assert.Equal((ChangeKind.Removed, 5L), (changes.After(4)!.Single().Kind, changes.Last));

        for (var at = 0; at < GenerationChanges.Most; at++)
            changes.Changed(NewId());
        Assert.Null(changes.After(4));
        Assert.Equal(GenerationChanges.Most, changes.After(5)!.Count);
    }

    private static Guid NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
}
