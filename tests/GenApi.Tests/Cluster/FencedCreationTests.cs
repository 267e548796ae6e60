using System.Text.Json;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Worker;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Cluster;

/// <summary>
/// Tests the one step that costs money when an instance is frozen in it, and what the instance that takes over does: it looks for what may
/// have been made, and sends again only when nothing can be on its way any more.
/// </summary>
public sealed class FencedCreationTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_instance_frozen_between_the_intent_and_the_creation_sends_nothing_when_it_wakes_up()
    {
        await using var all = await CoreInstances.StartAsync();
        var row = await all.AcceptAsync();
        var run = Assert.Single(await all[0].ClaimAsync());
        all[0].OnPost = () => all.Time.Advance(TimeSpan.FromSeconds(11));

        await AssertDroppedAsync(() => AdvanceAsync(all[0], run));

        Assert.Equal(0, all.Creations);
        // The row may say anything else but never that it can be sent at once.
        var sending = await all.ReadAsync(row);
        Assert.True(sending.IsUncertain);
        Assert.Equal(all[0].Cluster.InstanceId, sending.Lease.Owner);
    }

    [Fact]
    public async Task What_it_may_have_sent_is_sent_again_only_after_its_call_can_have_ended()
    {
        await using var all = await CoreInstances.StartAsync();
        var row = await all.AcceptAsync();
        var run = Assert.Single(await all[0].ClaimAsync());
        all[0].OnPost = () => all.Time.Advance(TimeSpan.FromSeconds(11));
        await AssertDroppedAsync(() => AdvanceAsync(all[0], run));
        await all[1].BeatAsync();
        await all[1].BeatAsync();
        var other = Assert.Single(await all[1].ClaimAsync());
        Assert.Equal((row.Id, true), (other.Generation.Id, other.Generation.IsUncertain));

        // Sixty seconds for the call of the other instance, and ten to settle.
        var waited = TimeSpan.Zero;
        while (other.Generation.IsUncertain)
        {
            var pause = await AdvanceAsync(all[1], other);
            waited += pause;
            all.Time.Advance(pause);
            await all[1].BeatAsync();
        }

        Assert.Equal(70, waited.TotalSeconds, 0.01);
        Assert.Equal(0, all.Creations);
        all.Answer = CreatedAsync;
        await AdvanceAsync(all[1], other);
        Assert.Equal((1, GenerationStatus.Starting), (all.Creations, (await all.ReadAsync(row)).Status));
        // The first one never comes back to it.
        await all[0].BeatAsync();
        await Assert.ThrowsAsync<LeaseLostException>(() => all[0].Get<GenerationStateWriter>()
            .SaveAsync(run.Generation, each => each.MarkNotSubmitted(), Ended));
    }

    [Fact]
    public async Task A_call_under_way_ends_with_the_lease()
    {
        await using var all = await CoreInstances.StartAsync(1);
        var row = await all.AcceptAsync();
        var run = Assert.Single(await all[0].ClaimAsync());
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(run.Alive);
        run.Abandoned = ended.Token;
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        all.Answer = async context =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };

        var step = AdvanceAsync(all[0], run);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), Ended);
        all.Time.Advance(TimeSpan.FromSeconds(9));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => step);
        Assert.True((await all.ReadAsync(row)).IsUncertain);
    }

    [Fact]
    public async Task A_prediction_of_a_lost_instance_that_the_list_shows_is_taken_at_once()
    {
        await using var all = await CoreInstances.StartAsync();
        var row = await all.AcceptAsync();
        var run = Assert.Single(await all[0].ClaimAsync());
        var sent = "";
        all.Answer = async context =>
        {
            // It is created, and the answer gets lost.
            sent = Replicate.SeenRequest.Of(context).Body;
            await Task.CompletedTask;
            context.Abort();
        };
        await AdvanceAsync(all[0], run);
        var cancelAfter = run.Generation.CancelAfterSeconds!.Value;
        var made = all.Time.GetUtcNow();
        all.Time.Advance(TimeSpan.FromSeconds(11));
        await all[1].BeatAsync();
        await all[1].BeatAsync();
        var other = Assert.Single(await all[1].ClaimAsync());

        var input = JsonDocument.Parse(sent).RootElement.GetProperty("input").GetRawText();
        all.Answer = context =>
        {
            context.Response.ContentType = "application/json";
            var prediction = $$"""
                { "id": "found", "status": "processing", "model": "{{CoreRig.Sdxl}}", "version": "{{CoreRig.Version}}", "input": {{input}},
                  "created_at": "{{made:O}}", "deadline": "{{made.AddSeconds(cancelAfter):O}}" }
                """;
            return context.Response.WriteAsync(
                context.Request.Path == "/v1/predictions" ? $$"""{ "results": [{{prediction}}], "next": null }""" : prediction);
        };
        Assert.Equal(TimeSpan.Zero, await AdvanceAsync(all[1], other));

        Assert.Equal(("found", 1), ((await all.ReadAsync(row)).PredictionId, all.Creations));
    }

    private static Task<TimeSpan> AdvanceAsync(CoreInstance instance, GenerationRun run) =>
        instance.Get<GenerationWorkflow>().AdvanceAsync(run, Ended);

    private static async Task AssertDroppedAsync(Func<Task> step)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(step);
        Assert.True(failure is LeaseLostException or OperationCanceledException, failure.ToString());
    }

    private static Task CreatedAsync(HttpContext context)
    {
        context.Response.StatusCode = 201;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync("""{ "id": "made", "status": "starting" }""");
    }
}
