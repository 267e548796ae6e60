using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Models;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using GenApi.Core.Webhooks;

namespace GenApi.Core.Generations;

/// <summary>
/// Our unit of work: one request to one model, from the moment it is accepted to its images. Only the methods here change
/// <see cref="Status"/>, each is one legal transition, and each is one save: a crash between two leaves a row that tells the truth.
/// </summary>
public sealed partial class Generation
{
    private Generation()
    {
    }

    /// <summary>Order of acceptance; inside the database only.</summary>
    public long Number { get; private set; }

    public Guid Id { get; private init; }

    /// <summary>As callers and the log see it: <c>gen_…</c>.</summary>
    public string PublicId => Persistence.PublicId.Format(Persistence.PublicId.Generation, Id);

    /// <summary>The account that asked for it first and pays for it; all zeros for what was made before there were accounts.</summary>
    public Guid OwnerId { get; private init; }

    /// <summary>Made for nobody, so that its model's machine stays up: it answers no request and stands in no list.</summary>
    public bool IsKeepWarm => OwnerId == FixedAccounts.KeepWarmId;

    /// <summary>The W3C <c>traceparent</c> of the request that made it, so that its span is found in the caller's trace, after a restart too. Null: none.</summary>
    public string? TraceParent { get; private set; }

    /// <summary>Grows with every save: the ETag, the event id, and the guard against writing over somebody else's news.</summary>
    public long Revision { get; private set; }

    public GenerationStatus Status { get; private set; }

    /// <summary><c>owner/name</c>.</summary>
    public string Model { get; private init; } = "";

    /// <summary>64 hexadecimal digits; null for official models, which have none to choose.</summary>
    public string? Version { get; private init; }

    /// <summary><c>replicate</c> or <c>sandbox</c>.</summary>
    public string Upstream { get; private init; } = "";

    /// <summary>For search and for naming files; it stands in <see cref="Input"/> too.</summary>
    public string Prompt { get; private init; } = "";

    /// <summary>The whole input, as a JSON object; files that are kept here by their ids, so that it can be asked for again as it is.</summary>
    public string Input { get; private init; } = "{}";

    /// <summary>What bytes those ids stood for, as <see cref="GenerationFile"/> writes it; null: there are none.</summary>
    public string? InputFiles { get; private init; }

    public long? Seed { get; private init; }

    /// <summary>Pairs of strings as JSON, given back as they came.</summary>
    public string Metadata { get; private init; } = "{}";

    /// <summary>Identity of the answer, seed included.</summary>
    public string CacheKey { get; private init; } = "";

    /// <summary>Identity of the request whatever its seed, for <c>cache: reuse</c>.</summary>
    public string ReuseKey { get; private init; } = "";

    /// <summary>Unique over unfinished rows: who else asks for the same while this runs joins it. Null: nobody may join by key.</summary>
    public string? FlightKey { get; private set; }

    /// <summary>Whether it may answer later requests: set by success, cleared when one of its images is deleted.</summary>
    public bool IsAnswer { get; private set; }

    /// <summary>Creations sent upstream, without those it had no room for. More than one only when the earlier ones surely made nothing.</summary>
    public int Attempts { get; private set; }

    /// <summary>
    /// Saved before the POST, by the upstream's clock where ours is known to be wrong. Without a <see cref="PredictionId"/> beside it:
    /// a creation that may have happened.
    /// </summary>
    public DateTimeOffset? SubmittingAt { get; private set; }

    public string? PredictionId { get; private set; }

    /// <summary>
    /// The <c>Cancel-After</c> that the last creation was sent with, in seconds; the upstream's lists show it again. Null: none was sent, or by an
    /// earlier version.
    /// </summary>
    public int? CancelAfterSeconds { get; private set; }

    /// <summary>From here on the upstream ends the run by itself (<c>Cancel-After</c>), and we stop waiting.</summary>
    public DateTimeOffset? DeadlineAt { get; private set; }

    /// <summary>The log so far, at most <see cref="MostLogCharacters"/> from its end.</summary>
    public string? Logs { get; private set; }

    public int? ProgressCurrent { get; private set; }

    public int? ProgressTotal { get; private set; }

    /// <summary>Where the files are at the upstream, as a JSON array; only while they are being stored.</summary>
    public string? Outputs { get; private set; }

    /// <summary>What the model returned beside files, as <see cref="OutputDocument"/> writes it; null: nothing.</summary>
    public string? Output { get; private set; }

    /// <summary>Why it failed, or why storing is being tried again: a code of <see cref="ErrorCodes"/>.</summary>
    public string? ErrorCode { get; private set; }

    /// <summary>The public sentence that goes with <see cref="ErrorCode"/>.</summary>
    public string? ErrorMessage { get; private set; }

    /// <summary>What is wrong with which member of the input, where the upstream told: a JSON object of paths and messages.</summary>
    public string? ErrorMembers { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>When the upstream accepted it, by our clock.</summary>
    public DateTimeOffset? AcceptedAt { get; private set; }

    /// <summary>When the upstream began to run it, by our clock: never before <see cref="AcceptedAt"/>.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>When the files began to be fetched.</summary>
    public DateTimeOffset? StoringAt { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>Seconds the model ran, as the upstream measured.</summary>
    public double? PredictSeconds { get; private set; }

    /// <summary>Seconds from creation to end at the upstream, as the upstream measured: queueing and booting included.</summary>
    public double? UpstreamSeconds { get; private set; }

    /// <summary>How the upstream said the run ended, whatever became of it here; null until it has told, or where it never did.</summary>
    public PredictionStatus? UpstreamEnding { get; private set; }

    /// <summary>
    /// Images that the run put out; where the upstream counts more, its count. Until the files have been looked at, each of them may be an image.
    /// </summary>
    public int? OutputCount { get; private set; }

    /// <summary>Images that the upstream counts for billing, which can be more than it delivers; null where it does not count.</summary>
    public int? CountedImages { get; private set; }

    /// <summary>Whether a machine had to boot for it, judged when its start was seen; null until then.</summary>
    public bool? IsColdStart { get; private set; }

    /// <summary>Images times steps asked for, 1 and more: what the time of a run is compared by.</summary>
    public int Work { get; private init; } = 1;

    /// <summary>The price in force when it was accepted, as <see cref="Models.ModelPrice"/> writes it; null: none was known.</summary>
    public string? Price { get; private init; }

    /// <summary>What such a run usually costs, in micro-dollars; null: not known.</summary>
    public long? ExpectedMicros { get; private init; }

    /// <summary>The worst case, in micro-dollars, for limits; null: no price is known.</summary>
    public long? EstimatedMicros { get; private init; }

    /// <summary>
    /// What it cost in micro-dollars, by the price table; set with the terminal status and never changed. Null: no price is known. A run of the sandbox has the cost that Replicate
    /// would have asked for it.
    /// </summary>
    public long? CostMicros { get; private set; }

    /// <summary>
    /// Accepted as one of <c>Accounts:FreeRuns</c>, so it costs nothing. From its end on: whether it took one of them, which a run does that would have cost something.
    /// </summary>
    public bool IsFree { get; private set; }

    public DateTimeOffset? CancelRequestedAt { get; private set; }

    /// <summary>
    /// When the account that made it gave it up, because other accounts still waited for it. That account still pays, and sees it no
    /// longer. Null: it did not.
    /// </summary>
    public DateTimeOffset? OwnerLeftAt { get; private set; }

    /// <summary>Deleted by its owner while it ran: unseen from then on, and gone when it has ended.</summary>
    public DateTimeOffset? DeleteRequestedAt { get; private set; }

    /// <summary>What somebody wants to be told of while it runs: the sum of all who do.</summary>
    public WebhookEvents Listeners { get; private set; }

    /// <summary>Which process works on it; see <see cref="Persistence.Lease"/>.</summary>
    public Lease Lease { get; private set; } = Lease.None;

    /// <summary>Whether the upstream has it or may have it; what it surely never had costs nothing.</summary>
    public bool WasSent => PredictionId is not null || SubmittingAt is not null;

    /// <summary>A creation was sent and its answer never seen: it is looked for, never sent again on a guess.</summary>
    public bool IsUncertain => Status == GenerationStatus.Queued && SubmittingAt is not null;
}
