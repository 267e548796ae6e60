using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Webhooks;

namespace GenApi.Tests.Doors.Repeats;

/// <summary>Tests that a repeated POST /generate gets the first generation, and that two requests that were answered stay two.</summary>
public sealed class RepeatTests
{
    private const string Running = "GenApi; fwd=miss; collapsed; detail=repeat", Ended = "GenApi; hit; detail=repeat";

    private static readonly (string, string) Async = ("Prefer", "respond-async"), Marked = ("X-Stainless-Retry-Count", "1");

    [Fact]
    public async Task A_repeat_after_a_broken_connection_gets_the_run_and_later_its_result()
    {
        await using var app = await GenApiApp.StartAsync();
        var (held, id) = await app.LeaveAsync(Requests.Unseeded());

        var running = await app.GenerateAsync(Requests.Unseeded(), Async);
        await app.UntilUnansweredAsync();
        var another = await app.GenerateAsync(Requests.Unseeded(), Async);
        held.Release();
        await Requests.EndedAsync(app, id);
        var ended = await app.GenerateAsync(Requests.Unseeded());

        Assert.Equal((202, Running, id), (running.Status, running.Header("Cache-Status"), running.Id));
        Assert.Equal((202, Running, id), (another.Status, another.Header("Cache-Status"), another.Id));
        Assert.Equal((200, Ended, id), (ended.Status, ended.Header("Cache-Status"), ended.Id));
        await Requests.AssertWholeAsync(app, ended);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        Assert.Equal(1, await Damage.ExecuteAsync(app, "SELECT COUNT(*) FROM UsageEntries WHERE Kind = 'Run'"));
    }

    [Fact]
    public async Task Repeats_while_the_first_caller_waits_share_its_run_and_all_get_the_image()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var all = Enumerable.Range(0, 6).Select(_ => app.GenerateAsync(Requests.Unseeded())).ToList();
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        all.Add(app.GenerateAsync(Requests.Unseeded()));
        var late = await app.GenerateAsync(Requests.Unseeded(), Async);
        held.Release();
        var answers = await Task.WhenAll(all);

        Assert.Equal(202, late.Status);
        Assert.All(answers, answer => Assert.Equal((200, late.Id), (answer.Status, answer.Id)));
        Assert.Equal(6, answers.Count(answer => answer.Header("Cache-Status") == Running));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        // All of them were answered, most at the same moment.
        Assert.NotEqual(late.Id, (await app.GenerateAsync(Requests.Unseeded())).Id);
    }

    [Fact]
    public async Task Equal_requests_that_were_answered_stay_two_whether_their_runs_have_ended_or_not()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);

        var first = await app.GenerateAsync(Requests.Unseeded(), Async);
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        var second = await app.GenerateAsync(Requests.Unseeded());
        var third = await app.GenerateAsync(Requests.Unseeded());
        held.Release();
        await Requests.EndedAsync(app, first.Id);

        Assert.Equal(3, new[] { first.Id, second.Id, third.Id }.Distinct().Count());
        Assert.Equal("GenApi; fwd=bypass", third.Header("Cache-Status"));
        Assert.Equal(3, app.Sandbox.Stats.Creations);
        Assert.Equal(0, await Damage.ExecuteAsync(app, "SELECT COUNT(*) FROM Generations WHERE UnansweredAt IS NOT NULL"));
    }

    [Fact]
    public async Task A_repeat_of_a_failed_run_gets_its_failure_and_nothing_is_run_again()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.RunFails);
        var id = await app.LeaveAndEndAsync(Requests.Small(7));

        var again = await app.GenerateAsync(Requests.Small(7));

        Assert.Equal((502, "upstream_failed", id), (again.Status, again.Code, again["generation_id"].GetString()));
        Assert.Equal("false", again.Header("x-should-retry"));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_failure_that_the_caller_was_told_is_answered_and_the_next_request_is_a_new_run()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.RunFails);

        var failed = await app.GenerateAsync(Requests.Unseeded());
        var again = await app.GenerateAsync(Requests.Unseeded());

        Assert.Equal((502, 200), (failed.Status, again.Status));
        Assert.Equal("false", failed.Header("x-should-retry"));
        Assert.Null(again.Header("x-should-retry"));
    }

    [Fact]
    public async Task An_error_before_anything_was_made_does_not_say_that_a_repeat_is_no_use()
    {
        await using var app = await GenApiApp.StartAsync();

        var unknown = await app.GenerateAsync(new { prompt = "a fox", model = "nobody/nothing" });

        Assert.Equal((404, null), (unknown.Status, unknown.Header("x-should-retry")));
    }

    [Fact]
    public async Task Without_a_window_a_repeat_joins_only_while_the_first_one_runs()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Doors:RepeatMinutes"] = "0" });
        var (held, id) = await app.LeaveAsync(Requests.Unseeded());
        await app.UntilUnansweredAsync();

        var running = await app.GenerateAsync(Requests.Unseeded(), Async);
        held.Release();
        await Requests.EndedAsync(app, id);
        var ended = await app.GenerateAsync(Requests.Unseeded());

        Assert.Equal((id, false), (running.Id, ended.Id == id));
    }

    [Fact]
    public async Task A_request_that_says_it_is_a_repeat_gets_the_first_one_although_that_was_answered()
    {
        await using var app = await GenApiApp.StartAsync();
        var first = await app.GenerateAsync(Requests.Unseeded());

        var marked = await app.GenerateAsync(Requests.Unseeded(), Marked);
        var other = await app.GenerateAsync(Requests.Unseeded("another fox"), Marked);
        var unmarked = await app.GenerateAsync(Requests.Unseeded(), ("X-Stainless-Retry-Count", "0"));

        Assert.Equal((first.Id, Ended), (marked.Id, marked.Header("Cache-Status")));
        Assert.Equal("GenApi; fwd=bypass", other.Header("Cache-Status"));
        Assert.NotEqual(first.Id, unmarked.Id);
        Assert.Equal(3, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task An_idempotency_key_decides_alone()
    {
        await using var app = await GenApiApp.StartAsync();
        var keyless = await app.LeaveAndEndAsync(Requests.Unseeded());

        var keyed = await app.GenerateAsync(Requests.Unseeded(), ("Idempotency-Key", "one"));
        var again = await app.GenerateAsync(Requests.Unseeded(), ("Idempotency-Key", "one"), Marked);
        var other = await app.GenerateAsync(Requests.Unseeded(), ("Idempotency-Key", "two"), Marked);

        Assert.Equal((keyed.Id, "GenApi; hit"), (again.Id, again.Header("Cache-Status")));
        Assert.Equal(3, new[] { keyless, keyed.Id, other.Id }.Distinct().Count());
        // What was made under a key is no first request for one without.
        Assert.Equal(keyless, (await app.GenerateAsync(Requests.Unseeded())).Id);
    }

    [Fact]
    public async Task What_somebody_has_canceled_is_made_again_unless_the_request_says_that_it_is_a_repeat()
    {
        await using var app = await GenApiApp.StartAsync();
        var (held, id) = await app.LeaveAsync(Requests.Unseeded());
        await app.UntilUnansweredAsync();
        await app.PostAsync($"/generations/{id}/cancel");
        held.Release();
        await Requests.EndedAsync(app, id);

        var marked = await app.GenerateAsync(Requests.Unseeded(), Marked);
        var person = await app.GenerateAsync(Requests.Unseeded());

        Assert.Equal((409, id, "false"), (marked.Status, marked["generation_id"].GetString(), marked.Header("x-should-retry")));
        Assert.Equal((200, false), (person.Status, person.Id == id));
    }

    [Fact]
    public async Task A_deleted_generation_and_one_without_its_images_are_made_again()
    {
        await using var app = await GenApiApp.StartAsync();
        var deleted = await app.LeaveAndEndAsync(Requests.Unseeded());
        Assert.Equal(204, (await app.DeleteAsync($"/generations/{deleted}")).Status);

        var second = await app.LeaveAndEndAsync(Requests.Unseeded());
        var image = (await app.GetAsync($"/generations/{second}"))["images"][0].GetProperty("id").GetString();
        await app.DeleteAsync($"/images/{image}");
        var third = await app.GenerateAsync(Requests.Unseeded(), Marked);

        Assert.Equal(200, third.Status);
        Assert.Equal(3, new[] { deleted, second, third.Id }.Distinct().Count());
    }

    [Fact]
    public async Task Another_account_and_another_body_are_other_requests()
    {
        await using var app = await Keys.StartAsync();
        var (_, one) = await app.MakeAsync("one");
        var (_, two) = await app.MakeAsync("two");
        var id = await app.LeaveAndEndAsync(Requests.Unseeded(), Keys.Of(one));

        var stranger = await app.GenerateAsync(Requests.Unseeded(), Keys.Of(two), Marked);
        var other = await app.GenerateAsync(Requests.Unseeded("a blue fox"), Keys.Of(one), Marked);
        var fresh = await app.GenerateAsync(Requests.Unseeded(), Keys.Of(one), ("Cache-Control", "no-cache"));
        var same = await app.GenerateAsync(Requests.Unseeded(), Keys.Of(one));

        Assert.Equal(4, new[] { id, stranger.Id, other.Id, fresh.Id }.Distinct().Count());
        Assert.Equal(id, same.Id);
    }

    [Fact]
    public async Task A_repeat_asks_for_no_second_webhook()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(receiver.Settings);
        var body = new { prompt = "a fox", width = 64, height = 64, webhook = receiver.Url };
        var (held, id) = await app.LeaveAsync(body);

        var again = await app.GenerateAsync(body, Async);
        held.Release();
        await Requests.EndedAsync(app, id);

        Assert.Equal((id, Running), (again.Id, again.Header("Cache-Status")));
        Assert.Equal(1, await Damage.ExecuteAsync(app, "SELECT COUNT(*) FROM WebhookDeliveries WHERE Event = 'Completed'"));
    }

    [Fact]
    public async Task A_request_that_would_join_by_its_cache_key_anyway_shows_no_repeat()
    {
        await using var app = await GenApiApp.StartAsync();
        var (held, id) = await app.LeaveAsync(Requests.Small(7));

        var running = await app.GenerateAsync(Requests.Small(7), Async);
        held.Release();
        await Requests.EndedAsync(app, id);
        var ended = await app.GenerateAsync(Requests.Small(7));

        Assert.Equal((id, "GenApi; fwd=miss; collapsed"), (running.Id, running.Header("Cache-Status")));
        Assert.Equal((id, "GenApi; hit"), (ended.Id, ended.Header("Cache-Status")));
    }

    [Fact]
    public async Task An_answer_that_was_reset_before_it_was_read_counts_as_none()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.CutAsync(Requests.Unseeded());

        var again = await app.GenerateAsync(Requests.Unseeded());

        Assert.Equal((200, Ended), (again.Status, again.Header("Cache-Status")));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_connection_that_closes_after_its_answer_was_read_is_no_broken_one()
    {
        await using var app = await GenApiApp.StartAsync();
        var ids = new List<string>();
        for (var round = 0; round < 5; round++)
        {
            using var client = new HttpClient { BaseAddress = app.Address };
            using var content = new StringContent(JsonSerializer.Serialize(Requests.Unseeded()), null, "application/json");
            using var response = await client.PostAsync("/generate", content, TestContext.Current.CancellationToken);
            ids.Add((await Answer.ReadAsync(response)).Id);
        }

        Assert.Equal(5, ids.Distinct().Count());
        Assert.Equal(0, await Damage.ExecuteAsync(app, "SELECT COUNT(*) FROM Generations WHERE UnansweredAt IS NOT NULL"));
    }
}
