using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Generations;

/// <summary>Tests the count of open generations.</summary>
public sealed class OpenGenerationsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly GenerationTimelines _timelines;
    private readonly OpenGenerations _open;

    public OpenGenerationsTests()
    {
        _timelines = new GenerationTimelines(_time);
        _open = new OpenGenerations(_timelines, Options.Create(new GenerationOptions { MaxQueued = 2 }));
    }

    [Fact]
    public void A_generation_counts_within_its_transaction_and_stays_counted_only_if_that_was_committed()
    {
        var lost = Queued();
        using (var slot = _open.NewSlot())
        {
            slot.Occupy(lost);
            Assert.Equal((1, true), (_open.Count, _timelines.Of(lost).IsWhole));
        }
        Assert.Equal((0, false), (_open.Count, _timelines.Of(lost).IsWhole));

        var saved = Queued();
        using (var slot = _open.NewSlot())
        {
            slot.Occupy(saved);
            slot.Keep();
        }
        Assert.Equal((1, true), (_open.Count, _timelines.Of(saved).IsWhole));

        _open.Ended(saved.Id);
        Assert.Equal((0, false), (_open.Count, _timelines.Of(saved).IsWhole));
    }

    [Fact]
    public void A_slot_that_nothing_occupied_changes_nothing()
    {
        _open.Begin(1);

        using (_open.NewSlot())
        {
        }

        Assert.Equal(1, _open.Count);
    }

    [Fact]
    public void A_slot_that_is_given_up_twice_is_given_up_once()
    {
        _open.Begin(1);
        var slot = _open.NewSlot();
        slot.Occupy(Queued());

        slot.Dispose();
        slot.Dispose();

        Assert.Equal(1, _open.Count);
    }

    [Fact]
    public void Another_one_is_refused_when_as_many_are_open_as_may_be()
    {
        _open.Begin(1);
        Assert.Null(_open.Fault);

        _open.Begin(2);

        var fault = _open.Fault;
        Assert.Equal((ErrorKind.Overloaded, true, TimeSpan.FromSeconds(5)), (fault?.Kind, fault?.IsTransient, fault?.RetryAfter));
    }

    private Generation Queued() => Generation.Accept(
        new NewGeneration("owner/name", null, "replicate", "a fox", "{}", null, 1, "{}", "key", "reuse", null, 1, null), _time.GetUtcNow());
}
