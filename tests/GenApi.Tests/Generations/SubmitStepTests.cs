using System.Text.Json;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Replicate.Calls;
using GenApi.Tests.Images;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Generations;

/// <summary>
/// Tests the one step that costs money: what is sent when, what its answer leads to, and what never leads to a second one.
/// </summary>
public sealed class SubmitStepTests(SubmitStepTests.Rig rig) : IClassFixture<SubmitStepTests.Rig>
{
    private const string Create = "POST /v1/predictions";

    private readonly string _prompt = Guid.CreateVersion7(DateTimeOffset.UnixEpoch).ToString();
    private readonly CoreRig _rig = Begin(rig);

    [Theory]
    [InlineData("starting", false)]
    [InlineData("succeeded", true)]
    public async Task A_creation_asks_for_a_webhook_and_an_end_and_its_answer_is_kept(string status, bool isFresh)
    {
        var run = await QueuedAsync();
        run.Failures = 4;
        var id = Answer(status);

        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(run));

        var sent = Assert.Single(_rig.Requests);
        Assert.Equal($"{run.Generation.CancelAfterSeconds}", sent.Headers["Cancel-After"]);
        var body = JsonElement.Parse(sent.Body);
        Assert.Equal(_prompt, body.GetProperty("input").GetProperty("prompt").GetString());
        Assert.Equal(CoreRig.Version, body.GetProperty("version").GetString());
        Assert.Contains($"generation={run.Generation.PublicId}&", body.GetProperty("webhook").GetString(), StringComparison.Ordinal);
        var row = (await _rig.ReadAsync(run.Generation.Id))!;
        Assert.Equal((GenerationStatus.Starting, id, 1, _rig.Now), (row.Status, row.PredictionId, row.Attempts, row.SubmittingAt));
        Assert.Equal((_rig.Now, 0, true), (run.SentAt, run.Failures, run.ExpectsWebhook));
        Assert.Equal((_rig.Now.AddSeconds(-1), isFresh ? id : null), (run.PredictionCreatedAt, run.FreshPrediction?.Id));
    }

    [Fact]
    public async Task An_official_model_is_called_by_its_name()
    {
        var run = await QueuedAsync(model: "black-forest-labs/flux-dev", version: null);
        Answer("starting", "POST /v1/models/black-forest-labs/flux-dev/predictions");

        await AdvanceAsync(run);

        Assert.Equal(GenerationStatus.Starting, run.Generation.Status);
        Assert.DoesNotContain("version", _rig.Requests[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_intent_is_on_the_disk_before_the_creation()
    {
        var run = await QueuedAsync();
        Generation? seen = null;
        _rig.Routes[Create] = async context =>
        {
            seen = await _rig.ReadAsync(run.Generation.Id);
            context.Response.StatusCode = 402;
        };

        await AdvanceAsync(run);

        Assert.True(seen!.IsUncertain);
        Assert.Equal(1, seen.Attempts);
    }

    [Fact]
    public async Task A_service_that_stops_and_a_request_that_was_canceled_send_nothing()
    {
        using var permit = new CallPermit(_ => { });
        var (stopping, canceled) = (await QueuedAsync(await FileAsync(), permit), await QueuedAsync());
        await _rig.EditAsync(canceled.Generation, row => row.RequestCancel(_rig.Now));
        Answer("starting");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _rig.Get<SubmitStep>().AdvanceAsync(stopping, new CancellationToken(canceled: true)));
        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(canceled));

        Assert.Empty(_rig.Requests);
        Assert.Equal((GenerationStatus.Queued, 0), (stopping.Generation.Status, (await _rig.ReadAsync(stopping.Generation.Id))!.Attempts));
        Assert.Same(permit, stopping.ClaimPermit());
        Assert.Equal((GenerationStatus.Canceled, 0), (canceled.Generation.Status, canceled.Generation.Attempts));
    }

    [Theory]
    [InlineData(402, "upstream_out_of_credit")]
    [InlineData(401, "upstream_unauthorized")]
    [InlineData(422, "invalid_input")]
    public async Task A_refusal_is_the_end_and_costs_nothing(int status, string code)
    {
        var run = await QueuedAsync();
        _rig.Answer(Create, "{}", status);

        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(run));

        var row = run.Generation;
        Assert.Equal((GenerationStatus.Failed, code, false, 0), (row.Status, row.ErrorCode, row.WasSent, row.CostMicros));
        Assert.Equal(status == 422, row.ErrorMembers is not null);
        Assert.Single(_rig.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_the_upstream_has_no_room_for_goes_back_into_the_queue_or_ends_if_it_was_canceled(bool isCanceled)
    {
        var run = await QueuedAsync();
        _rig.Routes[Create] = async context =>
        {
            if (isCanceled)
                await _rig.EditAsync(run.Generation, row => row.RequestCancel(_rig.Now));
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "1";
        };

        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(run));
        _rig.Time.Advance(TimeSpan.FromMinutes(1));

        var row = (await _rig.ReadAsync(run.Generation.Id))!;
        Assert.Equal(isCanceled ? GenerationStatus.Canceled : GenerationStatus.Queued, row.Status);
        Assert.Equal((isCanceled ? 1 : 0, !isCanceled), (row.Attempts, run.IsPutBack));
        Assert.Null(row.Lease.Owner);
    }

    [Theory]
    [InlineData(500, "{}")]
    [InlineData(200, "{")]
    public async Task An_answer_that_says_nothing_leaves_the_creation_open(int status, string body)
    {
        var run = await QueuedAsync();
        _rig.Answer(Create, body, status);

        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(run));

        Assert.True(run.Generation.IsUncertain);
        Assert.Equal(status == 500 ? ErrorKind.UpstreamUnavailable : ErrorKind.UpstreamBadAnswer, run.UnconfirmedError?.Kind);
        Assert.Single(_rig.Requests);
    }

    [Fact]
    public async Task An_answer_with_anothers_prediction_leaves_the_creation_open()
    {
        var (run, other) = (await QueuedAsync(), await QueuedAsync());
        Answer("starting");
        await AdvanceAsync(other);

        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(run));

        Assert.True(run.Generation.IsUncertain);
        Assert.Equal(ErrorKind.UpstreamBadAnswer, run.UnconfirmedError?.Kind);
        Assert.Null(run.PredictionCreatedAt);
    }

    [Fact]
    [OnlyOnDisk]
    public async Task While_the_store_is_gone_nothing_is_sent_and_the_row_stays_as_it_is()
    {
        var run = await QueuedAsync();
        Answer("starting");
        var blobs = Path.Combine(_rig.DataDirectory, "blobs");
        Directory.Move(blobs, blobs + ".away");
        try
        {
            Assert.Equal(TimeSpan.FromSeconds(0.25), await AdvanceAsync(run));
            Assert.Equal(TimeSpan.FromSeconds(0.5), await AdvanceAsync(run));
        }
        finally
        {
            Directory.Move(blobs + ".away", blobs);
        }

        Assert.Empty(_rig.Requests);
        Assert.Equal((GenerationStatus.Queued, 0, 1), (run.Generation.Status, run.Generation.Attempts, run.Generation.Revision));
        await AdvanceAsync(run);
        Assert.Equal(GenerationStatus.Starting, run.Generation.Status);
    }

    /// <summary>Permits held while files are sent would let creations come all at once later.</summary>
    [Theory]
    [InlineData(true, 1, 0)]
    [InlineData(false, 0, 1)]
    public async Task A_permit_is_given_back_unused_only_if_files_have_to_be_sent_first(bool hasFiles, int unused, int used)
    {
        var (given, spent) = (0, 0);
        var permit = new CallPermit(isSpent => _ = isSpent ? spent++ : given++);
        var run = await QueuedAsync(hasFiles ? await FileAsync() : null, permit);
        _rig.Answer("POST /v1/files", """{"id":"f1","urls":{"get":"https://files.example/1"}}""");
        Answer("starting");

        await AdvanceAsync(run);

        Assert.Equal(GenerationStatus.Starting, run.Generation.Status);
        Assert.Equal((unused, used), (given, spent));
        if (hasFiles)
            Assert.Contains("https://files.example/1", _rig.Requests[^1].Body, StringComparison.Ordinal);
    }

    [Theory]
    // How long it has been tried: a pause of a quarter of a second has to end within two minutes.
    [InlineData(0, true)]
    [InlineData(119.74, true)]
    [InlineData(119.75, false)]
    [InlineData(600, false)]
    public async Task A_file_that_can_not_be_sent_yet_is_tried_again_for_as_long_as_a_creation(double seconds, bool goesOn)
    {
        var run = await QueuedAsync(await FileAsync());
        _rig.Answer("POST /v1/files", "{");
        _rig.Time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(TimeSpan.FromSeconds(0.25), await AdvanceAsync(run));

        var row = (await _rig.ReadAsync(run.Generation.Id))!;
        Assert.Equal(goesOn ? GenerationStatus.Queued : GenerationStatus.Failed, row.Status);
        Assert.Equal((goesOn ? null : "upstream_bad_answer", 0, goesOn ? 1 : 2), (row.ErrorCode, row.Attempts, row.Revision));
    }

    [Fact]
    public async Task A_file_that_is_gone_or_refused_is_the_end_and_a_cancel_goes_before_it()
    {
        var gone = JsonSerializer.Serialize(new GenerationFile[] { new("image", null, new string('c', 64), "image/png") });
        var (lost, refused, canceled) = (await QueuedAsync(gone), await QueuedAsync(await FileAsync()), await QueuedAsync(gone));
        await _rig.EditAsync(canceled.Generation, row => row.RequestCancel(_rig.Now));
        _rig.Answer("POST /v1/files", "{}", 402);

        foreach (var run in new[] { lost, refused, canceled })
            await AdvanceAsync(run);

        Assert.Equal((GenerationStatus.Failed, "blob_missing"), (lost.Generation.Status, lost.Generation.ErrorCode));
        Assert.Equal((GenerationStatus.Failed, "upstream_out_of_credit"), (refused.Generation.Status, refused.Generation.ErrorCode));
        Assert.Equal((GenerationStatus.Canceled, null), (canceled.Generation.Status, canceled.Generation.ErrorCode));
        Assert.DoesNotContain(_rig.Requests, each => each.Target == "/v1/predictions");
    }

    /// <summary>However long it lasts, being asked to slow down is no failure.</summary>
    [Fact]
    public async Task A_file_that_the_upstream_has_no_room_for_waits_on()
    {
        var run = await QueuedAsync(await FileAsync());
        _rig.Routes["POST /v1/files"] = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "7";
            return Task.CompletedTask;
        };
        _rig.Time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(TimeSpan.FromSeconds(7), await AdvanceAsync(run));

        Assert.Equal(GenerationStatus.Queued, run.Generation.Status);
        _rig.Time.Advance(TimeSpan.FromMinutes(1));
    }

    private static CoreRig Begin(CoreRig rig)
    {
        rig.Forget();
        return rig;
    }

    private string Answer(string status, string route = Create)
    {
        var id = $"p-{Guid.CreateVersion7(DateTimeOffset.UnixEpoch):N}";
        _rig.Answer(route, JsonSerializer.Serialize(new { id, status, created_at = _rig.Now.AddSeconds(-1) }), 201);
        return id;
    }

    private async Task<GenerationRun> QueuedAsync(
        string? files = null, CallPermit? permit = null, string model = CoreRig.Sdxl, string? version = CoreRig.Version)
    {
        object input = files is null ? new { prompt = _prompt } : new { prompt = _prompt, image = "upl_1" };
        var made = CoreRig.New(_prompt, JsonSerializer.Serialize(input), files: files, model: model, version: version);
        var row = await _rig.AcceptAsync(made);
        return new(row, _rig.Get<GenerationTimelines>().Of(row), TimeSpan.FromSeconds(900), permit);
    }

    /// <summary>Stores a new image as an upload would, and names it as an input.</summary>
    private async Task<string> FileAsync()
    {
        var bytes = Pictures.Png(8, 8).Concat(Guid.CreateVersion7(DateTimeOffset.UnixEpoch).ToByteArray()).ToArray();
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
        await using var staged = await _rig.Get<IBlobStore>().StageAsync(null, CoreRig.Stop);
        await staged.WriteAsync(bytes, CoreRig.Stop);
        await staged.CommitAsync(hash, CoreRig.Stop);
        return JsonSerializer.Serialize(new GenerationFile[] { new("image", null, hash, "image/png") });
    }

    private Task<TimeSpan> AdvanceAsync(GenerationRun run) => _rig.Get<SubmitStep>().AdvanceAsync(run, CoreRig.Stop);

    public sealed class Rig() : CoreRig(("Webhooks:PublicUrl", "https://pictures.example"));
}
