using GenApi.Sandbox.Control;

namespace GenApi.Tests.Hosting;

/// <summary>The HTTP side of generations: statuses, headers, addresses.</summary>
public sealed class GenerationRoutesTests
{
    private static object Fox(int seed = 1) => new { prompt = "a red fox in snow – größer", model = "sdxl", width = 64, height = 64, seed };

    [Fact]
    public async Task A_first_answer_is_made_and_the_second_comes_from_the_store_byte_for_byte()
    {
        await using var app = await GenApiApp.StartAsync();

        var first = await app.GenerateAsync(Fox(), ("X-Request-Id", "mine-1"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        var second = await app.GenerateAsync(Fox());

        Assert.Equal(200, first.Status);
        Assert.Equal("application/json", first.Header("Content-Type"));
        Assert.Equal("GenApi; fwd=miss; stored", first.Header("Cache-Status"));
        Assert.Equal("GenApi; hit", second.Header("Cache-Status"));
        Assert.Equal("mine-1", first.Header("X-Request-Id"));
        Assert.Equal("Prefer", first.Header("Vary"));
        Assert.Matches(@"^genapi;dur=[\d.]+, upstream;dur=[\d.]+, store;dur=[\d.]+$", first.Header("Server-Timing"));
        Assert.Matches(@"^genapi;dur=[\d.]+$", second.Header("Server-Timing"));
        Assert.Null(first.Header("Server"));
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_generation_has_every_member_of_the_contract_and_absolute_addresses()
    {
        await using var app = await GenApiApp.StartAsync();

        var made = await app.GenerateAsync(
            new { prompt = "größer", model = "sdxl", width = 64, height = 64, seed = 3, metadata = new { ticket = "A-17" } });

        Assert.Equal(
            [
                "id", "status", "model", "version", "upstream", "prediction_id", "input", "seed", "images", "files", "output", "progress",
                "error", "timing", "cost", "metadata", "account", "pinned", "created_at", "started_at", "completed_at", "urls",
            ],
            made.Json.EnumerateObject().Select(each => each.Name));
        Assert.StartsWith("gen_", made.Id, StringComparison.Ordinal);
        Assert.Equal(("succeeded", "stability-ai/sdxl", "replicate", 3),
            (made.State, made["model"].GetString(), made["upstream"].GetString(), made["seed"].GetInt32()));
        Assert.Equal("größer", made["input", "prompt"].GetString());
        Assert.Contains("größer", made.Text, StringComparison.Ordinal);
        Assert.Equal("A-17", made["metadata", "ticket"].GetString());
        Assert.Equal($"{app.Address}generations/{made.Id}", made["urls", "self"].GetString());
        Assert.Equal($"{app.Address}generations/{made.Id}/events", made["urls", "events"].GetString());
        Assert.StartsWith($"{app.Address}images/img_", made.ImageUrl().ToString(), StringComparison.Ordinal);
        Assert.Equal(["usd", "estimated"], made["cost"].EnumerateObject().Select(each => each.Name));
        Assert.True(made["timing", "total_seconds"].GetDouble() >= 0);

        var image = await app.GetAsync(made.ImageUrl().PathAndQuery);
        Assert.Equal(made["images"][0].GetProperty("sha256").GetString(),
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(image.Body)));
    }

    [Fact]
    public async Task Who_does_not_wait_is_told_where_to_look_and_can_wait_there()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);

        var accepted = await app.GenerateAsync(Fox(), ("Prefer", "respond-async"));
        var joined = await app.GenerateAsync(Fox(), ("Prefer", "wait=0"));
        held.Release();
        var done = await app.GetAsync($"/generations/{accepted.Id}", ("Prefer", "wait=30"));

        Assert.Equal(202, accepted.Status);
        Assert.Equal("respond-async", accepted.Header("Preference-Applied"));
        Assert.Equal(accepted["urls", "self"].GetString(), accepted.Header("Location"));
        Assert.Equal("1", accepted.Header("Retry-After"));
        Assert.Equal((202, "GenApi; fwd=miss; collapsed", accepted.Id), (joined.Status, joined.Header("Cache-Status"), joined.Id));
        Assert.Equal((200, "succeeded", "wait=30"), (done.Status, done.State, done.Header("Preference-Applied")));
    }

    [Fact]
    public async Task A_generation_that_was_seen_is_304()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Fox());

        var seen = await app.GetAsync($"/generations/{made.Id}");
        var again = await app.GetAsync($"/generations/{made.Id}", ("If-None-Match", seen.Header("ETag")!));
        var any = await app.GetAsync($"/generations/{made.Id}", ("If-None-Match", "\"other\", *"));
        var other = await app.GetAsync($"/generations/{made.Id}", ("If-None-Match", "\"other\""));

        Assert.Equal((304, 0), (again.Status, again.Body.Length));
        Assert.Equal(seen.Header("ETag"), again.Header("ETag"));
        Assert.Equal(200, other.Status);
        Assert.True(any.Status is 200 or 304);
    }

    [Fact]
    public async Task What_fails_while_somebody_waits_is_a_problem_with_its_generation()
    {
        await using var app = await GenApiApp.StartAsync();

        var failed = await app.GenerateAsync(new { prompt = "a", model = "sandbox/fails" });
        var refused = await app.GenerateAsync(new { prompt = "a", model = "sandbox/refuses" });
        var looked = await app.GetAsync($"/generations/{failed["generation_id"].GetString()}");

        BadInputTests.AssertProblem(failed, 502, "upstream_failed");
        BadInputTests.AssertProblem(refused, 422, "content_refused");
        Assert.Equal(("failed", "upstream_failed"), (looked.State, looked["error", "code"].GetString()));
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_with_a_conflict_and_again_changes_nothing()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var waiting = app.GenerateAsync(Fox());
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        var listed = await app.GetAsync("/generations?limit=1");
        var id = listed["data"][0].GetProperty("id").GetString();

        var canceled = await app.PostAsync($"/generations/{id}/cancel");
        var answer = await waiting;
        var again = await app.PostAsync($"/generations/{id}/cancel");

        Assert.Equal(202, canceled.Status);
        BadInputTests.AssertProblem(answer, 409, "conflict");
        Assert.Equal(id, answer["generation_id"].GetString());
        Assert.Equal((200, "canceled"), (again.Status, again.State));
    }

    [Fact]
    public async Task An_idempotency_key_quoted_or_bare_and_any_spelling_of_the_body_is_one_act()
    {
        await using var app = await GenApiApp.StartAsync();

        var first = await app.GenerateAsync("""{"prompt":"a fox","model":"sdxl","width":64,"height":64}""",
            ("Idempotency-Key", "\"order-1\""));
        var same = await app.GenerateAsync("""{"height":64.0, "width":6.4e1, "model":"sdxl", "prompt":"a f\u006fx"}""",
            ("Idempotency-Key", "order-1"));
        var other = await app.GenerateAsync("""{"prompt":"another fox","model":"sdxl","width":64,"height":64}""",
            ("Idempotency-Key", "order-1"));

        Assert.Equal(first.Id, same.Id);
        BadInputTests.AssertProblem(other, 422, "idempotency_mismatch");
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Cache_Control_makes_anew_or_makes_nothing()
    {
        await using var app = await GenApiApp.StartAsync();

        var nothing = await app.GenerateAsync(Fox(), ("Cache-Control", "only-if-cached"));
        var first = await app.GenerateAsync(Fox());
        var stored = await app.GenerateAsync(Fox(), ("Cache-Control", "only-if-cached"));
        var anew = await app.GenerateAsync(Fox(), ("Cache-Control", "no-cache"));

        BadInputTests.AssertProblem(nothing, 504, "not_cached");
        Assert.Equal("GenApi; hit", stored.Header("Cache-Status"));
        Assert.Equal("GenApi; fwd=bypass", anew.Header("Cache-Status"));
        Assert.NotEqual(first.Id, anew.Id);
        Assert.Equal(2, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_list_is_walked_by_its_cursor()
    {
        await using var app = await GenApiApp.StartAsync();
        var ids = new List<string>();
        for (var seed = 1; seed <= 5; seed++)
            ids.Insert(0, (await app.GenerateAsync(Fox(seed))).Id);

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await app.GetAsync($"/generations?limit=2&status=succeeded&model=sdxl{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page["data"].EnumerateArray().Select(each => each.GetProperty("id").GetString()!));
            cursor = page["next_cursor"].GetString();
        }
        while (cursor is not null);

        Assert.Equal(ids, seen);
        Assert.Empty((await app.GetAsync("/generations?created_before=2020-01-01T00:00:00%2B02:00"))["data"].EnumerateArray());
        Assert.Equal(5, (await app.GetAsync("/generations?q=fox"))["data"].GetArrayLength());
    }

    [Fact]
    public async Task An_image_is_known_with_its_generation_until_it_is_deleted()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Fox());
        var path = made.ImageUrl().PathAndQuery;

        var info = await app.GetAsync($"{path}/info");
        var deleted = await app.DeleteAsync(path);
        var gone = await app.GetAsync($"{path}/info");

        Assert.Equal(made.Id, info["generation", "id"].GetString());
        Assert.Equal(path, "/images/" + info["image", "id"].GetString());
        Assert.Equal((204, 0), (deleted.Status, deleted.Body.Length));
        BadInputTests.AssertProblem(gone, 404, "not_found");
    }

    [Fact]
    public async Task A_deleted_generation_is_gone_with_its_images_and_its_log()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Fox());
        var logs = await app.GetAsync($"/generations/{made.Id}/logs");

        Assert.Equal("text/plain; charset=utf-8", logs.Header("Content-Type"));
        Assert.NotEqual("", logs.Text);
        Assert.Equal(204, (await app.DeleteAsync($"/generations/{made.Id}")).Status);
        Assert.Equal(404, (await app.GetAsync($"/generations/{made.Id}/logs")).Status);
        Assert.Equal(404, (await app.GetAsync(made.ImageUrl().PathAndQuery)).Status);
        Assert.Equal(404, (await app.DeleteAsync($"/generations/{made.Id}")).Status);
    }

    [Fact]
    public async Task No_prompt_and_no_token_is_logged_above_Debug()
    {
        await using var app = await GenApiApp.StartAsync(new()
        {
            ["Logging:LogLevel:Default"] = "Information",
            ["Logging:LogLevel:Microsoft"] = "Warning",
        });

        await app.GenerateAsync(new { prompt = "xylophone", model = "sdxl", width = 64, height = 64 });
        await app.GenerateAsync(new { prompt = "xylophone", model = "sandbox/fails" });
        await app.GetAsync("/generations?q=xylophone");

        Assert.NotEmpty(app.Logs);
        Assert.DoesNotContain(app.Logs, line => line.Contains("xylophone", StringComparison.Ordinal)
            || line.Contains(GenApiApp.Token, StringComparison.Ordinal));
    }
}
