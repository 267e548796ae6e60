using System.Net.Http.Json;
using GenApi.Sandbox.Control;

namespace GenApi.Tests.Generations;

/// <summary>
/// Runs one generation against each fault of the sandbox, and checks the answer by the contract's table, the creations and the end.
/// </summary>
public sealed class FaultTests
{
    private const int Ok = 200;

    /// <summary>
    /// Short patience, so that a generation fails within the test. It does not change what is tried.
    /// </summary>
    private static readonly Dictionary<string, string?> Impatient = new()
    {
        ["Generations:SettleSeconds"] = "0.5",
        ["Generations:SubmitPatienceSeconds"] = "1",
        ["Generations:DownloadPatienceSeconds"] = "1",
        ["Replicate:MaxOutputBytes"] = "2000000",
    };

    public static TheoryData<FaultKind, int?, int?, int, string?, int> Table => new()
    {
        // kind, status, times (null: always), answer, code, creations
        { FaultKind.CreateRefused, 401, null, 503, "upstream_unauthorized", 0 },
        { FaultKind.CreateRefused, 402, null, 503, "upstream_out_of_credit", 0 },
        { FaultKind.CreateRefused, 422, null, 422, "invalid_input", 0 },
        { FaultKind.CreateError, 500, 1, Ok, null, 1 },
        { FaultKind.CreateError, 503, null, 503, "upstream_unavailable", 0 },
        { FaultKind.CreateHtml, 502, 1, Ok, null, 1 },
        { FaultKind.CreateResetBefore, null, 1, Ok, null, 1 },
        { FaultKind.CreateResetBefore, null, null, 503, "upstream_unavailable", 0 },
        { FaultKind.CreateResetAfter, null, 1, Ok, null, 1 },
        { FaultKind.CreateResetAfter, null, null, Ok, null, 1 },
        { FaultKind.CreateBadJson, null, null, Ok, null, 1 },
        { FaultKind.GetError, 500, 3, Ok, null, 1 },
        { FaultKind.GetReset, null, 3, Ok, null, 1 },
        { FaultKind.GetHtml, 502, 3, Ok, null, 1 },
        { FaultKind.GetNotFound, null, 2, Ok, null, 1 },
        { FaultKind.GetBadJson, null, 2, Ok, null, 1 },
        { FaultKind.RunAborts, null, 1, 502, "upstream_failed", 1 },
        { FaultKind.RunFails, null, 1, 502, "upstream_failed", 1 },
        { FaultKind.RunRefused, null, 1, 422, "content_refused", 1 },
        { FaultKind.RunEmpty, null, 1, 502, "upstream_no_output", 1 },
        { FaultKind.RunDataUri, null, 1, Ok, null, 1 },
        { FaultKind.RunNested, null, 1, Ok, null, 1 },
        { FaultKind.FileCut, null, 1, Ok, null, 1 },
        { FaultKind.FileCut, null, null, 502, "download_failed", 1 },
        { FaultKind.FileCorrupt, null, 1, Ok, null, 1 },
        { FaultKind.FileCorrupt, null, null, 502, "download_failed", 1 },
        { FaultKind.FileOversized, null, null, 502, "unusable_output", 1 },
        { FaultKind.FileVanished, null, null, 502, "download_failed", 1 },
        { FaultKind.FileUnavailable, 503, 2, Ok, null, 1 },
        { FaultKind.FileUnavailable, 503, null, 502, "download_failed", 1 },
        { FaultKind.FileReset, null, 2, Ok, null, 1 },
        { FaultKind.FileRedirect, null, null, 502, "unusable_output", 1 },
        { FaultKind.FileWrongType, null, null, Ok, null, 1 },
        { FaultKind.FileChunked, null, null, Ok, null, 1 },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public async Task A_fault_costs_one_creation_at_most_and_gets_its_answer(
        FaultKind kind, int? status, int? times, int answer, string? code, int creations)
    {
        await using var app = await GenApiApp.StartAsync(Impatient);
        app.Sandbox.Faults.Add(new Fault(kind) { Status = status, Times = times });

        var made = await app.GenerateAsync(Requests.Small(1));

        Assert.True(made.Status == answer, made.Text);
        if (code is null)
            await Requests.AssertWholeAsync(app, made);
        else
            Assert.Equal(code, made.Code);
        Assert.Equal(creations, app.Sandbox.Stats.Creations);
        await AssertNothingLeftAsync(app);
    }

    [Theory]
    [InlineData(ThrottleForm.Body)]
    [InlineData(ThrottleForm.Header)]
    [InlineData(ThrottleForm.Text)]
    [InlineData(ThrottleForm.Silent)]
    public async Task A_throttled_creation_waits_and_is_made_once(ThrottleForm form)
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Generations:SubmitPatienceSeconds"] = "20" });
        app.Sandbox.Faults.Add(new Fault(FaultKind.CreateThrottled) { Form = form, Delay = TimeSpan.FromSeconds(1) });

        var made = await app.GenerateAsync(Requests.Small(1));

        await Requests.AssertWholeAsync(app, made);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        Assert.Equal(2, app.Sandbox.Stats.CreationAttempts);
    }

    [Fact]
    public async Task Being_throttled_is_no_failure_however_long_it_lasts()
    {
        await using var app = await GenApiApp.StartAsync(Impatient);
        var throttled = app.Sandbox.Faults.Add(new Fault(FaultKind.CreateThrottled) { Times = null, Delay = TimeSpan.FromSeconds(1) });

        // Past Generations:SubmitPatienceSeconds.
        var waiting = await app.GenerateAsync(Requests.Small(1), ("Prefer", "wait=3"));

        Assert.Equal((202, "queued"), (waiting.Status, waiting.State));
        Assert.InRange(throttled.Used, 2, 4);
        app.Sandbox.Faults.Clear();
        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, waiting.Id));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task One_that_waits_out_a_pause_is_canceled_on_the_spot()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(new Fault(FaultKind.CreateThrottled) { Delay = TimeSpan.FromMinutes(5) });
        var waiting = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.CreationAttempts == 1, TestContext.Current.CancellationToken);

        await app.PostAsync($"/generations/{waiting.Id}/cancel");

        Assert.Equal("canceled", (await app.GetAsync($"/generations/{waiting.Id}", ("Prefer", "wait=20"))).State);
        Assert.Equal((0, 1), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.CreationAttempts));
    }

    [Theory]
    [InlineData(FaultKind.CreateError)]
    [InlineData(FaultKind.CreateHtml)]
    public async Task An_error_page_for_a_creation_that_was_made_is_not_followed_by_a_second_one(FaultKind kind)
    {
        await using var app = await GenApiApp.StartAsync(Impatient);
        app.Sandbox.Faults.Add(new Fault(kind) { Times = null, Accept = true });

        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1)));

        Assert.Equal((1, 1), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.CreationAttempts));
    }

    [Theory]
    [InlineData(FaultKind.ListWithoutInput, null)]
    [InlineData(FaultKind.ListEmpty, 2)]
    [InlineData(FaultKind.ListError, 4)]
    public async Task A_lost_answer_is_found_however_the_list_behaves(FaultKind list, int? times)
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Generations:SettleSeconds"] = "5" });
        app.Sandbox.Faults.Add(FaultKind.CreateResetAfter);
        app.Sandbox.Faults.Add(new Fault(list) { Times = times });

        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1)));

        Assert.Equal((1, 1), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.CreationAttempts));
    }

    /// <summary>
    /// The list is as long as after many kills, or as when others use the same token. A test with 500 kills and 10,000 generations found
    /// that ten pages were too few.
    /// </summary>
    [Fact]
    public async Task A_lost_answer_is_found_below_more_predictions_than_ten_pages_hold()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.CreateResetAfter);
        var silence = app.Sandbox.Faults.Add(FaultKind.ListError, times: null);
        var made = app.GenerateAsync(Requests.Small(1));
        await silence.Reached.WaitAsync(TestContext.Current.CancellationToken);

        using var others = new HttpClient
        {
            BaseAddress = app.Sandbox.BaseUrl,
            DefaultRequestHeaders = { { "Authorization", $"Bearer {GenApiApp.Token}" } },
        };
        await Parallel.ForAsync(0, 1100, TestContext.Current.CancellationToken, async (_, token) =>
        {
            using var answer = await others.PostAsJsonAsync(
                new Uri("/v1/models/sandbox/slow/predictions", UriKind.Relative), new { input = new { prompt = "somebody else's" } },
                token);
            answer.EnsureSuccessStatusCode();
        });
        app.Sandbox.Faults.Remove(silence.Id);

        await Requests.AssertWholeAsync(app, await made);
        Assert.Equal(1101, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Two_lost_answers_of_a_model_without_seeds_find_one_prediction_each()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.CreateResetAfter, times: 2);

        // Two requests for the same run; equal ones at once would be one request and its repeat.
        var made = await Task.WhenAll(Enumerable.Range(0, 2).Select(caller =>
            app.GenerateAsync(new { prompt = "a badge", model = "recraft-ai/recraft-v3", metadata = new { caller = $"{caller}" } })));

        Assert.All(made, answer => Assert.Equal(Ok, answer.Status));
        Assert.Equal(2, app.Sandbox.Stats.Creations);
        Assert.Equal(2, made.Select(answer => answer["prediction_id"].GetString()).Distinct().Count());
    }

    [Fact]
    public async Task Fewer_images_than_asked_for_are_kept()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.RunFewer);

        var made = await app.GenerateAsync(new { prompt = "a red fox", seed = 1, width = 64, height = 64, num_outputs = 3 });

        Assert.Equal(2, made["images"].GetArrayLength());
        await Requests.AssertWholeAsync(app, made);
    }

    [Fact]
    public async Task An_output_that_is_there_before_the_end_waits_for_the_end()
    {
        await using var app = await GenApiApp.StartAsync();
        var early = app.Sandbox.Faults.Add(new Fault(FaultKind.RunEarlyOutput) { Delay = TimeSpan.FromSeconds(1) });

        var made = await app.GenerateAsync(Requests.Small(1));

        await Requests.AssertWholeAsync(app, made);
        Assert.Equal(1, early.Used);
        Assert.True(made["timing", "predict_seconds"].GetDouble() >= 0);
    }

    [Fact]
    public async Task A_run_without_an_end_is_canceled_at_the_deadline()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Generations:MaxRunSeconds"] = "5" });
        app.Sandbox.Faults.Add(FaultKind.RunStuck);

        var made = await app.GenerateAsync(Requests.Small(1));

        Assert.Equal((504, "upstream_timeout"), (made.Status, made.Code));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        Assert.Equal("5", app.Sandbox.Stats.CreationRequests[0].Headers["cancel-after"]);
        await AssertNothingLeftAsync(app);
    }

    [Fact]
    public async Task A_status_nobody_knows_is_looked_at_again()
    {
        await using var app = await GenApiApp.StartAsync(sandbox: new SandboxOptions { Speed = 20 });
        app.Sandbox.Faults.Add(FaultKind.RunUnknownStatus);

        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1)));
    }

    [Fact]
    public async Task An_unreachable_upstream_is_told_and_nothing_was_spent()
    {
        await using var app = await GenApiApp.StartAsync(Impatient);
        // The model is known before the upstream goes away.
        await app.GenerateAsync(Requests.Small(1));
        await app.Sandbox.DisposeAsync();

        var made = await app.GenerateAsync(Requests.Small(2));

        Assert.Equal((503, "upstream_unavailable"), (made.Status, made.Code));
        Assert.StartsWith("gen_", made["generation_id"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_token_is_one_line_for_the_operator_and_shows_in_readiness()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        app.Sandbox.Faults.Add(new Fault(FaultKind.CreateRefused) { Status = 401, Times = null });

        for (var seed = 2; seed < 5; seed++)
            Assert.Equal("upstream_unauthorized", (await app.GenerateAsync(Requests.Small(seed))).Code);

        Assert.Single(app.Logs, line => line.Contains("Replicate:ApiToken", StringComparison.Ordinal));
        Assert.Contains("token", (await app.GetAsync("/health/ready")).Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(app.Logs, line => line.Contains(GenApiApp.Token, StringComparison.Ordinal));
    }

    private static async Task AssertNothingLeftAsync(GenApiApp app)
    {
        foreach (var status in new[] { "queued", "starting", "processing", "storing" })
            Assert.Equal(0, (await app.GetAsync($"/generations?status={status}"))["data"].GetArrayLength());
        Assert.Empty(app.Store.Blobs.Leftovers());
    }
}
