using System.Text.Json;
using GenApi.Core.Accounts;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Models.Timings;
using GenApi.Core.Replicate;

namespace GenApi.Tests.Generations;

/// <summary>Tests what the end of a run at the upstream means for its generation, and how long it took to start.</summary>
public sealed partial class EndStepTests : IClassFixture<CoreRig>
{
    private const string Png = "data:image/png;base64,AAAA";

    private readonly CoreRig _rig;
    private readonly string _model = $"me/{Guid.CreateVersion7(DateTimeOffset.UnixEpoch):N}";

    public EndStepTests(CoreRig rig)
    {
        _rig = rig;
        _rig.Forget();
    }

    /// <summary>The upstream's clock is years ahead of ours.</summary>
    private static DateTimeOffset Theirs { get; } = new(2030, 5, 6, 7, 8, 9, TimeSpan.Zero);

    [Theory]
    // Seconds from the creation to the start by the upstream's clock, and when it counts as started. It was accepted 20 seconds ago.
    [InlineData(5.0, 5.0)]
    [InlineData(0.0, 0.0)]
    [InlineData(-3.0, 0.0)]
    [InlineData(19.9, 19.9)]
    [InlineData(20.0, 20.0)]
    [InlineData(3600.0, 20.0)]
    [InlineData(null, null)]
    public async Task A_start_lies_between_the_acceptance_and_now_whatever_the_upstreams_clock_says(double? started, double? seen)
    {
        var run = await AcceptedAsync();
        var accepted = run.Generation.AcceptedAt!.Value;
        Pass(20);
        DateTimeOffset? at = started is { } seconds ? Theirs.AddSeconds(seconds) : null;
        DateTimeOffset? expected = seen is { } after ? accepted.AddSeconds(after) : null;

        Assert.Equal(expected, EndStep.StartedAt(run, new() { Id = "p", CreatedAt = Theirs, StartedAt = at }));
        // The creation may have been seen earlier, when it was answered.
        run.PredictionCreatedAt = Theirs;
        Assert.Equal(expected, EndStep.StartedAt(run, new() { Id = "p", StartedAt = at }));
        run.PredictionCreatedAt = Theirs.AddHours(-1);
        Assert.Equal(expected, EndStep.StartedAt(run, new() { Id = "p", CreatedAt = Theirs, StartedAt = at }));
    }

    [Fact]
    public async Task Without_the_time_of_the_creation_a_start_is_taken_as_it_is_told()
    {
        var run = await AcceptedAsync();
        var accepted = run.Generation.AcceptedAt!.Value;
        Pass(20);

        Assert.Equal(accepted.AddSeconds(7), EndStep.StartedAt(run, new() { Id = "p", StartedAt = accepted.AddSeconds(7) }));
        Assert.Equal(TimeSpan.FromSeconds(7), EndStep.Starting(run, new() { Id = "p", StartedAt = accepted.AddSeconds(7) }));
    }

    [Theory]
    // Measured in all and running; seconds from the creation to the start; the time until it began.
    [InlineData(9.0, 4.0, 3.0, 5.0)]
    [InlineData(4.0, 9.0, 3.0, 0.0)]
    [InlineData(9.0, null, 3.0, 3.0)]
    [InlineData(null, 4.0, 3.0, 3.0)]
    [InlineData(null, null, -3.0, 0.0)]
    [InlineData(null, null, null, null)]
    public async Task The_time_until_the_start_is_what_was_measured_or_what_the_upstreams_own_times_say(
        double? total, double? predict, double? started, double? starting)
    {
        var run = await AcceptedAsync();
        var prediction = new Prediction
        {
            Id = "p",
            TotalSeconds = total,
            PredictSeconds = predict,
            CreatedAt = Theirs,
            StartedAt = started is { } at ? Theirs.AddSeconds(at) : null,
        };

        Assert.Equal(starting, EndStep.Starting(run, prediction)?.TotalSeconds);
    }

    [Fact]
    public async Task A_success_with_files_is_stored_next_and_teaches_how_long_such_runs_take()
    {
        var run = await AcceptedAsync();
        Pass(20);

        await EndAsync(run, Ended("succeeded", Png) with { ImageCount = 3, Logs = "log" });

        var row = (await _rig.ReadAsync(run.Generation.Id))!;
        Assert.Equal((GenerationStatus.Storing, 3, "log", _rig.Now), (row.Status, row.CountedImages, row.Logs, row.StoringAt));
        Assert.Equal((4.0, 9.0, PredictionStatus.Succeeded), (row.PredictSeconds, row.UpstreamSeconds, row.UpstreamEnding));
        Assert.True(run.IsNewlyStoring);
        var learnt = Assert.Single(await LearntAsync());
        Assert.Equal((5.0, 4.0, 9.0), (learnt.StartingSeconds, learnt.PredictSeconds, learnt.TookSeconds));
    }

    [Theory]
    [InlineData("succeeded", false, false, "upstream_no_output", "without any output")]
    [InlineData("succeeded", true, false, "upstream_no_output", "had removed its files")]
    [InlineData("failed", false, false, "upstream_failed", null)]
    [InlineData("canceled", false, false, "upstream_failed", "Somebody else canceled")]
    [InlineData("aborted", false, false, "upstream_failed", "before it started")]
    [InlineData("canceled", false, true, "upstream_timeout", "in the time allowed")]
    [InlineData("aborted", false, true, "upstream_timeout", "in the time allowed")]
    [InlineData("failed", false, true, "upstream_failed", null)]
    public async Task An_end_without_files_says_why(string status, bool isRemoved, bool isLate, string code, string? words)
    {
        var run = await AcceptedAsync();
        // An end this near to our deadline is the upstream's own time-out.
        Pass((run.Deadline!.Value - _rig.Now).TotalSeconds - (isLate ? 5 : 5.001));

        await EndAsync(run, Ended(status) with { DataRemoved = isRemoved, Error = status == "failed" ? "CUDA out of memory" : null });

        Assert.Equal((GenerationStatus.Failed, code), (run.Generation.Status, run.Generation.ErrorCode));
        Assert.Contains(words ?? "", run.Generation.ErrorMessage, StringComparison.Ordinal);
        Assert.False(run.IsNewlyStoring);
        // It started, so its start was measured; its time is not typical.
        var learnt = Assert.Single(await LearntAsync());
        Assert.Equal((5.0, null, null), (learnt.StartingSeconds, learnt.PredictSeconds, learnt.TookSeconds));
    }

    [Fact]
    public async Task A_run_that_never_started_and_made_nothing_teaches_nothing()
    {
        var (failed, made) = (await AcceptedAsync(), await AcceptedAsync());

        await EndAsync(failed, new() { Id = "p", Status = PredictionStatus.Failed, Error = "No." });
        Assert.Empty(await LearntAsync());
        await EndAsync(made, new() { Id = "p", Status = PredictionStatus.Succeeded, Output = Output(Png) });

        Assert.Equal((null, 0.0), (Assert.Single(await LearntAsync()).StartingSeconds, (await LearntAsync())[0].TookSeconds));
    }

    [Fact]
    public async Task A_run_that_only_kept_the_model_warm_is_not_typical()
    {
        var run = await AcceptedAsync(FixedAccounts.KeepWarmId);

        await EndAsync(run, Ended("succeeded", Png));

        Assert.Equal((5.0, null), (Assert.Single(await LearntAsync()).StartingSeconds, (await LearntAsync())[0].TookSeconds));
    }

    [Fact]
    public async Task A_canceled_run_is_canceled_however_it_ended()
    {
        var run = await AcceptedAsync();
        await _rig.EditAsync(run.Generation, row => row.RequestCancel(_rig.Now));

        await EndAsync(run, Ended("succeeded", Png) with { Logs = "log" });

        Assert.Equal((GenerationStatus.Canceled, "log", 4.0), (run.Generation.Status, run.Generation.Logs, run.Generation.PredictSeconds));
        Assert.False(run.IsNewlyStoring);
    }

    [Theory]
    [InlineData(true, false, GenerationStatus.Storing, null)]
    [InlineData(false, false, GenerationStatus.Failed, "upstream_timeout")]
    [InlineData(true, true, GenerationStatus.Canceled, null)]
    [InlineData(false, true, GenerationStatus.Canceled, null)]
    public async Task Past_the_deadline_files_that_are_there_are_stored(
        bool hasFiles, bool isCanceled, GenerationStatus status, string? code)
    {
        var run = await AcceptedAsync();
        if (isCanceled)
            await _rig.EditAsync(run.Generation, row => row.RequestCancel(_rig.Now));
        Pass(2000);

        await _rig.Get<EndStep>().OverdueAsync(run, Ended("processing", hasFiles ? Png : null) with { Logs = "log" }, CoreRig.Stop);

        Assert.Equal((status, code, "log"), (run.Generation.Status, run.Generation.ErrorCode, run.Generation.Logs));
        Assert.Equal(
            status == GenerationStatus.Storing ? PredictionStatus.Succeeded : null, run.Generation.UpstreamEnding);
    }

    [Theory]
    // The output, and whether it is reported: only an output of nothing but foreign addresses may be at a new host of the upstream.
    [InlineData("https://new-host.example/a.png", null, true)]
    [InlineData("https://new-host.example/a.png", Png, false)]
    [InlineData("a text", null, false)]
    public async Task An_output_of_nothing_but_strange_addresses_is_reported(string one, string? two, bool isReported)
    {
        var before = Reports().Count;
        var run = await AcceptedAsync();

        var output = JsonSerializer.SerializeToElement(two is null ? [one] : new[] { one, two });
        await EndAsync(run, Ended("succeeded") with { Output = output });

        Assert.Equal(isReported ? 1 : 0, Reports().Count - before);
        Assert.Equal(GenerationStatus.Storing, run.Generation.Status);
        if (isReported)
            Assert.Contains("new-host.example,", Reports()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_webhook_found_is_claimed_with_everything_it_says()
    {
        var row = Generation.Accept(CoreRig.New("a fox"), _rig.Now);
        row.Claim(_rig.Get<GenerationLeases>().Next());
        row.MarkSubmitting(_rig.Now, _rig.Now, TimeSpan.FromSeconds(900));
        await _rig.AddAsync(row);
        var run = _rig.RunOf(row);
        run.Failures = 3;
        var received = new Prediction { Id = $"p-{Guid.CreateVersion7(DateTimeOffset.UnixEpoch):N}", Status = PredictionStatus.Processing };
        Assert.Equal(TimeSpan.Zero, await _rig.Get<FoundStep>().AdvanceAsync(run, CoreRig.Stop));
        Assert.True(run.Generation.IsUncertain);
        run.Receive(received);

        Assert.Equal(TimeSpan.Zero, await _rig.Get<FoundStep>().AdvanceAsync(run, CoreRig.Stop));

        Assert.Equal((GenerationStatus.Starting, received.Id), (run.Generation.Status, run.Generation.PredictionId));
        Assert.Equal((0, true), (run.Failures, run.ExpectsWebhook));
        Assert.Same(received, run.FreshPrediction);
        Assert.False(run.HasReceived);
    }

    private List<string> Reports() =>
        [.. _rig.Log.Lines.Where(line => line.Contains("has no file, but addresses", StringComparison.Ordinal))];

    private Task<List<ModelRun>> LearntAsync() => _rig.AllAsync<ModelRun>(rows => rows.Where(row => row.Model == _model));

    private async Task<GenerationRun> AcceptedAsync(Guid owner = default)
    {
        var row = Generation.Accept(CoreRig.New("a fox", owner: owner, model: _model), _rig.Now);
        row.Claim(_rig.Get<GenerationLeases>().Next());
        row.MarkSubmitting(_rig.Now, _rig.Now, TimeSpan.FromSeconds(900));
        row.MarkAccepted($"p-{Guid.CreateVersion7(DateTimeOffset.UnixEpoch):N}", _rig.Now);
        var run = _rig.RunOf(await _rig.AddAsync(row));
        run.SentAt = _rig.Now;
        return run;
    }

    private static Prediction Ended(string status, string? file = null) => new()
    {
        Id = "p",
        Status = Enum.Parse<PredictionStatus>(status, ignoreCase: true),
        Output = file is null ? null : Output(file),
        TotalSeconds = 9,
        PredictSeconds = 4,
        CreatedAt = Theirs,
        StartedAt = Theirs.AddSeconds(5),
    };

    private static JsonElement Output(string file) => JsonSerializer.SerializeToElement(new[] { file });

    /// <summary>Ends it, and records the output as if fetching it took long.</summary>
    private async Task EndAsync(GenerationRun run, Prediction prediction)
    {
        var end = _rig.Get<EndStep>();
        await end.EndAsync(run, prediction, CoreRig.Stop);
        if (run.Unsaved is not null)
            await end.RecordAsync(run, CoreRig.Stop);
        Assert.Null(run.Unsaved);
    }

    private void Pass(double seconds) => _rig.Time.Advance(TimeSpan.FromSeconds(seconds));
}
