using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Hosting;
using GenApi.Tests.Images;
using static GenApi.Tests.Uploads.InputFileTests;
using static GenApi.Tests.Uploads.InputPictures;

namespace GenApi.Tests.Uploads;

/// <summary>Input files under failure: faults of the Files API, deletions in the middle, kill -9, expiry at the upstream.</summary>
public sealed class InputFileLifeTests
{
    private static readonly byte[] Picture = Pictures.Png(24, 24);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultKind.UploadError, 500, 2, 200, null)]
    [InlineData(FaultKind.UploadError, 429, 1, 200, null)]
    [InlineData(FaultKind.UploadReset, null, 2, 200, null)]
    [InlineData(FaultKind.UploadError, 503, null, 503, "upstream_unavailable")]
    [InlineData(FaultKind.UploadReset, null, null, 503, "upstream_unavailable")]
    [InlineData(FaultKind.UploadError, 401, null, 503, "upstream_unauthorized")]
    [InlineData(FaultKind.UploadError, 402, null, 503, "upstream_out_of_credit")]
    [InlineData(FaultKind.UploadError, 413, null, 422, "invalid_input")]
    public async Task A_file_that_can_not_be_sent_is_tried_again_and_then_told_and_nothing_was_spent(
        FaultKind kind, int? status, int? times, int answer, string? code)
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Generations:SubmitPatienceSeconds"] = times is null ? "1" : "30" });
        var upload = await app.UploadAsync(Picture);
        app.Sandbox.Faults.Add(new Fault(kind) { Status = status, Times = times });

        var made = await app.GenerateAsync(From(upload.Id, 1));

        Assert.True(answer == made.Status, made.Text);
        if (code is null)
            await Requests.AssertWholeAsync(app, made);
        else
            Assert.Equal(code, made.Code);
        Assert.Equal(code is null ? 1 : 0, app.Sandbox.Stats.CreationAttempts);
        Assert.Equal(code is null ? 1 : 0, app.Sandbox.Stats.UploadedFiles.Count);
    }

    [Fact]
    public async Task A_cancel_is_heeded_while_a_file_can_not_be_sent()
    {
        await using var app = await GenApiApp.StartAsync();
        var upload = await app.UploadAsync(Picture);
        var broken = app.Sandbox.Faults.Add(new Fault(FaultKind.UploadError) { Times = null });
        var made = await app.GenerateAsync(From(upload.Id, 1), ("Prefer", "respond-async"));
        await broken.Reached.WaitAsync(Ended);

        await app.PostAsync($"/generations/{made.Id}/cancel");

        Assert.Equal("canceled", (await Requests.EndedAsync(app, made.Id)).State);
        Assert.Equal(0, app.Sandbox.Stats.CreationAttempts);
    }

    [Theory]
    [InlineData(FaultKind.CreateResetAfter)]
    [InlineData(FaultKind.CreateResetBefore)]
    [InlineData(FaultKind.CreateBadJson)]
    public async Task A_lost_answer_to_a_creation_with_files_is_found_and_made_once(FaultKind kind)
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Generations:SettleSeconds"] = "0.5" });
        var upload = await app.UploadAsync(Picture);
        app.Sandbox.Faults.Add(kind);

        await Requests.AssertWholeAsync(app, await app.GenerateAsync(From(upload.Id, 1)));

        Assert.Equal((1, 1), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.UploadedFiles.Count));
    }

    [Fact]
    public async Task Two_lost_answers_that_differ_in_their_file_alone_each_find_their_own()
    {
        await using var app = await GenApiApp.StartAsync();
        var (one, other) = (await app.UploadAsync(Picture), await app.UploadAsync(Pictures.Png(40, 40)));
        app.Sandbox.Faults.Add(FaultKind.CreateResetAfter, times: 2);
        object Body(string image) => new { prompt = "a red fox", seed = 7, width = 64, height = 64, image };

        var made = await Task.WhenAll(app.GenerateAsync(Body(one.Id)), app.GenerateAsync(Body(other.Id)));

        Assert.Equal(2, app.Sandbox.Stats.Creations);
        Assert.Equal([Sha256(Picture), Sha256(Pictures.Png(40, 40))], made.Select(answer => BegunFrom(app, answer)));
    }

    [Theory]
    [InlineData(FaultKind.UploadSlow)]
    [InlineData(FaultKind.CreateSlowAfter)]
    public async Task A_crash_while_the_file_is_sent_or_after_the_creation_loses_nothing_and_makes_nothing_twice(FaultKind window)
    {
        await using var app = await GenApiApp.StartProcessAsync(new() { ["Generations:SettleSeconds"] = "0.5" });
        var upload = await app.UploadAsync(Picture);
        var held = app.Sandbox.Faults.Add(window);
        var id = (await app.GenerateAsync(From(upload.Id, 1), ("Prefer", "respond-async"))).Id;
        await held.Reached.WaitAsync(Ended);

        await app.KillAsync();
        app.Sandbox.Faults.Clear();
        await app.StartAgainAsync();

        var made = await Requests.EndedAsync(app, id);
        await Requests.AssertWholeAsync(app, made);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        Assert.Equal(Sha256(Picture), BegunFrom(app, made));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_is_deleted_before_it_is_sent_is_used_all_the_same_and_its_bytes_go_at_the_end(bool isImage)
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Replicate:MaxInFlight"] = "1" });
        var first = await app.GenerateAsync(Requests.Small(1));
        var image = first["images"][0];
        var (id, route, hash) = isImage
            ? (image.GetProperty("id").GetString()!, "images", image.GetProperty("sha256").GetString()!)
            : ((await app.UploadAsync(Picture)).Id, "uploads", Sha256(Picture));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await app.GenerateAsync(Requests.Small(2), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        var waiting = await app.GenerateAsync(From(id, 3), ("Prefer", "respond-async"));

        Assert.Equal(204, (await app.DeleteAsync($"/{route}/{id}")).Status);
        Assert.Equal(404, (await app.GetAsync($"/{route}/{id}")).Status);
        Assert.Contains(hash, await app.BlobsAsync());
        BadInputTests.AssertProblem(await app.GenerateAsync(From(id, 4)), 422, "invalid_input");
        held.Release();

        var made = await Requests.EndedAsync(app, waiting.Id);
        await Requests.AssertWholeAsync(app, made);
        Assert.Equal(hash, Assert.Single(app.Sandbox.Stats.UploadedFiles).Sha256);
        await WaitAsync(async () => !(await app.BlobsAsync()).Contains(hash));
    }

    [Fact]
    public async Task A_canceled_one_lets_go_of_its_file_too()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Replicate:MaxInFlight"] = "1" });
        var upload = await app.UploadAsync(Picture);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await app.GenerateAsync(Requests.Small(2), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        var waiting = await app.GenerateAsync(From(upload.Id, 3), ("Prefer", "respond-async"));
        await app.DeleteAsync($"/uploads/{upload.Id}");
        Assert.Contains(Sha256(Picture), await app.BlobsAsync());

        await app.DeleteAsync($"/generations/{waiting.Id}");

        await WaitAsync(async () => !(await app.BlobsAsync()).Contains(Sha256(Picture)));
        held.Release();
    }

    [Fact]
    public async Task Bytes_that_are_missing_from_the_store_are_told_and_cost_nothing()
    {
        await using var app = await GenApiApp.StartAsync();
        var upload = await app.UploadAsync(Picture);
        await app.Store.Blobs.DeleteAsync(Sha256(Picture));

        var made = await app.GenerateAsync(From(upload.Id, 1));

        BadInputTests.AssertProblem(made, 422, "invalid_input");
        Assert.Equal("$.image", made["errors"].EnumerateObject().Single().Name);
        Assert.Equal(0, app.Sandbox.Stats.CreationAttempts);
        Assert.Equal(0, (await app.GetAsync("/generations"))["data"].GetArrayLength());
        BadInputTests.AssertProblem(await app.PostAsync("/generate/estimate", From(upload.Id, 1)), 422, "invalid_input");
    }

    [Fact]
    public async Task After_a_restart_the_file_is_used_again_while_the_upstream_has_it_and_sent_again_when_not()
    {
        await using var app = await GenApiApp.StartAsync();
        var upload = await app.UploadAsync(Picture);
        await app.GenerateAsync(From(upload.Id, 1));

        await app.RestartAsync();
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(From(upload.Id, 2)));
        Assert.Single(app.Sandbox.Stats.UploadedFiles);

        using var upstream = new HttpClient();
        upstream.DefaultRequestHeaders.Authorization = new("Bearer", "any");
        using var deleted = await upstream.DeleteAsync(
            new Uri(app.Sandbox.BaseUrl, $"/v1/files/{app.Sandbox.Stats.UploadedFiles[0].Id}"), Ended);
        Assert.True(deleted.IsSuccessStatusCode);
        await app.RestartAsync();
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(From(upload.Id, 3)));
        Assert.Equal(2, app.Sandbox.Stats.UploadedFiles.Count);
    }

    [Fact]
    public async Task A_file_that_the_upstream_lost_early_fails_one_run_and_is_sent_again_for_the_next()
    {
        await using var app = await GenApiApp.StartAsync();
        var upload = await app.UploadAsync(Picture);
        await app.GenerateAsync(From(upload.Id, 1));
        using var upstream = new HttpClient();
        upstream.DefaultRequestHeaders.Authorization = new("Bearer", "any");
        using var deleted = await upstream.DeleteAsync(
            new Uri(app.Sandbox.BaseUrl, $"/v1/files/{app.Sandbox.Stats.UploadedFiles[0].Id}"), Ended);

        Assert.Equal("upstream_failed", (await app.GenerateAsync(From(upload.Id, 2))).Code);
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(From(upload.Id, 3)));

        Assert.Equal(2, app.Sandbox.Stats.UploadedFiles.Count);
    }

    [Fact]
    public async Task A_file_that_would_not_outlive_the_run_is_sent_again()
    {
        // The longest run takes 900 seconds; the sandbox stores files for 600.
        await using var app = await GenApiApp.StartAsync(
            sandbox: new SandboxOptions { Speed = 0, UploadRetention = TimeSpan.FromMinutes(10) });
        var upload = await app.UploadAsync(Picture);

        await Requests.AssertWholeAsync(app, await app.GenerateAsync(From(upload.Id, 1)));
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(From(upload.Id, 2)));

        Assert.Equal(2, app.Sandbox.Stats.UploadedFiles.Count);
    }

    [Fact]
    public async Task A_hit_with_files_reads_and_writes_no_database()
    {
        await using var app = await GenApiApp.StartAsync();
        var upload = await app.UploadAsync(Picture);
        var made = await app.GenerateAsync(From(upload.Id, 1));
        // From now on, every connection finds no tables with these names.
        await app.ExecuteAsync("ALTER TABLE Uploads RENAME TO U; ALTER TABLE Generations RENAME TO G; ALTER TABLE Images RENAME TO I");

        var hit = await app.GenerateAsync(From(upload.Id, 1));

        Assert.Equal((200, "GenApi; hit", made.Id), (hit.Status, hit.Header("Cache-Status"), hit.Id));
        await app.ExecuteAsync("ALTER TABLE U RENAME TO Uploads; ALTER TABLE G RENAME TO Generations; ALTER TABLE I RENAME TO Images");
    }

    /// <summary>Returns the hash of the image that the generation's own prediction received.</summary>
    private static string BegunFrom(GenApiApp app, Answer made)
    {
        var creation = app.Sandbox.Stats.CreationRequests.Single(each => each.PredictionId == made["prediction_id"].GetString());
        var address = System.Text.Json.JsonElement.Parse(creation.Body).GetProperty("input").GetProperty("image").GetString()!;
        return app.Sandbox.Stats.UploadedFiles.Single(file => address.EndsWith(file.Id, StringComparison.Ordinal)).Sha256;
    }

    /// <summary>Waits for something that happens a moment after the caller's answer.</summary>
    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ended);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (!await condition())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
    }
}
