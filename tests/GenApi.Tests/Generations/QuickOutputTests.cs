using System.Text.Json;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Models.Timings;
using GenApi.Core.Replicate;
using GenApi.Tests.Images;

namespace GenApi.Tests.Generations;

/// <summary>Tests the run with a single file, whose storing and end are one save: what is recorded, and what a cancel changes.</summary>
public sealed class QuickOutputTests : IClassFixture<CoreRig>
{
    private readonly CoreRig _rig;
    private readonly string _name = Guid.CreateVersion7(DateTimeOffset.UnixEpoch).ToString("N");

    public QuickOutputTests(CoreRig rig)
    {
        _rig = rig;
        _rig.Forget();
    }

    private string Model => $"me/{_name}";

    [Fact]
    public async Task A_file_that_comes_at_once_is_stored_and_ends_the_run_in_one_save()
    {
        var run = await EndedAsync();
        Serve(Pictures.Png(16, 8));
        var before = run.Generation.Revision;
        var store = _rig.Make<StoreStep>();
        store.Quick = TimeSpan.FromMinutes(5);
        _rig.Time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(TimeSpan.Zero, await store.AdvanceAsync(run, CoreRig.Stop));

        var row = (await _rig.ReadAsync(run.Generation.Id))!;
        Assert.Equal((GenerationStatus.Succeeded, true, 1, before + 1), (row.Status, row.IsAnswer, row.OutputCount, row.Revision));
        // As if both had been saved: the end of the run, then the end of storing.
        Assert.Equal((_rig.Now.AddSeconds(-3), _rig.Now, 4.0), (row.StoringAt, row.CompletedAt, row.PredictSeconds));
        Assert.Equal(16, Assert.Single(await StoredAsync(run)).Width);
        Assert.Null(await _rig.Get<ImageLibrary>().OpenStagedAsync(row.Id, 0, CoreRig.Stop));
        Assert.Single(await LearntAsync());
        Assert.Null(run.Unsaved);
    }

    [Fact]
    public async Task A_file_that_is_slow_has_its_address_recorded_meanwhile()
    {
        var run = await EndedAsync();
        var recorded = new TaskCompletionSource();
        Serve(Pictures.Png(16, 8), recorded.Task);
        var before = run.Generation.Revision;

        using var steps = _rig.Get<GenerationSignals>().Subscribe(run.Generation.Id, everyStep: true);
        var step = AdvanceAsync(run);
        await steps.ChangedAsync(CoreRig.Stop);
        var storing = (await _rig.ReadAsync(run.Generation.Id))!;
        Assert.Equal(GenerationStatus.Storing, storing.Status);
        Assert.Contains($"/{_name}.png", storing.Outputs, StringComparison.Ordinal);
        Assert.Single(await LearntAsync());
        recorded.SetResult();
        Assert.Equal(TimeSpan.Zero, await step);

        var row = (await _rig.ReadAsync(run.Generation.Id))!;
        Assert.Equal((GenerationStatus.Succeeded, before + 2, 1), (row.Status, row.Revision, Gets()));
        Assert.Single(await StoredAsync(run));
        Assert.Single(await LearntAsync());
    }

    [Fact]
    public async Task A_file_that_is_not_there_yet_is_recorded_with_the_reason_and_fetched_again()
    {
        var run = await EndedAsync();
        _rig.Answer(Route, "", 503);

        Assert.True(await AdvanceAsync(run) > TimeSpan.Zero);
        var row = (await _rig.ReadAsync(run.Generation.Id))!;
        Assert.Equal((GenerationStatus.Storing, "download_failed"), (row.Status, row.ErrorCode));
        Serve(Pictures.Png(16, 8));
        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(run));

        Assert.Equal((GenerationStatus.Succeeded, null, 2), (run.Generation.Status, run.Generation.ErrorCode, Gets()));
        Assert.Single(await LearntAsync());
    }

    /// <summary>The cancel was saved before the end of the run was, so it counts.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancel_before_the_save_keeps_nothing_of_it(bool isSlow)
    {
        var run = await EndedAsync();
        var recorded = new TaskCompletionSource();
        if (!isSlow)
            recorded.SetResult();
        _rig.Routes[Route] = async context =>
        {
            await _rig.EditAsync(run.Generation, row => row.RequestCancel(_rig.Now));
            await recorded.Task;
            await context.Response.Body.WriteAsync(Pictures.Png(16, 8), CoreRig.Stop);
        };

        using var steps = _rig.Get<GenerationSignals>().Subscribe(run.Generation.Id, everyStep: true);
        var step = AdvanceAsync(run);
        await steps.ChangedAsync(CoreRig.Stop);
        recorded.TrySetResult();
        Assert.Equal(TimeSpan.Zero, await step);

        Assert.Equal((GenerationStatus.Canceled, 4.0), (run.Generation.Status, run.Generation.PredictSeconds));
        Assert.Empty(await StoredAsync(run));
        var details = await _rig.Get<GenerationReader>().FindAsync(run.Generation.Id, CoreRig.Stop);
        Assert.Empty(details!.Outputs);
    }

    private string Route => $"GET /{_name}.png";

    private async Task<GenerationRun> EndedAsync()
    {
        var row = Generation.Accept(CoreRig.New(_name, model: Model), _rig.Now);
        row.Claim(_rig.Get<GenerationLeases>().Next());
        row.MarkSubmitting(_rig.Now, _rig.Now, TimeSpan.FromSeconds(900));
        row.MarkAccepted($"p-{_name}", _rig.Now);
        var run = _rig.RunOf(await _rig.AddAsync(row));
        run.SentAt = _rig.Now;
        await _rig.Get<EndStep>().EndAsync(run, new Prediction
        {
            Id = $"p-{_name}",
            Status = PredictionStatus.Succeeded,
            Output = JsonSerializer.SerializeToElement(new[] { $"{_rig.UpstreamUrl}{_name}.png" }),
            TotalSeconds = 9,
            PredictSeconds = 4,
        }, CoreRig.Stop);
        Assert.NotNull(run.Unsaved);
        return run;
    }

    private void Serve(byte[] bytes, Task? until = null) => _rig.Routes[Route] = async context =>
    {
        if (until is not null)
            await until;
        context.Response.ContentType = "image/png";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, CoreRig.Stop);
    };

    private int Gets() => _rig.Requests.Count(each => each.Target == $"/{_name}.png");

    private Task<TimeSpan> AdvanceAsync(GenerationRun run) => _rig.Get<StoreStep>().AdvanceAsync(run, CoreRig.Stop);
    private Task<List<StoredImage>> StoredAsync(GenerationRun run) =>
        _rig.AllAsync<StoredImage>(rows => rows.Where(image => image.GenerationId == run.Generation.Id));

    private Task<List<ModelRun>> LearntAsync() => _rig.AllAsync<ModelRun>(rows => rows.Where(row => row.Model == Model));
}
