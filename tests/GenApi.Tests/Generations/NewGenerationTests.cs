using GenApi.Core.Accounts;
using GenApi.Core.Generations;
using GenApi.Core.Models;
using GenApi.Core.Webhooks;

namespace GenApi.Tests.Generations;

/// <summary>Tests what a new row is made of, and what callers ask of one.</summary>
public sealed class NewGenerationTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly ModelPrice Price = new() { PerImage = 0.01m };
    private static readonly Guid Ann = Guid.CreateVersion7(DateTimeOffset.UnixEpoch), Bob = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_new_row_has_everything_of_its_request_and_waits()
    {
        var made = CoreRig.New("a fox", owner: Ann, key: "cache", files: "[]") with { FlightKey = "flight", Work = 9 };

        var row = Generation.Accept(made, At);

        Assert.Equal((1, GenerationStatus.Queued, 0, At, Ann), (row.Revision, row.Status, row.Attempts, row.CreatedAt, row.OwnerId));
        Assert.Equal((made.Model, made.Version, made.Upstream, "a fox"), (row.Model, row.Version, row.Upstream, row.Prompt));
        Assert.Equal((made.Input, "[]", made.Seed, "{}"), (row.Input, row.InputFiles, row.Seed, row.Metadata));
        Assert.Equal(("cache", made.ReuseKey, "flight", 9), (row.CacheKey, row.ReuseKey, row.FlightKey, row.Work));
        Assert.Equal((Generation.DayOf(At), null, false), (row.UsedOn, row.CompletedAt, row.IsAnswer));
        Assert.False(row.WasSent || row.IsUncertain);
        Assert.Null(row.InvariantViolation);
    }

    [Theory]
    // Free, the expected cost, the worst case; then the row's expectation and reservation.
    [InlineData(false, 0.0125, 0.04, 12_500L, 40_000L)]
    [InlineData(false, null, 0.04, null, 40_000L)]
    // What is compared with a limit is rounded up.
    [InlineData(false, 0.0000014, 0.0000011, 1L, 2L)]
    [InlineData(true, 0.0125, 0.04, 0L, 0L)]
    [InlineData(true, null, 0.04, 0L, 0L)]
    public void Money_is_reserved_for_the_worst_case_and_nothing_for_a_free_run(
        bool isFree, double? expected, double worst, long? expectedMicros, long? estimated)
    {
        var estimate = new CostEstimate(Price, (decimal?)expected, (decimal)worst, "Nothing bounds it.");
        var made = CoreRig.New("a fox", estimate: estimate) with { IsFree = isFree };

        var row = Generation.Accept(made, At);

        Assert.Equal((expectedMicros, estimated, isFree), (row.ExpectedMicros, row.EstimatedMicros, row.IsFree));
        Assert.Equal((estimated, isFree ? null : "Nothing bounds it."), (made.WorstMicros, made.Unbounded));
        Assert.Equal(Price, ModelPrice.Parse(row.Price));
    }

    [Fact]
    public void Without_a_price_no_money_is_known_unless_the_run_is_free()
    {
        var row = Generation.Accept(CoreRig.New("a fox"), At);
        var free = Generation.Accept(CoreRig.New("a fox") with { IsFree = true }, At);

        Assert.Equal((null, null, null), (row.Price, row.ExpectedMicros, row.EstimatedMicros));
        Assert.Equal((0L, 0L), (free.ExpectedMicros, free.EstimatedMicros));
    }

    [Fact]
    public void A_free_run_costs_nothing_and_uses_its_place_only_if_it_would_have_cost_something()
    {
        var (ran, unsent, paid) = (Free(true), Free(true), Free(false));
        foreach (var row in new[] { ran, paid })
        {
            row.MarkSubmitting(At, At, TimeSpan.FromMinutes(1));
            row.MarkAccepted("p", At);
            row.MarkStoring(TransitionTests.Files(1), null, new(Core.Replicate.PredictionStatus.Succeeded, 1, 2, At, null, null), At);
            row.MarkSucceeded(At, null);
        }
        unsent.MarkCanceled(At);

        Assert.Equal((0L, true), (ran.CostMicros, ran.IsFree));
        Assert.Equal((0L, false), (unsent.CostMicros, unsent.IsFree));
        Assert.Equal((10_000L, false), (paid.CostMicros, paid.IsFree));

        static Generation Free(bool isFree) =>
            Generation.Accept(CoreRig.New("a fox", estimate: new(Price, 0.01m, 0.04m)) with { IsFree = isFree }, At);
    }

    [Fact]
    public void A_cancel_is_noted_once_and_nobody_joins_any_more()
    {
        var row = TransitionTests.Queued();
        Assert.Equal("flight", row.FlightKey);

        row.RequestCancel(At);
        row.RequestCancel(At.AddHours(1));

        Assert.Equal((At, null, null), (row.CancelRequestedAt, row.DeleteRequestedAt, row.FlightKey));
        row.RequestDelete(At.AddHours(2));
        row.RequestDelete(At.AddHours(3));
        Assert.Equal((At, At.AddHours(2)), (row.CancelRequestedAt, row.DeleteRequestedAt));
    }

    [Fact]
    public void A_deletion_is_a_cancel_too()
    {
        var row = TransitionTests.Queued();

        row.RequestDelete(At);

        Assert.Equal((At, At, null), (row.CancelRequestedAt, row.DeleteRequestedAt, row.FlightKey));
    }

    [Fact]
    public void Who_leaves_a_run_to_others_does_not_own_it_any_more_and_has_left_once()
    {
        var row = TransitionTests.Queued(owner: Ann);
        Assert.True(row.IsOwnOf(Ann));
        Assert.False(row.IsOwnOf(Bob));

        row.LeaveToOthers(At);
        row.LeaveToOthers(At.AddHours(1));

        Assert.Equal(At, row.OwnerLeftAt);
        Assert.False(row.IsOwnOf(Ann));
        Assert.False(row.IsOwnOf(Bob));
        Assert.Equal(Ann, row.OwnerId);
    }

    [Fact]
    public void Listeners_add_up_and_a_save_moves_the_revision_on()
    {
        var row = TransitionTests.Queued();

        row.Listen(WebhookEvents.Start);
        row.Listen(WebhookEvents.Completed);
        var copy = row.Copy();
        row.Touch();
        row.SetTraceParent("trace");

        Assert.Equal(WebhookEvents.Start | WebhookEvents.Completed, row.Listeners);
        Assert.Equal((2, "trace"), (row.Revision, row.TraceParent));
        // A copy stays as the row was.
        Assert.Equal((1, null), (copy.Revision, copy.TraceParent));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_success_answers_later_requests_unless_it_only_kept_a_model_warm(bool isKeepWarm)
    {
        var row = TransitionTests.Queued(owner: isKeepWarm ? FixedAccounts.KeepWarmId : Ann);
        row.MarkSubmitting(At, At, TimeSpan.FromMinutes(1));
        row.MarkAccepted("p", At);
        row.MarkStoring(TransitionTests.Files(1), null, default, At);
        Assert.False(row.IsAnswer);

        row.MarkSucceeded(At, null);

        Assert.Equal(!isKeepWarm, row.IsAnswer);
        row.MarkIncomplete();
        Assert.False(row.IsAnswer);
    }
}
