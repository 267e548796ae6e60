using System.Diagnostics;
using System.Globalization;
using GenApi.Core.Webhooks;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Webhooks;

/// <summary>The retries of deliveries, by a clock that the test moves, across restarts and kills.</summary>
public sealed class WebhookScheduleTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public static TimeSpan[] Pauses =>
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    [Fact]
    public async Task The_end_is_sent_by_the_schedule_under_one_id_until_it_is_given_up()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var receiver = await Receiver.StartAsync();
        receiver.Say(500);
        await using var app = await GenApiApp.StartAsync(receiver.Settings, time: time);
        var id = await GenerateAsync(app, receiver, time);

        for (var tries = 1; tries <= Pauses.Length; tries++)
        {
            var row = await SettledAsync(app, id, tries);
            Assert.Equal("pending", row["status"].GetString());
            var (last, next) = (row["attempts"][tries - 1].GetProperty("at").GetDateTimeOffset(),
                row["next_attempt_at"].GetDateTimeOffset());
            // A tenth of jitter, and no earlier.
            Assert.InRange(next - last, Pauses[tries - 1], Pauses[tries - 1] * 1.1 + TimeSpan.FromSeconds(1));
            // A running service would make a round for each second of the hours that pass here.
            var isLong = Pauses[tries - 1] > TimeSpan.FromHours(1);
            if (isLong)
                await app.StopAsync();
            time.Advance(next - time.GetUtcNow() - TimeSpan.FromSeconds(1));
            if (isLong)
                await app.StartAgainAsync();
            await ArrivedAsync(receiver, tries + 1, time);
            Assert.InRange(
                (await SettledAsync(app, id, tries + 1))["attempts"][tries].GetProperty("at")
                .GetDateTimeOffset(), next, next + TimeSpan.FromMinutes(2));
        }

        var given = await SettledAsync(app, id, Pauses.Length + 1);
        Assert.Equal(("failed", "null"), (given["status"].GetString(), given["next_attempt_at"].GetRawText()));
        Assert.Single(receiver.Messages.Select(message => message.Id).Distinct());
        Assert.Single(receiver.Messages.Select(message => message.Request.Body).Distinct());
        Assert.True(receiver.Messages.Select(message => message.Headers.Timestamp).Distinct().Count() > 8);
    }

    [Fact]
    public async Task What_failed_arrives_later_and_what_was_given_up_is_sent_again_when_somebody_asks()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var receiver = await Receiver.StartAsync();
        receiver.Say(410);
        await using var app = await GenApiApp.StartAsync(receiver.Settings, time: time);
        var id = await GenerateAsync(app, receiver, time);
        var gone = await SettledAsync(app, id, 1);
        Assert.Equal(("gone", "null"), (gone["status"].GetString(), gone["next_attempt_at"].GetRawText()));

        receiver.Say(503);
        var again = await app.PostAsync($"/generations/{id}/deliveries/{gone.Id}/redeliver");
        var failed = await SettledAsync(app, id, 2);
        receiver.Say(204);
        await ArrivedAsync(receiver, 3, time);
        var arrived = await SettledAsync(app, id, 3);

        Assert.Equal((202, gone.Id, "pending"), (again.Status, again.Id, again["status"].GetString()));
        Assert.Equal("pending", failed["status"].GetString());
        Assert.Equal(("delivered", "null"), (arrived["status"].GetString(), arrived["next_attempt_at"].GetRawText()));
        Assert.Equal([410, 503, 204], arrived["attempts"].EnumerateArray().Select(each => each.GetProperty("status").GetInt32()));
        Assert.Single(receiver.Messages.Select(message => message.Id).Distinct());
    }

    [Theory]
    [InlineData(301, "Redirects are not followed.")]
    [InlineData(307, "Redirects are not followed.")]
    [InlineData(404, "The receiver did not accept it.")]
    [InlineData(500, "The receiver did not accept it.")]
    public async Task Only_2xx_is_an_arrival(int status, string error)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var elsewhere = await Receiver.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = elsewhere.Url;
            return Task.CompletedTask;
        };
        await using var app = await GenApiApp.StartAsync(receiver.Settings, time: time);
        var id = await GenerateAsync(app, receiver, time);

        var row = await SettledAsync(app, id, 1);

        Assert.Equal(
            (status, error), (row["attempts"][0].GetProperty("status").GetInt32(), row["attempts"][0].GetProperty("error").GetString()));
        Assert.Equal("pending", row["status"].GetString());
        Assert.Empty(elsewhere.Messages);
    }

    [Fact]
    public async Task A_receiver_that_hangs_is_left_after_fifteen_seconds_and_one_that_talks_without_end_is_not_listened_to()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = async (number, context) =>
        {
            if (number == 1)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            while (number > 1)
                await context.Response.Body.WriteAsync(new byte[100_000], context.RequestAborted);
        };
        await using var app = await GenApiApp.StartAsync(receiver.Settings, time: time);
        var id = await GenerateAsync(app, receiver, time);
        await receiver.NextAsync(1);

        time.Advance(TimeSpan.FromSeconds(15));
        var hung = await SettledAsync(app, id, 1);
        await ArrivedAsync(receiver, 2, time);
        var arrived = await SettledAsync(app, id, 2);

        Assert.Equal("No answer within 15 seconds.", hung["attempts"][0].GetProperty("error").GetString());
        Assert.Equal("null", hung["attempts"][0].GetProperty("status").GetRawText());
        Assert.Equal("delivered", arrived["status"].GetString());
    }

    [Theory]
    [InlineData(503, "120", 120)]
    [InlineData(429, "60", 60)]
    [InlineData(404, "60", 60)]
    [InlineData(503, "date 180", 180)]
    // Our pause is the least; an unreadable or past time is ignored; a day is the most.
    [InlineData(503, "2", 5)]
    [InlineData(503, "-1", 5)]
    [InlineData(503, "soon", 5)]
    [InlineData(503, "date -60", 5)]
    [InlineData(503, "99999999999999999999", 86_400)]
    [InlineData(301, "120", 5)]
    public async Task A_receiver_that_asks_for_a_pause_gets_it(int status, string retryAfter, int seconds)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = retryAfter.Split(' ') is ["date", var from]
                ? time.GetUtcNow().AddSeconds(int.Parse(from, CultureInfo.InvariantCulture)).ToString("R", CultureInfo.InvariantCulture)
                : retryAfter;
            return Task.CompletedTask;
        };
        await using var app = await GenApiApp.StartAsync(receiver.Settings, time: time);
        var id = await GenerateAsync(app, receiver, time);

        var row = await SettledAsync(app, id, 1);

        var pause = row["next_attempt_at"].GetDateTimeOffset() - row["attempts"][0].GetProperty("at").GetDateTimeOffset();
        // A date has whole seconds, and our own pauses a tenth of jitter.
        Assert.InRange(pause.TotalSeconds, seconds - 1, seconds * 1.1 + 2);
        if (seconds > 5)
            return;
        await ArrivedAsync(receiver, 2, time);
    }

    [Fact]
    public async Task News_that_pass_are_tried_twice()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var receiver = await Receiver.StartAsync();
        receiver.Say(500);
        await using var app = await GenApiApp.StartAsync(receiver.Settings, time: time);
        var id = await GenerateAsync(app, receiver, time, "start");

        await SettledAsync(app, id, 1);
        await ArrivedAsync(receiver, 2, time);
        var row = await SettledAsync(app, id, 2);

        Assert.Equal(("start", "failed"), (row["event"].GetString(), row["status"].GetString()));
    }

    [Fact]
    public async Task A_hanging_receiver_keeps_no_other_waiting()
    {
        var began = Stopwatch.GetTimestamp();
        await using var hanging = await Receiver.StartAsync();
        hanging.Answer = (_, context) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(
            new(hanging.Settings) { ["Webhooks:AllowedPrivateHosts:1"] = receiver.Settings.Values.Single() });
        for (var seed = 1; seed <= 50; seed++)
            await app.GenerateAsync(new { prompt = "a red fox", seed, width = 64, height = 64, webhook = hanging.Url });
        await hanging.NextAsync(4);

        await app.GenerateAsync(new { prompt = "a red fox", seed = 1, width = 64, height = 64, webhook = receiver.Url });
        await receiver.NextAsync(1);
        // On a busy machine, the first ones may have been given up meanwhile, and as many others took their places.
        Assert.InRange(hanging.Messages.Count, 4, 4 * (1 + (int)(Stopwatch.GetElapsedTime(began) / WebhookSender.Timeout)));
    }

    [Fact]
    public async Task A_restart_changes_nothing_in_the_schedule()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var receiver = await Receiver.StartAsync();
        receiver.Say(500);
        await using var app = await GenApiApp.StartAsync(receiver.Settings, time: time);
        var id = await GenerateAsync(app, receiver, time);
        var before = await SettledAsync(app, id, 1);

        await app.RestartAsync();
        var after = await SettledAsync(app, id, 1);
        receiver.Say(200);
        await ArrivedAsync(receiver, 2, time);
        var arrived = await SettledAsync(app, id, 2);

        Assert.Equal(before.Text, after.Text);
        Assert.Equal("delivered", arrived["status"].GetString());
        Assert.Single(receiver.Messages.Select(message => message.Id).Distinct());
    }

    [Fact]
    public async Task What_was_on_its_way_at_a_kill_is_sent_again_under_the_same_id()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (number, context) =>
            number == 1 ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted) : Task.CompletedTask;
        await using var app = await GenApiApp.StartProcessAsync(receiver.Settings);
        var made = await app.GenerateAsync(new { prompt = "a red fox", seed = 1, width = 64, height = 64, webhook = receiver.Url });
        var first = await receiver.NextAsync(1);

        await app.KillAsync();
        await app.StartAgainAsync();
        var second = await receiver.NextAsync(2);

        Assert.Equal((first.Id, first.Request.Body), (second.Id, second.Request.Body));
        Assert.Equal(made.Id, second.Data.GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_subscription_outlives_a_kill()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartProcessAsync(receiver.Settings);
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(999)));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var made = await app.GenerateAsync(
            new { prompt = "a red fox", seed = 1, width = 64, height = 64, webhook = receiver.Url }, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);

        await app.KillAsync();
        held.Release();
        await app.StartAgainAsync();

        var message = await receiver.NextAsync(1);
        Assert.Equal((made.Id, "succeeded"), (message.Data.GetProperty("id").GetString(), message.Data.GetProperty("status").GetString()));
    }

    /// <summary>Made by a service whose clock the test moves.</summary>
    private static async Task<string> GenerateAsync(GenApiApp app, Receiver receiver, FakeTimeProvider time, params string[] events)
    {
        var making = app.GenerateAsync(
            new
            {
                prompt = "a red fox",
                seed = 1,
                width = 64,
                height = 64,
                webhook = receiver.Url,
                webhook_events_filter = events.Length > 0 ? events : null
            });
        await Clocks.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(50), () => making.IsCompleted);
        return (await making).Id;
    }

    /// <summary>Moves the clock until this number of messages has arrived.</summary>
    private static Task<TimeSpan> ArrivedAsync(Receiver receiver, int count, FakeTimeProvider time) =>
        Clocks.AdvanceUntilAsync(time, TimeSpan.FromSeconds(0.5), () => receiver.Messages.Count >= count);

    /// <summary>The one delivery of a generation, once this number of attempts is recorded.</summary>
    private static async Task<Answer> SettledAsync(GenApiApp app, string id, int attempts)
    {
        for (var round = 0; round < 5000; round++)
        {
            var list = await app.GetAsync($"/generations/{id}/deliveries");
            var row = Assert.Single(list["data"].EnumerateArray());
            if (row.GetProperty("attempts").GetArrayLength() == attempts)
                return new Answer(list.Status, System.Text.Encoding.UTF8.GetBytes(row.GetRawText()), list.Headers);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ended);
        }
        throw new InvalidOperationException($"The webhook of {id} was not tried {attempts} times.");
    }
}
