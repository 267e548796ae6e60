using System.Text.Json;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Removal;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Models;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Outputs;
using GenApi.Tests.Images;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Generations;

/// <summary>Tests the fetching of a run's files: each once, none for nothing, and the bill whatever becomes of them.</summary>
public sealed class StoreStepTests : IClassFixture<StoreStepTests.Rig>
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.25);
    private static readonly ModelPrice ByImage = new() { PerImage = 0.01m }, ByPixel = new() { PerMegapixel = 1 };

    private readonly CoreRig _rig;
    private readonly string _name = Guid.CreateVersion7(DateTimeOffset.UnixEpoch).ToString("N");

    public StoreStepTests(Rig rig) => (_rig = rig).Forget();

    private ImageLibrary Images => _rig.Get<ImageLibrary>();

    [Fact]
    public async Task Each_file_is_fetched_once_and_the_last_row_ends_the_run()
    {
        var run = await StoringAsync(ByPixel, "a.png", "b.png");
        Serve("a.png", Pictures.Png(8, 8));
        Serve("b.png", Pictures.Png(16, 8));

        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(run));

        var row = (await _rig.ReadAsync(run.Generation.Id))!;
        Assert.Equal((GenerationStatus.Succeeded, true, 2), (row.Status, row.IsAnswer, row.OutputCount));
        Assert.Equal([(0, 8, 8), (1, 16, 8)], (await StoredAsync(run)).Select(each => (each.Index, each.Width!.Value, each.Height!.Value)));
        // 192 of 1,048,576 pixels.
        Assert.Equal(183, row.CostMicros);
        Assert.Equal((1, 1, false), (Gets("a.png"), Gets("b.png"), run.IsNewlyStoring));
        Assert.Null(await Images.OpenStagedAsync(row.Id, 0, CoreRig.Stop));
        await AssertNothingIsPinnedAsync(run);
    }

    [Fact]
    public async Task A_file_that_is_not_there_yet_is_tried_again_alone_and_callers_see_why()
    {
        var run = await StoringAsync(ByImage, "a.png", "b.png");
        Serve("a.png", Pictures.Png(10, 10));
        Serve("b.png", [], 503);

        Assert.Equal(FirstPause, await AdvanceAsync(run));
        var row = (await _rig.ReadAsync(run.Generation.Id))!;
        Assert.Equal((GenerationStatus.Storing, "download_failed", null), (row.Status, row.ErrorCode, row.CompletedAt));
        Assert.Equal(0, Assert.Single(await StoredAsync(run)).Index);
        Assert.Null(await Images.OpenStagedAsync(run.Generation.Id, 0, CoreRig.Stop));
        Assert.Equal(2 * FirstPause, await AdvanceAsync(run));

        Serve("b.png", Pictures.Png(32, 4));
        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(run));

        row = run.Generation;
        Assert.Equal((GenerationStatus.Succeeded, null, 20_000), (row.Status, row.ErrorCode, row.CostMicros));
        Assert.Equal((1, 3), (Gets("a.png"), Gets("b.png")));
        Assert.Equal([0, 1], (await StoredAsync(run)).Select(each => each.Index));
    }

    [Fact]
    public async Task A_pause_that_is_asked_for_is_kept()
    {
        var run = await StoringAsync(ByImage, "a.png");
        Serve("a.png", [], 503, retryAfter: "9");

        Assert.Equal(TimeSpan.FromSeconds(9), await AdvanceAsync(run));
    }

    [Theory]
    // How long it has been fetched. The upstream keeps files for an hour; we ask for 55 minutes.
    [InlineData(3299, false)]
    [InlineData(3300, false)]
    [InlineData(3300.001, true)]
    public async Task A_file_that_does_not_come_is_given_up_after_the_time_that_the_upstream_keeps_it(double seconds, bool isLast)
    {
        var run = await StoringAsync(ByImage, "a.png", "b.png");
        Serve("a.png", Pictures.Png(isLast ? 21 : 20, 20));
        Serve("b.png", [], 503);
        _rig.Time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(isLast, await AdvanceAsync(run) == TimeSpan.Zero);

        Assert.Equal(isLast ? GenerationStatus.Failed : GenerationStatus.Storing, run.Generation.Status);
        Assert.Equal("download_failed", run.Generation.ErrorCode);
        // Both images were made.
        Assert.Equal(isLast ? 20_000 : null, run.Generation.CostMicros);
        Assert.Single(await StoredAsync(run));
        if (isLast)
            await AssertNothingIsPinnedAsync(run);
    }

    [Fact]
    public async Task A_file_that_is_gone_for_good_decides_only_when_the_others_are_here()
    {
        var run = await StoringAsync(ByImage, "gone.png", "late.png");
        Serve("late.png", [], 503);

        Assert.Equal(FirstPause, await AdvanceAsync(run));
        Assert.Contains("503", run.Generation.ErrorMessage, StringComparison.Ordinal);
        Serve("late.png", Pictures.Png(10, 10));
        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(run));

        var row = run.Generation;
        Assert.Equal((GenerationStatus.Failed, "The upstream no longer has the output."), (row.Status, row.ErrorMessage));
        Assert.Equal((20_000, 1), (row.CostMicros, Assert.Single(await StoredAsync(run)).Index));
    }

    [Theory]
    // How many images the upstream counts; a file that is not here counts as large as the one that is.
    [InlineData(null, 244)]
    [InlineData(1, 244)]
    [InlineData(4, 488)]
    public async Task Pixels_of_a_lost_image_are_those_of_the_others(int? counted, long cost)
    {
        var run = await StoringAsync(ByPixel, counted, "a.png", "gone.png");
        Serve("a.png", Pictures.Png(32, 4));

        await AdvanceAsync(run);

        Assert.Equal((GenerationStatus.Failed, cost), (run.Generation.Status, run.Generation.CostMicros));
    }

    [Fact]
    public async Task Where_no_size_is_known_each_image_counts_as_a_megapixel()
    {
        var run = await StoringAsync(ByPixel, "gone.png", "too.png");

        await AdvanceAsync(run);

        Assert.Equal(2_000_000, run.Generation.CostMicros);
    }

    [Fact]
    public async Task What_was_deleted_is_not_fetched_any_more_and_is_billed_for_what_it_made()
    {
        var run = await StoringAsync(ByImage, "a.png", "note.txt", "late.png");
        Serve("a.png", Pictures.Png(10, 10));
        Serve("note.txt", "a note"u8.ToArray(), type: "text/plain");
        Serve("late.png", [], 503);
        await AdvanceAsync(run);
        Assert.Equal(2, (await StoredAsync(run)).Count);
        await _rig.EditAsync(run.Generation, row => row.RequestDelete(_rig.Now));

        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(run));

        Assert.Equal((GenerationStatus.Canceled, null), (run.Generation.Status, run.Generation.ErrorCode));
        // A text is no image; what did not come may have been one.
        Assert.Equal((2, 20_000), (run.Generation.OutputCount, run.Generation.CostMicros));
        Assert.Equal(1, Gets("late.png"));
        Assert.Equal(GenerationStatus.Canceled, (await _rig.ReadAsync(run.Generation.Id))!.Status);
    }

    [Fact]
    public async Task What_is_deleted_while_it_is_fetched_is_canceled_and_billed()
    {
        var run = await StoringAsync(ByPixel, "a.png", "gone.png");
        var picture = Pictures.Png(32, 4);
        _rig.Routes[Route("a.png")] = async context =>
        {
            await _rig.EditAsync(run.Generation, row => row.RequestDelete(_rig.Now));
            context.Response.ContentType = "image/png";
            await context.Response.Body.WriteAsync(picture, CoreRig.Stop);
        };

        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(run));

        Assert.Equal((GenerationStatus.Canceled, 244, 2), (run.Generation.Status, run.Generation.CostMicros, run.Generation.OutputCount));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task What_an_earlier_process_had_staged_is_not_fetched_again(bool isNewlyStoring, int gets)
    {
        var run = await StoringAsync(ByImage, "a.png");
        run.IsNewlyStoring = isNewlyStoring;
        Serve("a.png", Pictures.Png(10, 10));
        await StageAsync(run, Pictures.Png(10, 10));

        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(run));

        Assert.Equal((GenerationStatus.Succeeded, gets), (run.Generation.Status, Gets("a.png")));
        Assert.Single(await StoredAsync(run));
        Assert.Null(await Images.OpenStagedAsync(run.Generation.Id, 0, CoreRig.Stop));
    }

    [Fact]
    [OnlyOnDisk]
    public async Task What_an_earlier_process_had_staged_and_a_crash_has_damaged_is_fetched_again()
    {
        var run = await StoringAsync(ByImage, "a.png");
        run.IsNewlyStoring = false;
        var picture = Pictures.Png(9, 9);
        await StageAsync(run, picture);
        await File.WriteAllBytesAsync(
            Path.Combine(_rig.DataDirectory, "blobs", "tmp", $"{run.Generation.Id:N}-0.kept"), picture[..40], CoreRig.Stop);
        Serve("a.png", [], 503);

        Assert.Equal(FirstPause, await AdvanceAsync(run));
        Assert.Null(await Images.OpenStagedAsync(run.Generation.Id, 0, CoreRig.Stop));
        Serve("a.png", picture);
        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(run));

        Assert.Equal((GenerationStatus.Succeeded, 2), (run.Generation.Status, Gets("a.png")));
        Assert.Equal(picture.Length, Assert.Single(await StoredAsync(run)).Bytes);
    }

    /// <summary>Without a length and without an end, bytes may be cut anywhere. The same bytes a second time are whole.</summary>
    [Fact]
    public async Task A_file_that_does_not_show_its_end_counts_when_it_comes_again_as_it_was()
    {
        using var server = new EndlessServer();
        var run = await StoringAsync(ByImage, new Uri(Rig.Raw, "/x.bin").ToString());
        server.Answer([.. "one"u8], [.. "two"u8], [.. "two"u8]);

        Assert.Equal(FirstPause, await AdvanceAsync(run));
        Assert.Equal(2 * FirstPause, await AdvanceAsync(run));
        Assert.Equal("download_failed", run.Generation.ErrorCode);
        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(run));

        Assert.Equal((GenerationStatus.Succeeded, 3), (run.Generation.Status, Assert.Single(await StoredAsync(run)).Bytes));
    }

    private Task<GenerationRun> StoringAsync(ModelPrice price, params string[] files) => StoringAsync(price, null, files);

    private async Task<GenerationRun> StoringAsync(ModelPrice price, int? counted, params string[] files)
    {
        var row = Generation.Accept(CoreRig.New(_name, estimate: new CostEstimate(price, null, 1m)), _rig.Now);
        row.Claim(_rig.Get<GenerationLeases>().Next());
        row.MarkSubmitting(_rig.Now, _rig.Now, TimeSpan.FromSeconds(900));
        row.MarkAccepted($"p-{_name}", _rig.Now);
        var addresses = files.Select(file => file.Contains("://", StringComparison.Ordinal) ? file : $"{_rig.UpstreamUrl}{_name}/{file}");
        var output = OutputContent.Read(
            JsonSerializer.SerializeToElement(addresses), new DeliveryHosts([_rig.UpstreamUrl.Authority, Rig.Raw.Authority]), "{}");
        Assert.Equal(files.Length, output.Files.Count);
        row.MarkStoring(output, null, new Ran(PredictionStatus.Succeeded, 1, 2, _rig.Now, counted, false), _rig.Now);
        await _rig.AddAsync(row);
        var run = _rig.RunOf(row);
        run.IsNewlyStoring = true;
        return run;
    }

    private string Route(string file) => $"GET /{_name}/{file}";

    private void Serve(string file, byte[] bytes, int status = 200, string? retryAfter = null, string type = "image/png") =>
        _rig.Routes[Route(file)] = async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            context.Response.ContentLength = bytes.Length;
            if (retryAfter is not null)
                context.Response.Headers.RetryAfter = retryAfter;
            await context.Response.Body.WriteAsync(bytes, CoreRig.Stop);
        };

    private int Gets(string file) => _rig.Requests.Count(each => each.Target == $"/{_name}/{file}");

    private Task<List<StoredImage>> StoredAsync(GenerationRun run) => _rig.AllAsync<StoredImage>(
        rows => rows.Where(image => image.GenerationId == run.Generation.Id).OrderBy(image => image.Index));

    private async Task StageAsync(GenerationRun run, byte[] bytes)
    {
        using var staged = await Images.StageAsync(
            new MemoryStream(bytes), run.Generation.Id, 0, FilePromise.Of("https://replicate.delivery/a.png", "image/png"), _ => true,
            CoreRig.Stop);
    }

    private Task<TimeSpan> AdvanceAsync(GenerationRun run) => _rig.Get<StoreStep>().AdvanceAsync(run, CoreRig.Stop);

    /// <summary>Bytes that a step still held would outlive their rows.</summary>
    private async Task AssertNothingIsPinnedAsync(GenerationRun run)
    {
        var keys = (await StoredAsync(run)).ConvertAll(image => image.BlobKey);
        Assert.Empty(keys.Except(await _rig.Store.NeededBlobsAsync()));

        await _rig.Get<GenerationRemover>().RemoveAsync(run.Generation.Id, CoreRig.Stop);

        Assert.Empty(keys.Intersect(await _rig.Store.NeededBlobsAsync()));
    }

    public sealed class Rig() : CoreRig(("Replicate:DeliveryHosts:1", Raw.Authority))
    {
        /// <summary>Where a server of the test answers that shows neither a length nor an end.</summary>
        internal static Uri Raw { get; } = EndlessServer.FreeAddress();
    }
}
