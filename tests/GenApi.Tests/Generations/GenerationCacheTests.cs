using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate.Outputs;

namespace GenApi.Tests.Generations;

/// <summary>Tests what is held in memory, under which keys, and how much of it.</summary>
public sealed class GenerationCacheTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly UseCounts _uses = new();
    private readonly GenerationCache _cache;

    public GenerationCacheTests() => _cache = new GenerationCache(
        _uses, new OneProcess(new InstanceName(TimeProvider.System), new SteadyClock(TimeProvider.System)), TimeProvider.System);

    [Fact]
    public void An_answer_is_found_by_its_id_and_by_both_of_its_keys_and_a_failure_by_its_id_alone()
    {
        var (made, failed) = (Made("exact", "reuse"), Failed("other", "others"));

        Put(made);
        Put(failed);

        Assert.Same(made, _cache.Find(made.Generation.Id));
        Assert.Same(made, _cache.FindAnswer("exact"));
        Assert.Same(made, _cache.FindAnswer("reuse"));
        Assert.Same(failed, _cache.Find(failed.Generation.Id));
        Assert.Null(_cache.FindAnswer("other"));
        Assert.Null(_cache.FindAnswer("others"));
        Assert.Null(_cache.Find(Guid.CreateVersion7(DateTimeOffset.UnixEpoch)));
    }

    [Fact]
    public void What_is_unfinished_is_not_held()
    {
        var row = TransitionTests.Queued();

        Put(new(row, []));

        Assert.Null(_cache.Find(row.Id));
    }

    [Fact]
    public void One_key_for_both_is_held_once_and_removed_at_once()
    {
        var made = Made("same", "same");
        Put(made);
        Assert.Same(made, _cache.FindAnswer("same"));

        _cache.Remove(made.Generation);

        Assert.Null(_cache.FindAnswer("same"));
        Assert.Null(_cache.Find(made.Generation.Id));
    }

    [Fact]
    public void What_was_read_before_a_removal_does_not_come_back_after_it()
    {
        var made = Made("exact", "reuse");
        var version = _cache.Version;

        _cache.Remove(Made("strange", "strange").Generation);
        _cache.Put(made, version);

        Assert.Null(_cache.Find(made.Generation.Id));
        Put(made);
        Assert.NotNull(_cache.Find(made.Generation.Id));
    }

    [Theory]
    [InlineData(CacheOutcome.Hit, 1)]
    [InlineData(CacheOutcome.Miss, 0)]
    [InlineData(CacheOutcome.Coalesced, 0)]
    [InlineData(CacheOutcome.Bypass, 0)]
    public void Only_an_answer_from_the_store_is_a_use(CacheOutcome outcome, int uses)
    {
        var made = Made("exact", "reuse");

        _cache.Put(new Submission(made, outcome), _cache.Version);

        Assert.Same(made, _cache.Find(made.Generation.Id));
        Assert.Equal(uses, _uses.Drain().Sum(each => each.Times));
        Assert.NotNull(_cache.FindAnswer("exact"));
        Assert.Equal([(made.Generation.Id, 1L)], _uses.Drain());
        Assert.Null(_cache.FindAnswer("strange"));
        Assert.Empty(_uses.Drain());
    }

    /// <summary>The bound is on bytes, wherever a generation has them.</summary>
    [Theory]
    [InlineData("input")]
    [InlineData("prompt")]
    [InlineData("output")]
    [InlineData("logs")]
    [InlineData("metadata")]
    public void Large_generations_push_each_other_out(string part)
    {
        // Two entries each, by id and by key: 500 of them are 128 MiB, and 48 MiB are held.
        const int count = 500;
        var all = Enumerable.Range(0, count).Select(number => Large(part, $"key {number}")).ToList();

        all.ForEach(Put);

        Assert.InRange(all.Count(each => _cache.Find(each.Generation.Id) is not null), 90, 250);
        Assert.NotNull(_cache.Find(all[^1].Generation.Id));
        Assert.Null(_cache.Find(all[0].Generation.Id));
    }

    [Fact]
    public void Thousands_of_small_ones_are_held()
    {
        var all = Enumerable.Range(0, 5000).Select(number => Made($"key {number}", $"key {number}")).ToList();

        all.ForEach(Put);

        Assert.All(all, each => Assert.NotNull(_cache.Find(each.Generation.Id)));
    }

    [Fact]
    public void What_another_instance_has_changed_or_removed_answers_no_request_and_what_runs_there_costs_nothing()
    {
        var (changed, removed, kept) = (Made("a", "a2"), Made("b", "b2"), Made("c", "c2"));
        Array.ForEach([changed, removed, kept], Put);
        var version = _cache.Version;

        Hear(Change(kept, StoreChangeKind.Generation, GenerationMarks.IsWaiting));
        Hear(Change(kept, StoreChangeKind.Generation, GenerationMarks.IsEnded));
        Assert.Equal(version, _cache.Version);
        Hear(
            Change(changed, StoreChangeKind.Generation, GenerationMarks.WasEnded | GenerationMarks.IsEnded),
            Change(removed, StoreChangeKind.GenerationRemoved, GenerationMarks.None));

        Assert.All(["a", "a2", "b", "b2"], key => Assert.Null(_cache.FindAnswer(key)));
        Assert.Null(_cache.Find(changed.Generation.Id) ?? _cache.Find(removed.Generation.Id));
        Assert.Same(kept, _cache.FindAnswer("c2"));

        ((IChangeListener)_cache).Lost();
        Assert.Null(_cache.FindAnswer("c2"));
    }

    private void Hear(params StoreChange[] changes) => ((IChangeListener)_cache).Changed(changes);

    private static StoreChange Change(GenerationDetails of, StoreChangeKind kind, GenerationMarks marks) =>
        new() { Kind = kind, Subject = of.Generation.Id, Number = (long)marks };

    private static readonly string Text = new('x', Generation.MostLogCharacters);

    private void Put(GenerationDetails details) => _cache.Put(details, _cache.Version);

    private static GenerationDetails Made(string key, string reuse) =>
        new(Succeed(CoreRig.New("a fox", key: key) with { ReuseKey = reuse }), []);

    private static GenerationDetails Large(string part, string key)
    {
        var made = CoreRig.New(part == "prompt" ? Text : "a fox", part == "input" ? Text : "{}", key: key) with { ReuseKey = key };
        if (part == "metadata")
            made = made with { Metadata = Text };
        return new(Succeed(made, part == "logs" ? Text : null, part == "output" ? Text : null), []);
    }

    private static GenerationDetails Failed(string key, string reuse)
    {
        var row = Generation.Accept(CoreRig.New("a fox", key: key) with { ReuseKey = reuse }, At);
        row.MarkFailed(ErrorKind.InvalidInput, "No.", At);
        return new(row, []);
    }

    private static Generation Succeed(NewGeneration made, string? logs = null, string? text = null)
    {
        var row = Generation.Accept(made, At);
        row.MarkSubmitting(At, At, TimeSpan.FromMinutes(1));
        row.MarkAccepted("p", At);
        row.MarkStoring(text is null ? OutputContent.None : TransitionTests.Files(0, text[..60_000]), logs, default, At);
        row.MarkSucceeded(At, null);
        return row;
    }
}
