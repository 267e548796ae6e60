using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;

namespace GenApi.Tests.Generations;

/// <summary>What goes by the time of day on purpose, and so changes when the wall clock is set: docs/operate/clock.md.</summary>
public sealed class WallClockTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task An_idempotency_window_ends_as_much_earlier_as_the_clock_is_set_forward_and_never_within_a_day_of_its_own_time()
    {
        var time = new SteppedClock();
        await using var app = await GenApiApp.StartAsync(time: time);
        var key = ("Idempotency-Key", "order-17");
        var fresh = new { prompt = "a red fox", seed = 1, width = 64, height = 64, cache = "refresh" };
        var first = await app.GenerateAsync(fresh, key);

        foreach (var step in new[] { -2 * Hour, 5 * Hour, 20 * Hour })
        {
            time.Step(step);
            Assert.Equal(first.Id, (await app.GenerateAsync(fresh, key)).Id);
        }
        time.Step(2 * Hour);
        var after = await app.GenerateAsync(fresh, key);

        Assert.NotEqual(first.Id, after.Id);
        Assert.Equal(2, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_link_to_an_image_ends_by_the_time_of_day()
    {
        var time = new SteppedClock();
        await using var app = await Keys.StartAsync(new() { ["Images:LinkMinutes"] = "480" }, time: time);
        var made = await app.GenerateAsync(Requests.Small(1), Keys.AsAdmin);
        var link = made.ImageUrl().PathAndQuery;

        time.Step(-2 * Hour);
        Assert.Equal(200, (await app.GetAsync(link)).Status);
        time.Step(5 * Hour);
        Assert.Equal(200, (await app.GetAsync(link)).Status);
        time.Step(7 * Hour);
        Assert.Equal(403, (await app.GetAsync(link)).Status);
        // The next answer has a link that works.
        var again = await app.GetAsync($"/generations/{made.Id}", Keys.AsAdmin);
        Assert.Equal(200, (await app.GetAsync(again.ImageUrl().PathAndQuery)).Status);
    }

    [Fact]
    public async Task Spending_counts_to_the_day_that_the_clock_shows_at_the_acceptance_and_the_total_stays_right()
    {
        var time = new SteppedClock();
        // Half past midnight, UTC.
        time.Step(time.GetUtcNow().UtcDateTime.Date.AddDays(1).AddMinutes(30) - time.GetUtcNow().UtcDateTime);
        await using var app = await Keys.StartAsync(new() { ["Models:Prices:sandbox/partial:PerImage"] = "0.01" }, time: time);
        await SpendAsync(app, 1);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var over = (await app.GenerateAsync(Cent(2), Keys.AsAdmin, ("Prefer", "respond-async"))).Id;
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        // Back into the day before, while a run is under way.
        time.Step(-2 * Hour);
        held.Release();
        Assert.Equal("succeeded", (await app.GetAsync($"/generations/{over}", Keys.AsAdmin, ("Prefer", "wait=20"))).State);
        Assert.Equal("0 0.02", await SpentAsync(app));
        await SpendAsync(app, 3);
        Assert.Equal("0.01 0.03", await SpentAsync(app));
        time.Step(2 * Hour);

        Assert.Equal("0.02 0.03", await SpentAsync(app));
        await app.StopAsync();
        await GenApi.Tests.Maintenance.Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task The_last_use_of_a_key_is_told_by_the_clock_as_it_is_now()
    {
        var time = new SteppedClock();
        await using var app = await Keys.StartAsync(time: time);
        var (id, secret) = await app.MakeAsync("a service");
        await app.GetAsync("/accounts/me", Keys.Of(secret));

        time.Step(-2 * Hour);
        await app.GetAsync("/accounts/me", Keys.Of(secret));

        var told = (await app.GetAsync($"/accounts/keys/{id}", Keys.AsAdmin))["last_used_at"].GetDateTimeOffset();
        Assert.InRange(told, time.GetUtcNow().AddMinutes(-1), time.GetUtcNow().AddSeconds(1));
    }

    private static object Cent(int seed) =>
        new { prompt = "a red fox", seed, model = "sandbox/partial", num_outputs = 1, width = 64, height = 64 };

    private static async Task SpendAsync(GenApiApp app, int seed) =>
        Assert.Equal(200, (await app.GenerateAsync(Cent(seed), Keys.AsAdmin)).Status);

    private static async Task<string> SpentAsync(GenApiApp app)
    {
        var budgets = (await app.GetAsync("/accounts/me", Keys.AsAdmin))["budgets"];
        return $"{budgets.GetProperty("day").GetProperty("spent_usd")} {budgets.GetProperty("total").GetProperty("spent_usd")}";
    }
}
