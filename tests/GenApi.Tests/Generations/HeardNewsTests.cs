using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Replicate;

namespace GenApi.Tests.Generations;

/// <summary>Tests what a run does with a webhook until its next step.</summary>
public sealed class HeardNewsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    [Fact]
    public void An_end_is_not_overwritten_by_what_came_before_it()
    {
        var run = Run(Sent());

        run.Receive(Told("a", PredictionStatus.Succeeded));
        run.Receive(Told("a", PredictionStatus.Processing));

        Assert.Equal(PredictionStatus.Succeeded, run.ClaimReceived()?.Status);
        Assert.False(run.HasReceived);
        Assert.Null(run.ClaimReceived());
    }

    [Fact]
    public void Another_predictions_news_do_not_take_the_place_of_ours()
    {
        var generation = Sent();
        generation.MarkAccepted("ours", Now);
        var run = Run(generation);

        run.Receive(Told("ours", PredictionStatus.Processing));
        run.Receive(Told("other", PredictionStatus.Succeeded));

        Assert.Equal("ours", run.ClaimReceived()?.Id);
    }

    [Fact]
    public async Task News_end_a_pause_once()
    {
        var run = Run(Sent());
        var pausing = run.PauseAsync(TimeSpan.FromDays(1), TimeProvider.System, TestContext.Current.CancellationToken);

        run.Receive(Told("a", PredictionStatus.Processing));
        await pausing;
        run.Receive(Told("a", PredictionStatus.Succeeded));
        run.ClaimReceived();

        Assert.False(run.PauseAsync(TimeSpan.FromDays(1), TimeProvider.System, TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    public void A_prediction_that_counted_as_never_made_is_taken_and_one_of_a_generation_never_sent_is_not()
    {
        var generation = Sent();
        generation.MarkNotSubmitted();

        generation.MarkFound("late", Now, Longest);

        Assert.Equal(("late", GenerationStatus.Starting, 1), (generation.PredictionId, generation.Status, generation.Attempts));
        Assert.Equal(Now + Longest, generation.DeadlineAt);
        Assert.Throws<InvalidOperationException>(() => Queued().MarkFound("strange", Now, Longest));
    }

    private static Generation Queued() =>
        Generation.Accept(
            new NewGeneration("owner/name", null, "replicate", "a fox", "{}", null, 1, "{}", "key", "reuse", null, 1, null), Now);

    private static GenerationRun Run(Generation generation) =>
        new(generation, new GenerationTimeline(TimeProvider.System, Now, isWhole: true), Longest);

    private static Generation Sent()
    {
        var generation = Queued();
        generation.MarkSubmitting(Now, Now, Longest);
        return generation;
    }

    private static Prediction Told(string id, PredictionStatus status) => new() { Id = id, Status = status };
}
