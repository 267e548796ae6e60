using System.Text.Json;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Webhooks;
using GenApi.Tests.Images;

namespace GenApi.Tests.Generations;

/// <summary>Tests when the file of a run is fetched before its address is recorded, and what a crash in between leaves.</summary>
public sealed partial class EndStepTests
{
    [Theory]
    // The output, whether somebody follows the steps, and whether the file is fetched before its address is recorded.
    [InlineData($"[\"{Png}\"]", null, true)]
    [InlineData($"\"{Png}\"", null, true)]
    [InlineData($"[\"{Png}\"]", "stream", false)]
    [InlineData($"[\"{Png}\"]", "webhook", false)]
    [InlineData($"[\"{Png}\"]", "cancel", false)]
    [InlineData($"[\"{Png}\",\"{Png}\"]", null, false)]
    [InlineData($"{{\"image\":\"{Png}\",\"nsfw\":false}}", null, false)]
    [InlineData("\"a text\"", null, false)]
    public async Task Only_a_single_file_that_nobody_follows_is_fetched_before_its_address_is_recorded(
        string output, string? follower, bool isFetchedFirst)
    {
        var run = await AcceptedAsync();
        using var stream = follower == "stream" ? _rig.Get<GenerationSignals>().Subscribe(run.Generation.Id, everyStep: true) : null;
        if (follower == "webhook")
            run.Generation.Listen(WebhookEvents.Completed);
        if (follower == "cancel")
            run.Generation.RequestCancel(_rig.Now);

        await _rig.Get<EndStep>().EndAsync(
            run, Ended("succeeded") with { Output = JsonDocument.Parse(output).RootElement }, CoreRig.Stop);

        var row = (await _rig.ReadAsync(run.Generation.Id))!;
        Assert.Equal(isFetchedFirst, run.Unsaved is not null);
        Assert.Equal(isFetchedFirst, row.Status == GenerationStatus.Starting);
        Assert.Equal(isFetchedFirst ? 0 : 1, (await LearntAsync()).Count);
    }

    /// <summary>A crash after the file was stored and before its row was: an hour later only our disk has it.</summary>
    [Theory]
    [InlineData(true, false, GenerationStatus.Storing)]
    [InlineData(true, true, GenerationStatus.Failed)]
    [InlineData(false, false, GenerationStatus.Failed)]
    public async Task What_an_earlier_process_had_fetched_is_kept_although_the_upstream_has_removed_it(
        bool isStaged, bool isOwn, GenerationStatus status)
    {
        var run = await AcceptedAsync();
        run.SentAt = isOwn ? _rig.Now : null;
        if (isStaged)
        {
            using var staged = await _rig.Get<ImageLibrary>().StageAsync(
                new MemoryStream(Pictures.Png(8, 8)), run.Generation.Id, 0, FilePromise.Of("https://replicate.delivery/a.png", null),
                _ => true, CoreRig.Stop);
        }

        await EndAsync(run, Ended("succeeded") with { DataRemoved = true });

        Assert.Equal(status, run.Generation.Status);
        if (status != GenerationStatus.Storing)
            return;
        Assert.Equal(TimeSpan.Zero, await _rig.Get<StoreStep>().AdvanceAsync(run, CoreRig.Stop));
        Assert.Equal((GenerationStatus.Succeeded, 1), (run.Generation.Status, run.Generation.OutputCount));
        Assert.Equal(8, Assert.Single(
            await _rig.AllAsync<StoredImage>(rows => rows.Where(row => row.GenerationId == run.Generation.Id))).Width);
    }
}
