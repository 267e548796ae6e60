using GenApi.Sandbox.Control;

namespace GenApi.Tests.Generations;

/// <summary>Tests how requests share answers: cache, single flight, idempotency.</summary>
public sealed class SharingTests
{
    [Fact]
    public async Task A_request_with_its_seed_is_answered_from_the_store_whatever_its_spelling()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync("""{"prompt":"a fox","seed":7,"width":64,"height":64}""");
        Assert.Equal("GenApi; fwd=miss; stored", made.Header("Cache-Status"));

        foreach (var spelling in new[]
        {
            """{"height":64.0,"seed":7e0,"prompt":"a fo\u0078","width":6.4e1}""",
            """
            {"prompt":"a fox","input":{"seed":7,"width":64,"height":64},
            "model":"stability-ai/sdxl:7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc"}
            """,
            """{"prompt":"a fox","seed":7,"width":64,"height":64,"num_outputs":1,"metadata":{"ticket":"A-17"}}""",
        })
        {
            var again = await app.GenerateAsync(spelling);
            Assert.Equal("GenApi; hit", again.Header("Cache-Status"));
            Assert.Equal(made.Id, again.Id);
        }
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Two_versions_of_a_model_never_answer_for_each_other()
    {
        const string earlier = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b";
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var body = new { prompt = "a fox", seed = 7, width = 64, height = 64, model = "stability-ai/sdxl" };
        var latest = await app.GenerateAsync(body, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        // It is neither joined while it runs, nor answered from the store afterwards.
        var other = await app.GenerateAsync(body with { model = $"stability-ai/sdxl:{earlier}" });
        held.Release();
        await Requests.EndedAsync(app, latest.Id);

        Assert.Equal((earlier, "GenApi; fwd=miss; stored"), (other["version"].GetString(), other.Header("Cache-Status")));
        Assert.Equal(
            [latest.Id, other.Id],
            [(await app.GenerateAsync(body)).Id, (await app.GenerateAsync(body with { model = $"stability-ai/sdxl:{earlier}" })).Id]);
        Assert.Equal(2, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task The_store_answers_after_a_restart()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        await app.RestartAsync();

        var again = await app.GenerateAsync(Requests.Small(1));

        Assert.Equal(("GenApi; hit", made.Id), (again.Header("Cache-Status"), again.Id));
        await Requests.AssertWholeAsync(app, again);
    }

    [Fact]
    public async Task A_request_without_a_seed_is_made_anew_with_a_seed_that_is_told_and_sent()
    {
        await using var app = await GenApiApp.StartAsync();

        var first = await app.GenerateAsync(Requests.Unseeded());
        var second = await app.GenerateAsync(Requests.Unseeded());

        Assert.Equal("GenApi; fwd=bypass", second.Header("Cache-Status"));
        Assert.NotEqual(first.Id, second.Id);
        Assert.NotEqual(first["seed"].GetInt64(), second["seed"].GetInt64());
        Assert.InRange(second["seed"].GetInt64(), 1, int.MaxValue);
        Assert.Equal(second["seed"].GetInt64(), second["input", "seed"].GetInt64());
        Assert.Contains($"\"seed\":{second["seed"].GetInt64()}", app.Sandbox.Stats.CreationRequests[1].Body, StringComparison.Ordinal);
        // The whole input, posted again as it is, is the same request.
        var repeated = await app.GenerateAsync(new { input = second["input"] });
        Assert.Equal(second.Id, repeated.Id);
    }

    [Fact]
    public async Task Reuse_takes_the_newest_of_any_seed()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        var newest = await app.GenerateAsync(Requests.Small(2));

        var reused = await app.GenerateAsync(new { prompt = "a red fox", width = 64, height = 64, cache = "reuse" });

        Assert.Equal(("GenApi; hit", newest.Id), (reused.Header("Cache-Status"), reused.Id));
        var other = await app.GenerateAsync(new { prompt = "a blue fox", width = 64, height = 64, cache = "reuse" });
        Assert.Equal("GenApi; fwd=miss; stored", other.Header("Cache-Status"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Refresh_makes_it_anew_and_is_the_answer_from_then_on(bool byHeader)
    {
        await using var app = await GenApiApp.StartAsync();
        var old = await app.GenerateAsync(Requests.Small(1));

        var fresh = byHeader
            ? await app.GenerateAsync(Requests.Small(1), ("Cache-Control", "no-cache"))
            : await app.GenerateAsync(new { prompt = "a red fox", seed = 1, width = 64, height = 64, cache = "refresh" });
        var after = await app.GenerateAsync(Requests.Small(1));

        Assert.Equal("GenApi; fwd=bypass", fresh.Header("Cache-Status"));
        Assert.NotEqual(old.Id, fresh.Id);
        Assert.Equal(fresh.Id, after.Id);
    }

    [Fact]
    public async Task Only_if_cached_makes_nothing()
    {
        await using var app = await GenApiApp.StartAsync();

        var answer = await app.GenerateAsync(Requests.Small(1), ("Cache-Control", "only-if-cached"));

        Assert.Equal((504, "not_cached"), (answer.Status, answer.Code));
        Assert.Equal(0, app.Sandbox.Stats.CreationAttempts);
        await app.GenerateAsync(Requests.Small(1));
        Assert.Equal(200, (await app.GenerateAsync(Requests.Small(1), ("Cache-Control", "only-if-cached"))).Status);
    }

    [Fact]
    public async Task Three_hundred_identical_requests_at_once_are_one_creation()
    {
        await using var app = await GenApiApp.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => app.GenerateAsync(Requests.Small(1))));

        Assert.Equal(1, app.Sandbox.Stats.Creations);
        Assert.Single(answers.Select(answer => answer.Id).Distinct());
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Single(answers, answer => answer.Header("Cache-Status") == "GenApi; fwd=miss; stored");
        Assert.Contains(answers, answer => answer.Header("Cache-Status") == "GenApi; fwd=miss; collapsed");
    }

    [Fact]
    public async Task A_run_that_is_being_canceled_is_not_joined()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        app.Sandbox.Faults.Add(FaultKind.CancelIgnored);
        var first = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        await app.PostAsync($"/generations/{first.Id}/cancel");

        var second = await app.GenerateAsync(Requests.Small(1));

        await Requests.AssertWholeAsync(app, second);
        Assert.NotEqual(first.Id, second.Id);
        held.Release();
        Assert.Equal("canceled", (await Requests.EndedAsync(app, first.Id)).State);
    }

    [Fact]
    public async Task An_idempotency_key_gives_the_same_generation_after_a_restart_too()
    {
        await using var app = await GenApiApp.StartAsync();
        var key = ("Idempotency-Key", "\"order-17\"");
        var first = await app.GenerateAsync(Requests.Unseeded(), key);
        await app.RestartAsync();

        var second = await app.GenerateAsync("""{"height":64,"width":64.0,"prompt":"a red fox"}""", ("Idempotency-Key", "order-17"));
        var other = await app.GenerateAsync(Requests.Unseeded("a blue fox"), key);

        Assert.Equal(first.Id, second.Id);
        Assert.Equal((422, "idempotency_mismatch"), (other.Status, other.Code));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task An_idempotency_key_joins_the_first_while_it_runs_and_repeats_its_failure()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        app.Sandbox.Faults.Add(FaultKind.RunFails);
        var key = ("Idempotency-Key", "k");
        var first = app.GenerateAsync(Requests.Unseeded(), key);
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        var second = app.GenerateAsync(Requests.Unseeded(), key);
        held.Release();

        var answers = await Task.WhenAll(first, second, app.GenerateAsync(Requests.Unseeded(), key));

        Assert.All(answers, answer => Assert.Equal((502, "upstream_failed"), (answer.Status, answer.Code)));
        Assert.Single(answers.Select(answer => answer["generation_id"].GetString()).Distinct());
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_deleted_generation_is_not_made_again_under_its_key()
    {
        await using var app = await GenApiApp.StartAsync();
        var key = ("Idempotency-Key", "k");
        var made = await app.GenerateAsync(Requests.Small(1), key);
        await app.DeleteAsync($"/generations/{made.Id}");

        var again = await app.GenerateAsync(Requests.Small(1), key);

        Assert.Equal((409, "conflict"), (again.Status, again.Code));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }
}
