using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Intake;
using GenApi.Core.Generations.Reading;

namespace GenApi.Tests.Generations;

/// <summary>Tests the decision about a request, by a table of what its transaction has read.</summary>
public sealed class IntakeDecisionTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly Generation Running = Queued();
    private static readonly GenerationDetails Ended = new(Canceled(), []);
    private static readonly Guid Before = Guid.CreateVersion7(Now);

    /// <summary>Everything that can stand in the way, together with everything that can serve.</summary>
    private static readonly IntakeFacts All = new()
    {
        Remembered = new(Before, HasSameBody: true, Ended),
        Earlier = new(new(Running, [])) { IsAwaited = true },
        RequestFault = Fault(ErrorKind.InvalidInput),
        Answer = Ended,
        Running = Running,
        StoreFault = Fault(ErrorKind.StorageFull),
        OnlyIfCached = true,
        QueueFault = Fault(ErrorKind.Overloaded),
        FileFault = Fault(ErrorKind.BlobMissing),
        MayReuse = true,
    };

    private static readonly Dictionary<string, (IntakeFacts Facts, string Decision)> Table = new()
    {
        ["nothing was found"] = (new() { MayReuse = true }, "insert Miss"),
        ["nothing may serve"] = (new(), "insert Bypass"),
        ["an answer has lost its images"] = (new() { MayReuse = true, Losses = [ImageLoss.None] }, "insert Miss for a lost one"),
        ["an answer is there"] = (new() { Answer = Ended, MayReuse = true }, "hit"),
        ["the next answer is whole"] = (new() { Answer = Ended, Losses = [ImageLoss.None], MayReuse = true }, "hit"),
        ["the same runs"] = (new() { Running = Running, MayReuse = true }, "join"),
        ["a stored one is wanted and none is there"] = (new() { OnlyIfCached = true, MayReuse = true }, "refuse NotCached"),
        ["a stored one is wanted and there"] = (new() { OnlyIfCached = true, Answer = Ended, MayReuse = true }, "hit"),
        ["a stored one is wanted and runs"] = (new() { OnlyIfCached = true, Running = Running, MayReuse = true }, "join"),
        ["the store can't keep an image"] = (new() { StoreFault = Fault(ErrorKind.StorageFull) }, "refuse StorageFull"),
        ["too many wait"] = (new() { QueueFault = Fault(ErrorKind.Overloaded) }, "refuse Overloaded"),
        ["a file is gone since"] = (new() { FileFault = Fault(ErrorKind.InvalidInput) }, "refuse InvalidInput"),
        ["a file was gone before"] = (new() { RequestFault = Fault(ErrorKind.InvalidInput) }, "refuse InvalidInput"),
        ["the act was done and has ended"] = (new() { Remembered = new(Before, true, Ended) }, "hit again"),
        ["the act was done and runs"] = (new() { Remembered = new(Before, true, new(Running, [])) }, "join again"),
        ["the act was done and its generation is deleted"] = (new() { Remembered = new(Before, true, null) }, "refuse Conflict"),
        ["the key stands for another act"] = (new() { Remembered = new(Before, false, null) }, "refuse IdempotencyMismatch"),
        // From here on the precedence: each line takes away what decided the line before it.
        ["everything at once"] = (All, "hit again"),
        ["no act"] = (All with { Remembered = null }, "join again"),
        ["nor a request to repeat"] = (All with { Remembered = null, Earlier = null }, "refuse InvalidInput"),
        ["nor a fault of the request"] = (All with { Remembered = null, Earlier = null, RequestFault = null }, "hit"),
        ["nor an answer"] = (All with { Remembered = null, Earlier = null, RequestFault = null, Answer = null }, "join"),
        ["nor a running one"] = (
            All with { Remembered = null, Earlier = null, RequestFault = null, Answer = null, Running = null }, "refuse StorageFull"),
        ["nor a fault of the store"] = (
            All with { Remembered = null, Earlier = null, RequestFault = null, Answer = null, Running = null, StoreFault = null },
            "refuse NotCached"),
        ["nor the wish for a stored one"] = (
            new() { QueueFault = Fault(ErrorKind.Overloaded), FileFault = Fault(ErrorKind.BlobMissing), MayReuse = true },
            "refuse Overloaded"),
        ["nor a full queue"] = (new() { FileFault = Fault(ErrorKind.BlobMissing), MayReuse = true }, "refuse BlobMissing"),
    };

    public static TheoryData<string> Cases => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_facts_alone_decide(string name)
    {
        var (facts, expected) = Table[name];

        Assert.Equal(expected, Describe(IntakeDecision.Of(facts)));
    }

    [Fact]
    public void A_refusal_is_the_fault_that_was_read_and_names_the_generation_of_an_earlier_act()
    {
        var fault = Fault(ErrorKind.StorageFull);

        Assert.Same(fault, Refused(new() { StoreFault = fault }));
        Assert.Equal(Before, Refused(new() { Remembered = new(Before, false, null) }).GenerationId);
        Assert.Equal(Before, Refused(new() { Remembered = new(Before, true, null) }).GenerationId);
    }

    private static GenApiException Refused(IntakeFacts facts) => Assert.IsType<IntakeDecision.Refuse>(IntakeDecision.Of(facts)).Problem;

    private static string Describe(IntakeDecision decision) => decision switch
    {
        IntakeDecision.Hit hit => Of("hit", hit, CacheOutcome.Hit, Ended.Generation),
        IntakeDecision.Join join => Of("join", join, CacheOutcome.Coalesced, Running),
        IntakeDecision.Insert insert => $"insert {insert.Outcome}{(insert.ReplacesLost ? " for a lost one" : "")}",
        IntakeDecision.Refuse refusal => $"refuse {refusal.Problem.Kind}",
        _ => "?",
    };

    private static string Of(string word, IntakeDecision.Existing found, CacheOutcome outcome, Generation generation)
    {
        Assert.Equal((outcome, false), (found.Submission.Outcome, found.Submission.IsNew));
        Assert.Same(generation, found.Submission.Details.Generation);
        return found.IsRepetition ? $"{word} again" : word;
    }

    private static GenApiException Fault(ErrorKind kind) => new(kind, "As it was read.");

    private static Generation Queued() => Generation.Accept(
        new NewGeneration("owner/name", null, "replicate", "a fox", "{}", null, 1, "{}", "key", "reuse", null, 1, null), Now);

    private static Generation Canceled()
    {
        var generation = Queued();
        generation.MarkCanceled(Now);
        return generation;
    }
}
