using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Webhooks;

/// <summary>
/// A webhook finds a creation whose answer was lost, and a poll makes up for a lost webhook.
/// </summary>
public sealed class LostAnswerTests
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultKind.CreateResetAfter, FaultKind.ListError)]
    [InlineData(FaultKind.CreateResetAfter, FaultKind.ListEmpty)]
    [InlineData(FaultKind.CreateBadJson, FaultKind.ListError)]
    public async Task Its_webhook_finds_the_prediction_that_no_list_shows(FaultKind creation, FaultKind list)
    {
        var (front, app) = await PublicFront.StartAppAsync();
        await using var both = front;
        app.Sandbox.Faults.Add(creation, times: null);
        app.Sandbox.Faults.Add(list, times: null);

        var made = await app.GenerateAsync(Requests.Small(1));

        await Requests.AssertWholeAsync(app, made);
        Assert.Equal((1, 1), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.CreationAttempts));
        Assert.Equal(app.Sandbox.Stats.CreatedIds[0], made["prediction_id"].GetString());
    }

    [Fact]
    public async Task Two_of_a_model_without_seeds_find_their_own()
    {
        var (front, app) = await PublicFront.StartAppAsync();
        await using var both = front;
        app.Sandbox.Faults.Add(FaultKind.CreateResetAfter, times: 2);

        // Two requests for the same run; equal ones at once would be one request and its repeat.
        var made = await Task.WhenAll(Enumerable.Range(0, 2).Select(caller =>
            app.GenerateAsync(new { prompt = "a badge", model = "recraft-ai/recraft-v3", metadata = new { caller = $"{caller}" } })));

        Assert.All(made, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(2, app.Sandbox.Stats.Creations);
        Assert.Equal(2, made.Select(answer => answer["prediction_id"].GetString()).Distinct().Count());
    }

    [Fact]
    public async Task After_a_kill_in_the_middle_of_the_POST_the_repeated_webhook_finds_it()
    {
        var (front, app) = await PublicFront.StartAppAsync(settings => GenApiApp.StartProcessAsync(settings));
        await using var both = front;
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(999)));
        app.Sandbox.Faults.Add(FaultKind.ListError, times: null);
        app.Sandbox.Faults.Add(FaultKind.CreateSlowAfter);
        var running = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var id = (await app.GenerateAsync(Requests.Small(1), Async)).Id;
        await running.Reached.WaitAsync(Ended);

        await app.KillAsync();
        running.Release();
        await app.StartAgainAsync();

        var ended = await Requests.EndedAsync(app, id);
        await Requests.AssertWholeAsync(app, ended);
        Assert.Equal(2, app.Sandbox.Stats.Creations);
        Assert.Equal(app.Sandbox.Stats.CreatedIds[^1], ended["prediction_id"].GetString());
    }

    [Fact]
    public async Task A_lost_webhook_is_made_up_for_by_a_look_five_seconds_after_such_a_run_has_usually_ended()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (front, app) = await PublicFront.StartAppAsync(settings => GenApiApp.StartAsync(settings, time: time));
        await using var both = front;
        app.Sandbox.Faults.Add(FaultKind.WebhookLost, times: null);
        var id = (await app.GenerateAsync(Requests.Small(1), Async)).Id;
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Creations == 1, Ended);

        var waited = await Clocks.AdvanceUntilAsync(time, TimeSpan.FromSeconds(0.5), () => app.Sandbox.Stats.Gets > 0);
        var waiting = Requests.EndedAsync(app, id);
        await Clocks.AdvanceUntilAsync(time, TimeSpan.FromSeconds(0.5), () => waiting.IsCompleted);

        await Requests.AssertWholeAsync(app, await waiting);
        Assert.Equal((1, 1), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.Gets));
        // No run of this model is known yet: 15 s and the 5.
        Assert.InRange(waited, TimeSpan.FromSeconds(19.5), TimeSpan.FromSeconds(60));
    }
}
