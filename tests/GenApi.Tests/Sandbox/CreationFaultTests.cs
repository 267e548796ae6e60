using System.Net.Http.Json;
using System.Text.Json;
using GenApi.Sandbox.Control;
using static GenApi.Tests.Sandbox.SandboxDriver;

namespace GenApi.Tests.Sandbox;

public sealed class CreationFaultTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(401, "Unauthenticated")]
    [InlineData(402, "Insufficient credit")]
    [InlineData(403, "Forbidden")]
    [InlineData(404, "Not found")]
    [InlineData(422, "Input validation failed")]
    public async Task A_refusal_makes_nothing_and_happens_once(int status, string title)
    {
        await using var sandbox = await AtFullSpeedAsync();
        sandbox.Server.Faults.Add(new Fault(FaultKind.CreateRefused) { Status = status });
        using var refused = await sandbox.PostAsync(SmallPicture());
        Assert.Equal(status, (int)refused.StatusCode);
        Assert.Equal(title, (await ReadAsync(refused)).GetProperty("title").GetString());
        Assert.Equal(0, sandbox.Server.Stats.Creations);
        await sandbox.CreateAsync();
    }

    [Theory]
    [InlineData(ThrottleForm.Body, true, false)]
    [InlineData(ThrottleForm.Text, false, false)]
    [InlineData(ThrottleForm.Header, false, true)]
    public async Task A_429_tells_its_wait_in_one_of_the_ways_seen(ThrottleForm form, bool member, bool header)
    {
        await using var sandbox = await AtFullSpeedAsync();
        sandbox.Server.Faults.Add(new Fault(FaultKind.CreateThrottled) { Form = form, Delay = TimeSpan.FromSeconds(5) });
        using var refused = await sandbox.PostAsync(SmallPicture());
        Assert.Equal(429, (int)refused.StatusCode);
        var body = await ReadAsync(refused);
        Assert.Equal(member, body.TryGetProperty("retry_after", out var seconds) && seconds.GetInt32() == 5);
        Assert.Equal(header, refused.Headers.RetryAfter?.Delta == TimeSpan.FromSeconds(5));
        Assert.Equal(!header, body.GetProperty("detail").GetString()!.Contains("~5s", StringComparison.Ordinal));
        Assert.Equal(0, sandbox.Server.Stats.Creations);
    }

    [Theory]
    [InlineData(FaultKind.CreateError, false, 500, "application/problem+json")]
    [InlineData(FaultKind.CreateError, true, 500, "application/problem+json")]
    [InlineData(FaultKind.CreateHtml, false, 502, "text/html")]
    [InlineData(FaultKind.CreateHtml, true, 502, "text/html")]
    public async Task A_failing_answer_may_hide_a_prediction(FaultKind kind, bool accept, int status, string type)
    {
        await using var sandbox = await AtFullSpeedAsync();
        sandbox.Server.Faults.Add(new Fault(kind) { Accept = accept });
        using var failed = await sandbox.PostAsync(SmallPicture());
        Assert.Equal(status, (int)failed.StatusCode);
        Assert.Equal(type, failed.Content.Headers.ContentType!.MediaType);
        Assert.Equal(accept ? 1 : 0, sandbox.Server.Stats.Creations);
        Assert.Equal(accept, sandbox.Server.Stats.CreationRequests[0].PredictionId is not null);
    }

    [Theory]
    [InlineData(FaultKind.CreateResetBefore, 0)]
    [InlineData(FaultKind.CreateResetAfter, 1)]
    public async Task A_reset_connection_leaves_open_whether_something_was_made(FaultKind kind, int creations)
    {
        await using var sandbox = await AtFullSpeedAsync();
        sandbox.Server.Faults.Add(kind);
        await Assert.ThrowsAsync<HttpRequestException>(() => sandbox.PostAsync(SmallPicture()));
        Assert.Equal(creations, sandbox.Server.Stats.Creations);
        var rows = (await sandbox.GetAsync("v1/predictions")).GetProperty("results");
        Assert.Equal(creations, rows.GetArrayLength());
    }

    [Theory]
    [InlineData(FaultKind.CreateSlowBefore, 0)]
    [InlineData(FaultKind.CreateSlowAfter, 1)]
    public async Task A_caller_that_leaves_while_held_has_made_something_only_after_acceptance(FaultKind kind, int creations)
    {
        await using var sandbox = await AtFullSpeedAsync();
        var hold = sandbox.Server.Faults.Add(kind);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/predictions")
        {
            Content = JsonContent.Create(new { version = SdxlVersion, input = new { } }),
        };
        var held = sandbox.Http.SendAsync(request, leaving.Token);
        await hold.Reached.WaitAsync(Ct);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        await sandbox.Server.Stats.WaitUntilAsync(s => s.CreationRequests.Count == 1, Ct);
        hold.Release();
        Assert.Equal(creations, sandbox.Server.Stats.Creations);
    }

    [Fact]
    public async Task A_held_creation_goes_on_when_released()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var hold = sandbox.Server.Faults.Add(FaultKind.CreateSlowBefore);
        var held = sandbox.PostAsync(SmallPicture());
        await hold.Reached.WaitAsync(Ct);
        Assert.Equal(0, sandbox.Server.Stats.Creations);
        hold.Release();
        using var answer = await held;
        Assert.Equal(201, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_bad_answer_breaks_off_in_the_middle()
    {
        await using var sandbox = await AtFullSpeedAsync();
        sandbox.Server.Faults.Add(FaultKind.CreateBadJson);
        using var answer = await sandbox.PostAsync(SmallPicture());
        Assert.Equal(201, (int)answer.StatusCode);
        await Assert.ThrowsAnyAsync<JsonException>(() => ReadAsync(answer));
        Assert.Equal(1, sandbox.Server.Stats.Creations);
    }

    [Fact]
    public async Task A_fault_can_be_for_one_model_and_for_always()
    {
        await using var sandbox = await AtFullSpeedAsync();
        sandbox.Server.Faults.Add(FaultKind.CreateError, times: null, model: "stability-ai/sdxl");
        await sandbox.CreateAsync(model: "sandbox/slow");
        for (var i = 0; i < 3; i++)
        {
            using var failed = await sandbox.PostAsync(SmallPicture());
            Assert.Equal(500, (int)failed.StatusCode);
        }
        Assert.Equal(3, Assert.Single(sandbox.Server.Faults.All).Used);
        sandbox.Server.Faults.Clear();
        await sandbox.CreateAsync();
    }

    [Fact]
    public async Task Switches_can_be_set_looked_at_released_and_taken_away_over_HTTP()
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var set = await sandbox.Http.PutAsJsonAsync(
            "sandbox/faults",
            new object[] { new { kind = "create_slow_before" }, new { kind = "get_error", times = (int?)null, status = 503 } },
            Ct);
        var faults = await ReadAsync(set);
        Assert.Equal("create_slow_before", faults[0].GetProperty("kind").GetString());
        Assert.Equal(JsonValueKind.Null, faults[1].GetProperty("times").ValueKind);

        var held = sandbox.PostAsync(SmallPicture());
        await sandbox.Server.Faults.All[0].Reached.WaitAsync(Ct);
        using var released = await sandbox.Http.PostAsync($"sandbox/faults/{faults[0].GetProperty("id").GetInt32()}/release", null, Ct);
        Assert.Equal(1, (await ReadAsync(released))[0].GetProperty("used").GetInt32());
        using var created = await held;
        using var look = await sandbox.Http.GetAsync($"v1/predictions/{Id(await ReadAsync(created))}", Ct);
        Assert.Equal(503, (int)look.StatusCode);

        var stats = await sandbox.GetAsync("sandbox/stats");
        Assert.Equal(1, stats.GetProperty("creations").GetInt32());
        Assert.Equal(1, stats.GetProperty("created")[0].GetProperty("looks").GetInt32());
        Assert.DoesNotContain("r8_test", stats.ToString(), StringComparison.Ordinal);

        using var cleared = await sandbox.Http.DeleteAsync("sandbox/faults", Ct);
        Assert.Equal(0, (await sandbox.GetAsync("sandbox/faults")).GetArrayLength());
        using var reset = await sandbox.Http.PostAsync("sandbox/reset", null, Ct);
        Assert.Equal(0, (await sandbox.GetAsync("sandbox/stats")).GetProperty("creations").GetInt32());
        Assert.Equal(0, (await sandbox.GetAsync("v1/predictions")).GetProperty("results").GetArrayLength());
    }

    [Theory]
    [InlineData("""{"kind":"no_such_thing"}""")]
    [InlineData("""{"kind":"get_error","tymes":3}""")]
    [InlineData("""{}""")]
    [InlineData("""nonsense""")]
    public async Task A_switch_that_does_not_exist_is_refused_with_the_list_of_those_that_do(string body)
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var response = await sandbox.Http.PutAsync("sandbox/faults", new StringContent(body), Ct);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("create_reset_after", await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }
}
