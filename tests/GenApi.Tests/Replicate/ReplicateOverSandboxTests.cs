using GenApi.Core.Errors;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Outputs;
using GenApi.Sandbox;
using GenApi.Sandbox.Control;

namespace GenApi.Tests.Replicate;

/// <summary>Client and downloader over the sandbox's socket, one fault at a time.</summary>
public sealed class ReplicateOverSandboxTests
{
    private static readonly NewPrediction Small =
        new(
            "black-forest-labs", "flux-schnell", null, ReplicateRig.Json(
                """{"prompt":"a fox","seed":7,"megapixels":"0.25","output_format":"png"}"""));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultKind.CreateRefused, 401, ErrorKind.UpstreamUnauthorized, false, 0)]
    [InlineData(FaultKind.CreateRefused, 402, ErrorKind.UpstreamOutOfCredit, false, 0)]
    [InlineData(FaultKind.CreateRefused, 403, ErrorKind.UpstreamUnauthorized, false, 0)]
    [InlineData(FaultKind.CreateRefused, 404, ErrorKind.UnknownModel, false, 0)]
    [InlineData(FaultKind.CreateRefused, 422, ErrorKind.InvalidInput, false, 0)]
    [InlineData(FaultKind.CreateThrottled, null, ErrorKind.UpstreamRateLimited, false, 0)]
    [InlineData(FaultKind.CreateError, 500, ErrorKind.UpstreamUnavailable, true, 0)]
    [InlineData(FaultKind.CreateHtml, 502, ErrorKind.UpstreamUnavailable, true, 0)]
    [InlineData(FaultKind.CreateResetBefore, null, ErrorKind.UpstreamUnavailable, true, 0)]
    [InlineData(FaultKind.CreateResetAfter, null, ErrorKind.UpstreamUnavailable, true, 1)]
    [InlineData(FaultKind.CreateBadJson, null, ErrorKind.UpstreamBadAnswer, true, 1)]
    public async Task A_creation_that_fails_is_sent_once(FaultKind fault, int? status, ErrorKind kind, bool mayHaveHappened, int creations)
    {
        await using var sandbox = await StartAsync(new Fault(fault) { Status = status });
        await using var rig = new ReplicateRig(sandbox.BaseUrl);

        var failure = await ReplicateRig.FailsAsync(rig.Client.CreateAsync(Small, Cancel));

        Assert.Equal((kind, mayHaveHappened), (failure.Kind, failure.MayHaveHappened));
        Assert.Equal((1, creations), (sandbox.Stats.CreationAttempts, sandbox.Stats.Creations));
    }

    [Theory]
    [InlineData(ThrottleForm.Body, 30.0)]
    [InlineData(ThrottleForm.Header, 30.0)]
    [InlineData(ThrottleForm.Text, 30.0)]
    [InlineData(ThrottleForm.Silent, null)]
    public async Task A_throttled_creation_knows_its_time_in_every_form(ThrottleForm form, double? seconds)
    {
        await using var sandbox = await StartAsync(new Fault(FaultKind.CreateThrottled) { Form = form, Delay = TimeSpan.FromSeconds(30) });
        await using var rig = new ReplicateRig(sandbox.BaseUrl);

        var failure = await ReplicateRig.FailsAsync(rig.Client.CreateAsync(Small, Cancel));
        Assert.Equal((seconds, true), (failure.RetryAfter?.TotalSeconds, failure.IsTransient));

        var second = rig.Client.CreateAsync(Small, Cancel);
        rig.Time.Advance(TimeSpan.FromSeconds(seconds ?? 5));
        Assert.NotEmpty((await second).Id);
        Assert.Equal((2, 1), (sandbox.Stats.CreationAttempts, sandbox.Stats.Creations));
    }

    [Fact]
    public async Task A_creation_whose_answer_is_too_late_has_happened()
    {
        var fault = new Fault(FaultKind.CreateSlowAfter);
        await using var sandbox = await StartAsync(fault);
        await using var rig = new ReplicateRig(sandbox.BaseUrl);

        var call = rig.Client.CreateAsync(Small, Cancel);
        await fault.Reached.WaitAsync(Cancel);
        rig.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.True((await ReplicateRig.FailsAsync(call)).MayHaveHappened);
        Assert.Equal(1, sandbox.Stats.Creations);
    }

    [Theory]
    [InlineData(FaultKind.GetError)]
    [InlineData(FaultKind.GetReset)]
    [InlineData(FaultKind.GetHtml)]
    public async Task A_look_that_fails_once_is_tried_again(FaultKind fault)
    {
        await using var sandbox = await StartAsync();
        await using var rig = new ReplicateRig(sandbox.BaseUrl);
        var created = await rig.Client.CreateAsync(Small, Cancel);
        sandbox.Faults.Add(fault);

        Assert.Equal(created.Id, (await rig.HurryAsync(rig.Client.GetAsync(created.Id, Cancel))).Id);
    }

    [Theory]
    [InlineData(FaultKind.GetNotFound, ErrorKind.NotFound)]
    [InlineData(FaultKind.GetThrottled, ErrorKind.UpstreamRateLimited)]
    [InlineData(FaultKind.GetBadJson, ErrorKind.UpstreamBadAnswer)]
    public async Task A_look_that_the_caller_should_repeat_is_transient(FaultKind fault, ErrorKind kind)
    {
        await using var sandbox = await StartAsync();
        await using var rig = new ReplicateRig(sandbox.BaseUrl);
        var created = await rig.Client.CreateAsync(Small, Cancel);
        sandbox.Faults.Add(fault);

        var failure = await ReplicateRig.FailsAsync(rig.Client.GetAsync(created.Id, Cancel));

        Assert.Equal((kind, true, false), (failure.Kind, failure.IsTransient, failure.MayHaveHappened));
        Assert.Equal(created.Id, (await rig.HurryAsync(rig.Client.GetAsync(created.Id, Cancel))).Id);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(FaultKind.RunDataUri)]
    [InlineData(FaultKind.RunNested)]
    [InlineData(FaultKind.FileChunked)]
    [InlineData(FaultKind.FileWrongType)]
    public async Task A_picture_arrives_in_whatever_form(FaultKind? fault)
    {
        await using var sandbox = await StartAsync(fault is { } kind ? new Fault(kind) { Times = null } : null);
        await using var rig = new ReplicateRig(sandbox.BaseUrl);

        await using var file = await rig.Downloader.OpenAsync(await OutputAsync(rig), Cancel);
        using var bytes = new MemoryStream();
        await file.Content.CopyToAsync(bytes, Cancel);

        Assert.Equal("89504E470D0A1A0A", Convert.ToHexString(bytes.ToArray().AsSpan(0, 8)));
        Assert.All(
            sandbox.Stats.DownloadRequests, request => Assert.DoesNotContain(
                request.Headers, header => header.Value.Contains(ReplicateRig.Token, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(FaultKind.FileCut, true)]
    [InlineData(FaultKind.FileReset, true)]
    [InlineData(FaultKind.FileUnavailable, true)]
    [InlineData(FaultKind.FileVanished, false)]
    [InlineData(FaultKind.FileOversized, false)]
    [InlineData(FaultKind.FileRedirect, false)]
    public async Task A_picture_that_does_not_arrive_says_whether_to_try_again(FaultKind kind, bool transient)
    {
        await using var sandbox = await StartAsync(new Fault(kind) { Times = kind == FaultKind.FileRedirect ? null : 1, Count = 4 << 20 });
        await using var rig = new ReplicateRig(sandbox.BaseUrl, null, ("Replicate:MaxOutputBytes", $"{3 << 20}"));
        var address = await OutputAsync(rig);

        var failure = await ReplicateRig.FailsAsync(ReadAsync(rig, address));

        var isUnusable = kind is FaultKind.FileOversized or FaultKind.FileRedirect;
        Assert.Equal((isUnusable ? ErrorKind.UnusableOutput : ErrorKind.DownloadFailed, transient), (failure.Kind, failure.IsTransient));
        if (kind == FaultKind.FileRedirect)
            return;
        await ReadAsync(rig, address);
    }

    [Fact]
    public async Task Input_that_a_schema_forbids_is_named_by_the_sandbox_as_by_replicate()
    {
        await using var sandbox = await StartAsync();
        await using var rig = new ReplicateRig(sandbox.BaseUrl);

        var failure = await ReplicateRig.FailsAsync(
            rig.Client.CreateAsync(Small with { Input = ReplicateRig.Json("""{"num_outputs":9,"output_format":"bmp"}""") }, Cancel));

        Assert.Equal(ErrorKind.InvalidInput, failure.Kind);
        Assert.Equal(["$.input.num_outputs", "$.input.output_format", "$.input.prompt"], failure.Errors.Keys.Order());
    }

    [Fact]
    public async Task Unknown_models_and_versions_are_unknown()
    {
        await using var sandbox = await StartAsync();
        await using var rig = new ReplicateRig(sandbox.BaseUrl);
        Func<Task>[] calls =
        [
            () => rig.Client.GetModelAsync("nobody", "nothing", Cancel),
            () => rig.Client.CreateAsync(Small with { Owner = "nobody" }, Cancel),
            () => rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel),
        ];
        foreach (var call in calls)
            Assert.Equal(ErrorKind.UnknownModel, (await ReplicateRig.FailsAsync(call())).Kind);
    }

    private static async Task<SandboxServer> StartAsync(Fault? fault = null)
    {
        var sandbox = await SandboxServer.StartAsync(new SandboxOptions { Speed = 0 }, null, Cancel);
        if (fault is not null)
            sandbox.Faults.Add(fault);
        return sandbox;
    }

    private static async Task<string> OutputAsync(ReplicateRig rig)
    {
        var prediction = await rig.Client.CreateAsync(Small, Cancel);
        for (var look = 0; look < 500 && !prediction.IsTerminal; look++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
            prediction = await rig.Client.GetAsync(prediction.Id, Cancel);
        }

        return Assert.Single(PredictionOutput.Collect(prediction.Output));
    }

    private static async Task ReadAsync(ReplicateRig rig, string address)
    {
        await using var file = await rig.Downloader.OpenAsync(address, Cancel);
        await file.Content.CopyToAsync(Stream.Null, Cancel);
    }
}
