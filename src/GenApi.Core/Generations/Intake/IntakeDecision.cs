using System.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Reading;

namespace GenApi.Core.Generations.Intake;

/// <summary>
/// The facts that the transaction of a request has read. A fact that was not read does not stand in the way. <see cref="IntakeReader"/>
/// stops reading when the facts settle the request.
/// </summary>
internal sealed record IntakeFacts
{
    /// <summary>The act that was done before under the request's idempotency key; null: none was, or the request has no key.</summary>
    public RememberedAct? Remembered { get; init; }

    /// <summary>The generation of the last equal request of this account; null: there is none, or the request has no fingerprint.</summary>
    public EarlierRun? Earlier { get; init; }

    /// <summary>The reason why the request can't be served at all: one of its files is gone.</summary>
    public GenApiException? RequestFault { get; init; }

    /// <summary>A finished generation that answers the request.</summary>
    public GenerationDetails? Answer { get; init; }

    /// <summary>An unfinished generation of the same request.</summary>
    public Generation? Running { get; init; }

    /// <summary>Answers that turned out to have lost their images, in the order in which they were found.</summary>
    public IReadOnlyList<ImageLoss> Losses { get; init; } = [];

    /// <summary>True if the caller accepts only an answer from the store.</summary>
    public bool OnlyIfCached { get; init; }

    /// <summary>The reason why the store can't keep an image now; null: it can.</summary>
    public GenApiException? StoreFault { get; init; }

    /// <summary>The reason why no further generation can wait now; null: one can.</summary>
    public GenApiException? QueueFault { get; init; }

    /// <summary>The reason why the input can't be sent: a file was deleted since the request began. Null: it can.</summary>
    public GenApiException? FileFault { get; init; }

    /// <summary>True if stored answers may serve the request.</summary>
    public bool MayReuse { get; init; }
}

/// <summary>An act that was done before under an idempotency key.</summary>
/// <param name="GenerationId">Its generation.</param>
/// <param name="HasSameBody">Whether the request repeats the act, and is not another one.</param>
/// <param name="Details">The generation; null: it has been deleted, or was not read because the body differs.</param>
internal sealed record RememberedAct(Guid GenerationId, bool HasSameBody, GenerationDetails? Details);

/// <summary>The decision on how a request gets its generation.</summary>
internal abstract record IntakeDecision
{
    private IntakeDecision()
    {
    }

    /// <summary>Decides by the facts alone. The order is the order of precedence.</summary>
    public static IntakeDecision Of(IntakeFacts facts) => facts switch
    {
        { Remembered: { } act } => OfRepetition(act),
        { Earlier: { IsRepeated: true } earlier } => OfRepeat(earlier),
        { RequestFault: { } fault } => new Refuse(fault),
        { Answer: { } answer } => new Hit(answer),
        { Running: { } running } => new Join(new(running, [])),
        { StoreFault: { } fault } => new Refuse(fault),
        { OnlyIfCached: true } => new Refuse(NotCached()),
        { QueueFault: { } fault } => new Refuse(fault),
        { FileFault: { } fault } => new Refuse(fault),
        _ => new Insert(facts.MayReuse ? CacheOutcome.Miss : CacheOutcome.Bypass, ReplacesLost: facts.Losses.Count > 0),
    };

    private static IntakeDecision OfRepetition(RememberedAct act) => act switch
    {
        { HasSameBody: false } => new Refuse(Mismatch(act.GenerationId)),
        { Details: null } => new Refuse(Deleted(act.GenerationId)),
        { Details.Generation.Status: var status } when status.IsTerminal() => new Hit(act.Details) { IsRepetition = true },
        _ => new Join(act.Details) { IsRepetition = true },
    };

    private static Existing OfRepeat(EarlierRun earlier)
    {
        var isRepeat = !earlier.IsSameAnswer;
        return earlier.Details.Generation.Status.IsTerminal()
            ? new Hit(earlier.Details) { IsRepetition = true, IsRepeat = isRepeat }
            : new Join(earlier.Details) { IsRepetition = true, IsRepeat = isRepeat };
    }

    private static GenApiException NotCached() =>
        new(ErrorKind.NotCached, "There is no stored answer to this request, and only a stored one was asked for.");

    private static GenApiException Mismatch(Guid generationId) => new(
        ErrorKind.IdempotencyMismatch, "This Idempotency-Key was used before with another body. A new act needs a new key.")
    {
        GenerationId = generationId,
    };

    private static GenApiException Deleted(Guid generationId) =>
        new(ErrorKind.Conflict, "The generation made under this Idempotency-Key has been deleted.") { GenerationId = generationId };

    /// <summary>A generation that is there already serves the request.</summary>
    internal abstract record Existing(GenerationDetails Details) : IntakeDecision
    {
        /// <summary>
        /// True if the request repeats an act, by its idempotency key or by what it asks. A repetition adds nothing: neither a webhook nor
        /// another key.
        /// </summary>
        public bool IsRepetition { get; init; }

        /// <inheritdoc cref="Submission.IsRepeat"/>
        public bool IsRepeat { get; init; }

        public Submission Submission => this switch
        {
            Hit => new(Details, CacheOutcome.Hit) { IsRepeat = IsRepeat },
            Join => new(Details, CacheOutcome.Coalesced) { IsRepeat = IsRepeat },
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>A finished generation answers the request.</summary>
    internal sealed record Hit(GenerationDetails Details) : Existing(Details);

    /// <summary>The request joins a generation that is under way.</summary>
    internal sealed record Join(GenerationDetails Details) : Existing(Details);

    /// <summary>The request becomes a new row.</summary>
    /// <param name="Outcome">Miss or Bypass.</param>
    /// <param name="ReplacesLost">Whether there was an answer whose images are lost.</param>
    internal sealed record Insert(CacheOutcome Outcome, bool ReplacesLost) : IntakeDecision;

    /// <summary>The request gets no generation.</summary>
    internal sealed record Refuse(GenApiException Problem) : IntakeDecision;
}
