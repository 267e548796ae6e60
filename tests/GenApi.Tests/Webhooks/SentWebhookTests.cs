using System.Text;
using GenApi.Core.Webhooks;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Hosting;
using GenApi.Tests.Images;
using GenApi.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Webhooks;

/// <summary>Outgoing webhooks: receivers, events, times and signatures.</summary>
public sealed class SentWebhookTests
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_end_is_told_signed_and_with_the_generation_as_callers_know_it()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(receiver.Settings);

        var made = await app.GenerateAsync(Fox(1, receiver));
        var message = await receiver.NextAsync(1);

        Assert.Equal("generation.completed", message.Type);
        Assert.Equal(["type", "timestamp", "data"], message.Body.EnumerateObject().Select(each => each.Name));
        Assert.Equal(made.Text.Replace($"\"account\":{made["account"]},", "", StringComparison.Ordinal), message.Data.GetRawText());
        Assert.Equal(made["completed_at"].GetDateTime(), message.Body.GetProperty("timestamp").GetDateTime(), TimeSpan.FromSeconds(1));
        Assert.Equal("application/json", message.Request.Headers["Content-Type"]);
        Assert.Equal("/hook?key=of-the-receiver", message.Request.Target);
        Assert.True(IsSigned(message, Secret(app)));
        var delivery = await DeliveredAsync(app, made.Id);
        Assert.Equal((message.Id, "completed", "delivered"), (delivery.Id, delivery["event"].GetString(), delivery["status"].GetString()));
        Assert.Equal(receiver.Url.Split('?')[0] + "?…", delivery["url"].GetString());
        var attempt = Assert.Single(delivery["attempts"].EnumerateArray());
        Assert.Equal((200, null), (attempt.GetProperty("status").GetInt32(), attempt.GetProperty("error").GetString()));
        Assert.Equal("null", delivery["next_attempt_at"].GetRawText());
    }

    [Fact]
    public async Task Every_request_with_a_webhook_is_told_made_joined_or_stored_and_a_repeated_one_is_not()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(receiver.Settings);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var key = ("Idempotency-Key", "order-17");

        var made = await app.GenerateAsync(Fox(1, receiver), Async, key);
        var joined = await app.GenerateAsync(Fox(1, receiver), Async);
        await app.GenerateAsync(Fox(1, receiver), Async, key);
        held.Release();
        await Requests.EndedAsync(app, made.Id);
        await app.GenerateAsync(Fox(1, receiver), key);
        var stored = await app.GenerateAsync(Fox(1, receiver));
        await app.GenerateAsync(Requests.Small(1));

        var deliveries = await AllDeliveredAsync(app, made.Id, 3);
        Assert.Equal((made.Id, made.Id), (joined.Id, stored.Id));
        Assert.Equal("GenApi; hit", stored.Header("Cache-Status"));
        Assert.Equal(3, deliveries.Count);
        Assert.Equal(3, receiver.Messages.Select(message => message.Id).Distinct().Count());
        Assert.All(receiver.Messages, message => Assert.Equal("succeeded", message.Data.GetProperty("status").GetString()));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        await app.StopAsync();
        Assert.Equal(0, await RowsAsync(app, "WebhookSubscriptions"));
    }

    /// <summary>The worker has read the row before there was a subscriber.</summary>
    [Fact]
    public async Task Who_joins_while_the_creation_is_under_way_is_told_the_end()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(receiver.Settings, new SandboxOptions { Speed = 0 });
        var held = app.Sandbox.Faults.Add(FaultKind.CreateSlowAfter);
        var made = await app.GenerateAsync(Requests.Small(1), Async);
        await held.Reached.WaitAsync(Ended);

        await app.GenerateAsync(Fox(1, receiver), Async);
        held.Release();
        var message = await receiver.NextAsync(1);

        Assert.Equal((made.Id, "succeeded"), (message.Data.GetProperty("id").GetString(), message.Data.GetProperty("status").GetString()));
    }

    [Theory]
    [InlineData(FaultKind.RunFails, "failed")]
    [InlineData(FaultKind.RunStuck, "canceled")]
    public async Task Any_end_is_an_end(FaultKind fault, string status)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(receiver.Settings);
        app.Sandbox.Faults.Add(fault);
        var made = await app.GenerateAsync(Fox(1, receiver), Async);
        if (status == "canceled")
        {
            await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Gets > 0, Ended);
            await app.PostAsync($"/generations/{made.Id}/cancel");
        }

        var message = await receiver.NextAsync(1);

        Assert.Equal(("generation.completed", status), (message.Type, message.Data.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_generation_that_is_canceled_before_anybody_took_it_up_is_told_too()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(new(receiver.Settings) { ["Replicate:MaxInFlight"] = "1" });
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await app.GenerateAsync(Requests.Small(1), Async);
        await held.Reached.WaitAsync(Ended);
        var queued = await app.GenerateAsync(Fox(2, receiver), Async);

        await app.PostAsync($"/generations/{queued.Id}/cancel");

        var end = (await receiver.NextAsync(1)).Data;
        Assert.Equal((queued.Id, "canceled"), (end.GetProperty("id").GetString(), end.GetProperty("status").GetString()));
        held.Release();
    }

    [Fact]
    public async Task Start_and_progress_are_told_to_who_asks_for_them()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(receiver.Settings, new SandboxOptions { Speed = 1.5 });

        var made = await app.GenerateAsync(Fox(receiver, ["start", "progress", "completed"]));
        await AllDeliveredAsync(app, made.Id, null);

        var told = receiver.Messages.Select(message => message.Type).ToList();
        Assert.Single(told, "generation.start");
        Assert.Single(told, "generation.completed");
        Assert.InRange(told.Count(type => type == "generation.progress"), 1, 20);
        var progress = receiver.Messages.Where(message => message.Type == "generation.progress");
        Assert.All(progress, message => Assert.True(message.Data.GetProperty("progress").GetProperty("percentage").GetDouble() > 0));
    }

    [Fact]
    public async Task A_run_too_short_to_be_seen_has_begun_all_the_same_and_who_wants_the_start_alone_is_not_told_the_end()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(receiver.Settings);
        string[] events = ["start"];

        var made = await app.GenerateAsync(Fox(receiver, events));
        await AllDeliveredAsync(app, made.Id, 1);
        // A stored answer has no start event.
        await app.GenerateAsync(Fox(receiver, events));

        var deliveries = (await app.GetAsync($"/generations/{made.Id}/deliveries"))["data"].EnumerateArray();
        Assert.Equal(["start"], deliveries.Select(each => each.GetProperty("event").GetString()));
        Assert.Equal(["generation.start"], receiver.Messages.Select(message => message.Type));
    }

    [Fact]
    public async Task A_message_is_small_whatever_was_put_in()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(receiver.Settings);
        var image = "data:image/png;base64," + Convert.ToBase64String(Pictures.Of("png", 160, 120));

        var made = await app.GenerateAsync(new { prompt = "größer", seed = 1, width = 64, height = 64, image, webhook = receiver.Url });
        var message = await receiver.NextAsync(1);

        Assert.Equal(200, made.Status);
        Assert.Equal("data:image/png;base64,…", message.Data.GetProperty("input").GetProperty("image").GetString());
        Assert.Equal("größer", message.Data.GetProperty("input").GetProperty("prompt").GetString());
        Assert.True(message.Request.Body.Length < 20_000);
        Assert.Equal(made["images"].GetRawText(), message.Data.GetProperty("images").GetRawText());
    }

    [Fact]
    public async Task Two_secrets_make_two_signatures_and_the_set_one_wins_over_the_file()
    {
        var (young, old) = (WebhookSecret.New(), WebhookSecret.New());
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(
            new(receiver.Settings) { ["Webhooks:SigningSecret"] = $"{young.Reveal()} {old.Reveal()}" });

        await app.GenerateAsync(Fox(1, receiver));
        var message = await receiver.NextAsync(1);

        Assert.Equal(2, message.Headers.Signature!.Split(' ').Length);
        foreach (var secret in new[] { young, old })
            Assert.True(IsSigned(message, secret));
        Assert.False(File.Exists(Path.Combine(app.DataDirectory, "webhook-signing-secret")));
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task Secrets_are_made_once_for_their_owner_alone_and_never_logged()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(new(receiver.Settings) { ["Logging:LogLevel:Default"] = "Trace" });
        var files = new[] { "webhook-signing-secret", "webhook-root-key", "webhook-address-key" }.Select(
            name => Path.Combine(app.DataDirectory, name)).ToArray();
        var before = files.Select(File.ReadAllText).ToArray();

        await app.GenerateAsync(Fox(1, receiver));
        await receiver.NextAsync(1);
        await app.RestartAsync();

        Assert.Equal(before, files.Select(File.ReadAllText));
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.All(files, file => Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == ownerOnly));
        Assert.DoesNotContain(
            app.Logs, line => before.Any(secret => line.Contains(secret.Trim()["whsec_".Length..], StringComparison.Ordinal)));
        Assert.DoesNotContain(app.Logs, line => line.Contains("of-the-receiver", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deleting_a_generation_ends_its_webhooks()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Say(500);
        await using var app = await GenApiApp.StartAsync(receiver.Settings);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var running = await app.GenerateAsync(Fox(1, receiver), Async);
        await held.Reached.WaitAsync(Ended);
        var ended = await app.GenerateAsync(Fox(2, receiver));
        await receiver.NextAsync(1);

        await app.DeleteAsync($"/generations/{ended.Id}");
        await app.DeleteAsync($"/generations/{running.Id}");
        held.Release();

        Assert.Equal(404, (await app.GetAsync($"/generations/{ended.Id}/deliveries")).Status);
        await app.StopAsync();
        Assert.Equal((0L, 0L), (await RowsAsync(app, "WebhookDeliveries"), await RowsAsync(app, "WebhookSubscriptions")));
    }

    [Fact]
    public async Task Deliveries_are_listed_in_pages_and_ids_that_are_none_are_not_found()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(receiver.Settings);
        var made = await app.GenerateAsync(Fox(1, receiver));
        await app.GenerateAsync(Fox(1, receiver));
        await app.GenerateAsync(Fox(1, receiver));
        var all = await AllDeliveredAsync(app, made.Id, 3);

        var first = await app.GetAsync($"/generations/{made.Id}/deliveries?limit=2");
        var second = await app.GetAsync($"/generations/{made.Id}/deliveries?limit=2&cursor={first["next_cursor"].GetString()}");

        var listed = first["data"].EnumerateArray().Concat(second["data"].EnumerateArray());
        Assert.Equal(all, listed.Select(each => each.GetProperty("id").GetString()!));
        Assert.Equal("null", second["next_cursor"].GetRawText());
        BadInputTests.AssertProblem(await app.GetAsync($"/generations/{made.Id}/deliveries?limt=2"), 400, "invalid_request");
        var other = await app.GenerateAsync(Requests.Small(2));
        foreach (var path in new[] { $"{made.Id}/deliveries/msg_01knf4sgd2e4y8c25mgcv9w4c1", $"{made.Id}/deliveries/nope",
            $"gen_01knf4sgd2e4y8c25mgcv9w4c1/deliveries/{all[0]}", $"{other.Id}/deliveries/{all[0]}" })
            BadInputTests.AssertProblem(await app.PostAsync($"/generations/{path}/redeliver"), 404, "not_found");
    }

    private static bool IsSigned(Receiver.Message message, WebhookSecret secret) => WebhookSignature.IsValid(
        [secret], message.Headers, Encoding.UTF8.GetBytes(message.Request.Body), TimeProvider.System.GetUtcNow());

    private static object Fox(Receiver receiver, string[] events) =>
        new { prompt = "a red fox", seed = 1, width = 64, height = 64, webhook = receiver.Url, webhook_events_filter = events };

    private static object Fox(int seed, Receiver receiver) =>
        new { prompt = "a red fox", seed, width = 64, height = 64, webhook = receiver.Url };

    private static WebhookSecret Secret(GenApiApp app) => app.Services.GetRequiredService<WebhookSecrets>().Signing[0];

    /// <summary>The one delivery, when it has arrived.</summary>
    private static async Task<Answer> DeliveredAsync(GenApiApp app, string id)
    {
        await AllDeliveredAsync(app, id, 1);
        var list = await app.GetAsync($"/generations/{id}/deliveries");
        return new Answer(list.Status, Encoding.UTF8.GetBytes(Assert.Single(list["data"].EnumerateArray()).GetRawText()), list.Headers);
    }

    /// <summary>The ids, newest first, when there are so many (null: those there are) and every one has arrived.</summary>
    private static async Task<IReadOnlyList<string>> AllDeliveredAsync(GenApiApp app, string id, int? count)
    {
        for (var round = 0; round < 5000; round++)
        {
            var rows = (await app.GetAsync($"/generations/{id}/deliveries?limit=100"))["data"].EnumerateArray().ToList();
            if (rows.Count == (count ?? rows.Count) && rows.All(row => row.GetProperty("status").GetString() == "delivered"))
                return [.. rows.Select(row => row.GetProperty("id").GetString()!)];
        }
        throw new InvalidOperationException($"The webhooks of {id} did not arrive.");
    }

    private static Task<long> RowsAsync(GenApiApp app, string table) => app.Store.ExecuteAsync($"SELECT COUNT(*) FROM {table}");
}
