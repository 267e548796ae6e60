using GenApi.Tests.Generations;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Accounts;

/// <summary>How fast a caller may send requests, and what the answers say about it.</summary>
public sealed class RateLimitTests
{
    [Fact]
    public async Task Requests_over_the_limit_are_told_when_to_come_again()
    {
        var clock = new FakeTimeProvider();
        await using var app = await StartAsync(clock, ("Accounts:RequestsPerMinute", "3"));
        var ann = Keys.Of((await app.MakeAsync("ann")).Secret);
        var bob = Keys.Of((await app.MakeAsync("bob")).Secret);

        var first = await app.GetAsync("/generations", ann);
        Assert.Equal(
            (200, "\"requests\";q=3;w=60", "\"requests\";r=2;t=20"),
            (first.Status, first.Header("RateLimit-Policy"), first.Header("RateLimit")));
        // A refusal of another kind has them too.
        Assert.Equal("\"requests\";r=1;t=40", (await app.GetAsync("/generations?typo=1", ann)).Header("RateLimit"));
        await app.GetAsync("/generations", ann);
        for (var round = 0; round < 2; round++)
        {
            var refused = await app.GetAsync("/generations", ann);
            Assert.Equal(
                (429, "rate_limited", 20, "20"),
                (refused.Status, refused.Code, refused["retry_after"].GetInt32(), refused.Header("Retry-After")));
            Assert.Equal(
                ("\"requests\";q=3;w=60", "\"requests\";r=0;t=60"), (refused.Header("RateLimit-Policy"), refused.Header("RateLimit")));
        }
        Assert.Equal(200, (await app.GetAsync("/generations", bob)).Status);
        // The key of the settings and open access have no limit.
        Assert.Null((await app.GetAsync("/generations", Keys.AsAdmin)).Header("RateLimit"));
        Assert.Null((await app.GetAsync("/health/live", ann)).Header("RateLimit"));
        clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(200, (await app.GetAsync("/generations", ann)).Status);
        Assert.Equal(429, (await app.GetAsync("/generations", ann)).Status);
    }

    [Fact]
    public async Task Only_what_is_made_counts_as_a_generation_and_a_refused_one_is_nowhere()
    {
        await using var app = await StartAsync(null, ("Accounts:GenerationsPerMinute", "2"), ("Generations:MaxQueued", "10"));
        var ann = Keys.Of((await app.MakeAsync("ann")).Secret);
        var held = app.Sandbox.Faults.Add(GenApi.Sandbox.Control.FaultKind.RunHeldProcessing);

        var made = await app.GenerateAsync(Requests.Small(1), ann, ("Prefer", "respond-async"));
        Assert.Equal(("\"generations\";q=2;w=60", 202), (made.Header("RateLimit-Policy"), made.Status));
        Assert.StartsWith("\"generations\";r=1;t=", made.Header("RateLimit"), StringComparison.Ordinal);
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        // Joined, found in the store, found in memory, and refused for its content: none of them makes anything.
        var joined = app.GenerateAsync(Requests.Small(1), ann);
        held.Release();
        Assert.Equal("GenApi; fwd=miss; collapsed", (await joined).Header("Cache-Status"));
        for (var again = 0; again < 3; again++)
            Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(1), ann)).Header("Cache-Status"));
        Assert.Equal(404, (await app.GenerateAsync(new { prompt = "a fox", model = "nobody/nothing" }, ann)).Status);
        Assert.Equal(504, (await app.GenerateAsync(Requests.Small(9), ann, ("Cache-Control", "only-if-cached"))).Status);
        Assert.Equal(200, (await app.GenerateAsync(Requests.Unseeded(), ann)).Status);

        var refused = await app.GenerateAsync(Requests.Small(3), ann, ("Idempotency-Key", "k"));

        Assert.Equal((429, "rate_limited"), (refused.Status, refused.Code));
        Assert.InRange(refused["retry_after"].GetInt32(), 1, 30);
        Assert.StartsWith("\"generations\";r=0;t=", refused.Header("RateLimit"), StringComparison.Ordinal);
        Assert.Equal(2, app.Sandbox.Stats.CreationAttempts);
        Assert.Equal(2, (await app.GetAsync("/generations", Keys.AsAdmin))["data"].GetArrayLength());
        Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(1), ann)).Header("Cache-Status"));
        // The refusal used up nothing: another key can make the same request.
        var bob = Keys.Of((await app.MakeAsync("bob")).Secret);
        Assert.Equal(200, (await app.GenerateAsync(Requests.Small(3), bob, ("Idempotency-Key", "k"))).Status);
    }

    [Fact]
    public async Task What_could_not_be_kept_gives_its_turn_back()
    {
        await using var app = await StartAsync(null, ("Accounts:GenerationsPerMinute", "5"), ("Generations:MaxQueued", "1"));
        var ann = Keys.Of((await app.MakeAsync("ann")).Secret);
        var held = app.Sandbox.Faults.Add(GenApi.Sandbox.Control.FaultKind.RunHeldProcessing);
        await app.GenerateAsync(Requests.Small(1), ann, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        var refused = await app.GenerateAsync(Requests.Small(2), ann);

        Assert.Equal((503, "overloaded"), (refused.Status, refused.Code));
        Assert.StartsWith("\"generations\";r=4;", refused.Header("RateLimit"), StringComparison.Ordinal);
        held.Release();
    }

    [Fact]
    public async Task A_key_may_have_limits_of_its_own_and_what_was_used_goes_on()
    {
        var clock = new FakeTimeProvider();
        await using var app = await StartAsync(clock, ("Accounts:RequestsPerMinute", "2"));
        var made = await app.PostAsync(
            "/accounts/keys", new { name = "ann", requests_per_minute = 5, generations_per_minute = 0 }, Keys.AsAdmin);
        Assert.Equal((5, 0), (made["requests_per_minute"].GetInt32(), made["generations_per_minute"].GetInt32()));
        var ann = Keys.Of(made["secret"].GetString()!);

        Assert.Equal("\"requests\";r=4;t=12", (await app.GetAsync("/generations", ann)).Header("RateLimit"));
        Assert.Equal("ann's", (await PatchAsync(app, made.Id, """{"name":"ann's"}"""))["name"].GetString());
        Assert.Equal("\"requests\";r=3;t=24", (await app.GetAsync("/generations", ann)).Header("RateLimit"));
        var unlimited = await PatchAsync(app, made.Id, """{"requests_per_minute":0}""");
        Assert.Equal(0, unlimited["requests_per_minute"].GetInt32());
        Assert.Null((await app.GetAsync("/generations", ann)).Header("RateLimit"));
        await PatchAsync(app, made.Id, """{"requests_per_minute":null}""");
        Assert.Equal("\"requests\";q=2;w=60", (await app.GetAsync("/generations", ann)).Header("RateLimit-Policy"));

        foreach (var wrong in (string[])["-1", "1.5", "1000001", "\"60\""])
        {
            var refused = await PatchAsync(app, made.Id, $$"""{"requests_per_minute":{{wrong}}}""");
            Assert.Equal((400, "invalid_request"), (refused.Status, refused.Code));
            Assert.Contains(
                "a whole number from 0 (no limit) to 1000000", refused["errors"].GetProperty("$.requests_per_minute")[0].GetString(),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Callers_without_a_key_share_one_limit()
    {
        await using var app = await StartAsync(
            new FakeTimeProvider(), ("Accounts:RequestsPerMinute", "1"), ("Accounts:AllowAnonymous", "true"));

        Assert.Equal(200, (await app.GetAsync("/generations")).Status);
        Assert.Equal(429, (await app.GetAsync("/generations")).Status);
    }

    private static Task<Answer> PatchAsync(GenApiApp app, string id, string body) =>
        app.SendAsync(
            HttpMethod.Patch, $"/accounts/keys/{id}", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Keys.AsAdmin);

    private static Task<GenApiApp> StartAsync(TimeProvider? clock, params (string Key, string Value)[] settings) => GenApiApp.StartAsync(
        new(settings.ToDictionary(pair => pair.Key, pair => (string?)pair.Value)) { ["Accounts:AdminKey"] = Keys.Admin }, time: clock);
}
