using System.Diagnostics;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Accounts;

/// <summary>A run that several keys wait for: each key ends its own part, and the last one ends the run.</summary>
public sealed class SharedEndTests
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_key_that_made_a_run_ends_its_own_part_while_another_waits(bool deletes)
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = await TwoAsync(app);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var first = await app.GenerateAsync(Hooked("https://ann.example/hook"), ann, Async);
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        var hers = app.GenerateAsync(Requests.Small(1), ann);
        var events = app.GetAsync($"/generations/{first.Id}/events", ann);
        var his = app.GenerateAsync(Hooked("https://bob.example/hook"), bob);
        while ((await app.GetAsync($"/generations/{first.Id}", bob)).Status == 404)
            Assert.False(his.IsCompleted);

        Assert.Equal(deletes ? 204 : 202, await EndAsync(app, first.Id, ann, deletes));

        Assert.Equal(404, (await app.GetAsync($"/generations/{first.Id}", ann)).Status);
        Assert.Equal(404, await EndAsync(app, first.Id, ann, deletes));
        Assert.Empty(await ListAsync(app, "", ann));
        Assert.Empty(await ListAsync(app, "?q=fox", ann));
        Assert.Equal((409, "conflict"), Told(await hers));
        await events;
        Assert.Equal((0, 1), (await HooksAsync(app, "ann"), await HooksAsync(app, "bob")));
        held.Release();
        var made = await his;
        Assert.Equal((200, "succeeded", first.Id), (made.Status, made.State, made.Id));
        Assert.Equal(200, (await app.GetAsync(made.ImageUrl().AbsolutePath, bob)).Status);
        Assert.Equal(0, app.Sandbox.Stats.Cancels);

        // The key that requested the run has paid, and nothing stays reserved.
        Assert.Equal((made["cost", "usd"].GetString(), "0"), await MoneyAsync(app, ann));
        Assert.Equal(("0", "0"), await MoneyAsync(app, bob));
        Assert.Equal("", Damage.Kinds((await Damage.FsckAsync(app)).Report));

        // The same request makes it visible again, as for any other key.
        await app.RestartAsync();
        Assert.Equal(404, (await app.GetAsync($"/generations/{first.Id}", ann)).Status);
        var again = await app.GenerateAsync(Requests.Small(1), ann);
        Assert.Equal(("GenApi; hit", first.Id), (again.Header("Cache-Status"), again.Id));
        Assert.Equal([first.Id], await ListAsync(app, "", ann));
        Assert.Equal([first.Id], await ListAsync(app, "?q=fox", ann));
        Assert.Equal(204, (await app.DeleteAsync($"/generations/{first.Id}", ann)).Status);
        Assert.Equal(200, (await app.GetAsync($"/generations/{first.Id}", bob)).Status);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_last_key_that_waits_ends_the_run(bool deletes)
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = await TwoAsync(app);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var first = await app.GenerateAsync(Requests.Small(1), ann, Async);
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        await app.GenerateAsync(Requests.Small(1), bob, Async);

        Assert.Equal(202, await EndAsync(app, first.Id, ann, deletes: false));
        Assert.Equal(deletes ? 204 : 202, await EndAsync(app, first.Id, bob, deletes));
        // A cancel after the run's own end would not cancel anything.
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Cancels > 0, TestContext.Current.CancellationToken);
        held.Release();

        await UntilAsync(app, "SELECT COUNT(*) = 0 FROM Generations WHERE CompletedAt IS NULL");
        Assert.Equal(1, app.Sandbox.Stats.Cancels);
        Assert.Equal(deletes ? 404 : 200, (await app.GetAsync($"/generations/{first.Id}", bob)).Status);
        Assert.Equal("0", (await MoneyAsync(app, ann)).Reserved);
        Assert.Equal("", Damage.Kinds((await Damage.FsckAsync(app)).Report));
    }

    [Fact]
    public async Task A_key_that_comes_back_to_the_run_it_left_waits_for_it_as_others_do()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = await TwoAsync(app);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var first = await app.GenerateAsync(Requests.Small(1), ann, Async);
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        await app.GenerateAsync(Requests.Small(1), bob, Async);
        await EndAsync(app, first.Id, ann, deletes: true);

        var back = await app.GenerateAsync(Requests.Small(1), ann, Async);
        Assert.Equal((202, first.Id), (back.Status, back.Id));
        Assert.Equal(202, await EndAsync(app, first.Id, bob, deletes: false));

        held.Release();
        Assert.Equal("succeeded", (await EndedAsync(app, first.Id, ann)).State);
        Assert.Equal(0, app.Sandbox.Stats.Cancels);
    }

    [Fact]
    public async Task A_request_after_the_cancel_starts_a_run_of_its_own()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = await TwoAsync(app);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var first = await app.GenerateAsync(Requests.Small(1), ann, Async);
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(202, await EndAsync(app, first.Id, ann, deletes: false));

        var his = await app.GenerateAsync(Requests.Small(1), bob);

        Assert.Equal((200, "succeeded"), (his.Status, his.State));
        Assert.NotEqual(first.Id, his.Id);
        held.Release();
        Assert.Equal("canceled", (await EndedAsync(app, first.Id, ann)).State);
    }

    [Fact]
    public async Task Whoever_joins_in_the_moment_of_the_cancel_gets_a_picture()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = await TwoAsync(app);
        for (var seed = 1; seed <= 20; seed++)
        {
            var first = await app.GenerateAsync(Requests.Small(seed), ann, Async);
            var joining = app.GenerateAsync(Requests.Small(seed), bob);
            await EndAsync(app, first.Id, ann, deletes: seed % 2 == 0);
            var his = await joining;
            Assert.True((his.Status, his.State) == (200, "succeeded"), his.Text);
        }
    }

    [Fact]
    public async Task A_revoked_key_holds_no_run_up_and_an_administrator_ends_it_for_everybody()
    {
        await using var app = await Keys.StartAsync();
        var ann = Keys.Of((await app.MakeAsync("ann")).Secret);
        var (bobId, bobSecret) = await app.MakeAsync("bob");
        foreach (var byAdministrator in (bool[])[true, false])
        {
            var seed = byAdministrator ? 1 : 2;
            var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
            var first = await app.GenerateAsync(Requests.Small(seed), ann, Async);
            await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
            await app.GenerateAsync(Requests.Small(seed), Keys.Of(bobSecret), Async);
            if (!byAdministrator)
                await app.DeleteAsync($"/accounts/keys/{bobId}", Keys.AsAdmin);

            Assert.Equal(202, await EndAsync(app, first.Id, byAdministrator ? Keys.AsAdmin : ann, deletes: false));

            held.Release();
            Assert.Equal("canceled", (await EndedAsync(app, first.Id, ann)).State);
        }
    }

    [Fact]
    public async Task What_is_being_stored_can_not_be_canceled_and_is_kept()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = await TwoAsync(app);
        var slow = app.Sandbox.Faults.Add(FaultKind.FileSlow);
        var first = await app.GenerateAsync(Requests.Small(1), ann, Async);
        await slow.Reached.WaitAsync(TestContext.Current.CancellationToken);
        await app.GenerateAsync(Requests.Small(1), bob, Async);
        // It says so as soon as the file takes long.
        await UntilAsync(app, "SELECT COUNT(*) = 1 FROM Generations WHERE Status = 'Storing'");

        foreach (var key in ((string, string)[])[ann, bob, Keys.AsAdmin])
        {
            var refused = await app.PostAsync($"/generations/{first.Id}/cancel", null, key);
            Assert.Equal((409, "conflict"), Told(refused));
            Assert.Contains("are being stored", refused["detail"].GetString(), StringComparison.Ordinal);
        }

        slow.Release();
        Assert.Equal("succeeded", (await EndedAsync(app, first.Id, ann)).State);
        Assert.Equal(first.Id, (await app.GenerateAsync(Requests.Small(1), bob)).Id);
    }

    [Fact]
    public async Task What_is_deleted_while_it_is_being_stored_is_not_fetched_again()
    {
        await using var app = await Keys.StartAsync(new() { ["Generations:DownloadPatienceSeconds"] = "3300" });
        var (ann, _) = await TwoAsync(app);
        for (var round = 0; round < 20; round++)
            app.Sandbox.Faults.Add(FaultKind.FileUnavailable);
        var first = await app.GenerateAsync(new { model = "flux-schnell", prompt = "a red fox", seed = 1 }, ann, Async);
        while ((await app.GetAsync($"/generations/{first.Id}", ann)) is { } seen
            && seen["error"].ValueKind == System.Text.Json.JsonValueKind.Null)
            Assert.True(seen.State is "queued" or "starting" or "processing" or "storing");

        Assert.Equal(204, await EndAsync(app, first.Id, ann, deletes: true));

        await UntilAsync(app, "SELECT COUNT(*) = 0 FROM Generations");
        Assert.Equal(1, await Damage.ExecuteAsync(app, "SELECT COUNT(*) FROM UsageEntries WHERE Status = 'canceled'"));
        // The run had ended at the upstream, so it was billed.
        var (spent, reserved) = await MoneyAsync(app, ann);
        Assert.NotEqual("0", spent);
        Assert.Equal("0", reserved);
        Assert.Equal("", Damage.Kinds((await Damage.FsckAsync(app)).Report));
    }

    private static object Hooked(string url) => new { prompt = "a red fox", seed = 1, width = 64, height = 64, webhook = url };

    private static async Task<((string, string) Ann, (string, string) Bob)> TwoAsync(GenApiApp app) =>
        (Keys.Of((await app.MakeAsync("ann")).Secret), Keys.Of((await app.MakeAsync("bob")).Secret));

    private static async Task<int> EndAsync(GenApiApp app, string id, (string, string) key, bool deletes) =>
        (deletes ? await app.DeleteAsync($"/generations/{id}", key) : await app.PostAsync($"/generations/{id}/cancel", null, key)).Status;

    private static async Task<(string? Spent, string? Reserved)> MoneyAsync(GenApiApp app, (string, string) key)
    {
        var me = await app.GetAsync("/accounts/me", key);
        return (me["budgets", "total", "spent_usd"].GetString(), me["budgets", "total", "reserved_usd"].GetString());
    }

    private static async Task<IReadOnlyList<string>> ListAsync(GenApiApp app, string query, (string, string) key) =>
        [.. (await app.GetAsync("/generations" + query, key))["data"].EnumerateArray().Select(each => each.GetProperty("id").GetString()!)];

    private static Task<long> HooksAsync(GenApiApp app, string host) =>
        Damage.ExecuteAsync(app, $"SELECT COUNT(*) FROM WebhookSubscriptions WHERE Url LIKE 'https://{host}.%'");

    /// <summary>Polls the database, and lets the service poll, until the condition holds.</summary>
    private static async Task UntilAsync(GenApiApp app, string question)
    {
        var begun = Stopwatch.GetTimestamp();
        while (await Damage.ExecuteAsync(app, question) == 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(60), question);
            await app.GetAsync("/health/live");
        }
    }

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
}
