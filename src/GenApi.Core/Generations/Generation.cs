using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using GenApi.Core.Webhooks;

namespace GenApi.Core.Generations;

/// <summary>
/// The unit of work: one request to one model, from the moment it is accepted to its images. Only the methods here change
/// <see cref="Status"/>. Each is one legal transition and one save, so a crash between two leaves a row that tells the truth.
/// </summary>
public sealed partial class Generation
{
    private Generation()
    {
    }

    /// <summary>The order of acceptance; inside the database only.</summary>
    public long Number { get; private set; }

    public Guid Id { get; private init; }

    /// <summary>The id that callers and the log see: <c>gen_…</c>.</summary>
    public string PublicId => Persistence.PublicId.Format(Persistence.PublicId.Generation, Id);

    /// <summary>The account that asked for it first and pays for it; all zeros if it was made before there were accounts.</summary>
    public Guid OwnerId { get; private init; }

    /// <summary>True if it only keeps its model's machine running. Then it answers no request and appears in no list.</summary>
    public bool IsKeepWarm => OwnerId == FixedAccounts.KeepWarmId;

    /// <summary>
    /// The W3C <c>traceparent</c> of the request that made it, so that its span is found in the caller's trace, after a restart too. Null:
    /// none.
    /// </summary>
    public string? TraceParent { get; private set; }

    /// <summary>Grows with every save. It is the ETag, the event id, and the guard against overwriting another writer's change.</summary>
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

    /// <summary>The whole input, as a JSON object. Stored files stand in it by their ids, so it can be posted again as it is.</summary>
    public string Input { get; private init; } = "{}";

    /// <summary>The bytes behind those ids, as <see cref="GenerationFile"/> writes them; null: there are none.</summary>
    public string? InputFiles { get; private init; }

    public long? Seed { get; private init; }

    /// <summary>Pairs of strings as JSON, returned to callers unchanged.</summary>
    public string Metadata { get; private init; } = "{}";

    /// <summary>Identity of the answer, seed included.</summary>
    public string CacheKey { get; private init; } = "";

    /// <summary>Identity of the request whatever its seed, for <c>cache: reuse</c>.</summary>
    public string ReuseKey { get; private init; } = "";

    /// <summary>Unique over unfinished rows: an equal request joins this one while it runs. Null: no request may join by key.</summary>
    public string? FlightKey { get; private set; }

    /// <summary>The door by which the request came, such as <c>openai</c>; null: our own API.</summary>
    public string? Door { get; private init; }

    /// <summary>The person for whom the account asked, as <see cref="Accounts.EndUser.Id"/>; null: none was named.</summary>
    public string? EndUser { get; private init; }

    /// <summary>The identity of the request as its caller would repeat it; see <see cref="RepeatKey"/>.</summary>
    public Guid? Fingerprint { get; private init; }

    /// <summary>
    /// The time at which the caller's connection broke before it was answered. Null: it was answered or still waits. Setting it moves no
    /// <see cref="Revision"/>, because no caller sees it and no step of a run writes it.
    /// </summary>
    public DateTimeOffset? UnansweredAt { get; private set; }

    /// <summary>
    /// True if it may answer later requests. Success sets it, and deleting one of its images clears it. While one is in the bin it answers
    /// none: see <see cref="GenerationDetails.IsAnswer"/>.
    /// </summary>
    public bool IsAnswer { get; private set; }

    /// <summary>
    /// The number of creations that were sent, without those that the upstream had no room for. There is a second one only if the first
    /// surely made nothing.
    /// </summary>
    public int Attempts { get; private set; }

    /// <summary>
    /// Saved before the POST, by the upstream's clock where ours is known to be wrong. Without a <see cref="PredictionId"/> it means a
    /// creation that may have happened.
    /// </summary>
    public DateTimeOffset? SubmittingAt { get; private set; }

    public string? PredictionId { get; private set; }

    /// <summary>
    /// The <c>Cancel-After</c> of the last creation, in seconds, which the upstream's lists show. Null: none was sent, or by an earlier
    /// version.
    /// </summary>
    public int? CancelAfterSeconds { get; private set; }

    /// <summary>
    /// The time at which the upstream ends the run by itself (<c>Cancel-After</c>), and GenApi stops waiting. Before anything was sent: the
    /// deadline that the caller set, after which nothing is sent any more; null: none.
    /// </summary>
    public DateTimeOffset? DeadlineAt { get; private set; }

    /// <summary>The log so far, at most <see cref="MostLogCharacters"/> from its end.</summary>
    public string? Logs { get; private set; }

    public int? ProgressCurrent { get; private set; }

    public int? ProgressTotal { get; private set; }

    /// <summary>The addresses of the files at the upstream, as a JSON array; only while they are being stored.</summary>
    public string? Outputs { get; private set; }

    /// <summary>The model's output without its files, as <see cref="OutputDocument"/> writes it; null: only files, or nothing.</summary>
    public string? Output { get; private set; }

    /// <summary>The reason why it failed, or why storing is being retried: a code of <see cref="ErrorCodes"/>.</summary>
    public string? ErrorCode { get; private set; }

    /// <summary>The public sentence that goes with <see cref="ErrorCode"/>.</summary>
    public string? ErrorMessage { get; private set; }

    /// <summary>The faults of single members of the input, where the upstream named them: a JSON object of paths and messages.</summary>
    public string? ErrorMembers { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>The time at which the upstream accepted it, by our clock.</summary>
    public DateTimeOffset? AcceptedAt { get; private set; }

    /// <summary>The time at which the upstream began to run it, by our clock: never before <see cref="AcceptedAt"/>.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>The time at which GenApi began to fetch its files.</summary>
    public DateTimeOffset? StoringAt { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>Seconds the model ran, as the upstream measured.</summary>
    public double? PredictSeconds { get; private set; }

    /// <summary>Seconds from creation to end at the upstream, as the upstream measured: queueing and booting included.</summary>
    public double? UpstreamSeconds { get; private set; }

    /// <summary>
    /// The ending of the run as the upstream reports it, whatever became of it here; null until the upstream has reported it.
    /// </summary>
    public PredictionStatus? UpstreamEnding { get; private set; }

    /// <summary>
    /// The number of images that the run made, or the upstream's count if that is higher. Until the files have been fetched, each of them
    /// may be an image.
    /// </summary>
    public int? OutputCount { get; private set; }

    /// <summary>The number of images that the upstream bills, which can exceed what it delivers; null if it does not count.</summary>
    public int? CountedImages { get; private set; }

    /// <summary>True if a machine had to boot for it, judged when its start was seen; null until then.</summary>
    public bool? IsColdStart { get; private set; }

    /// <summary>Images times steps, 1 and more. The times of runs are compared by it.</summary>
    public int Work { get; private init; } = 1;

    /// <summary>The price in force when it was accepted, as <see cref="Models.ModelPrice"/> writes it; null: none was known.</summary>
    public string? Price { get; private init; }

    /// <summary>The usual cost of such a run in micro-dollars; null: not known.</summary>
    public long? ExpectedMicros { get; private init; }

    /// <summary>The worst case, in micro-dollars, for limits; null: no price is known.</summary>
    public long? EstimatedMicros { get; private init; }

    /// <summary>
    /// The cost in micro-dollars by the price table; set with the terminal status and never changed. Null: no price is known. A run of the
    /// sandbox has the cost that Replicate would have charged.
    /// </summary>
    public long? CostMicros { get; private set; }

    /// <summary>
    /// True if it was accepted as one of <c>Accounts:FreeRuns</c> and so costs nothing. Once it has ended: true if it used one of them,
    /// which only a run does that would otherwise have cost something.
    /// </summary>
    public bool IsFree { get; private set; }

    public DateTimeOffset? CancelRequestedAt { get; private set; }

    /// <summary>
    /// The time at which the account that made it left it to the others still waiting for it. That account still pays, and no longer sees
    /// it. Null: it did not leave.
    /// </summary>
    public DateTimeOffset? OwnerLeftAt { get; private set; }

    /// <summary>
    /// The time at which its owner deleted it while it ran. From then on nobody sees it, and its row is deleted when it has ended.
    /// </summary>
    public DateTimeOffset? DeleteRequestedAt { get; private set; }

    /// <summary>The webhook events that any caller asked for while it runs.</summary>
    public WebhookEvents Listeners { get; private set; }

    /// <summary>The lease of the process that works on it; see <see cref="Persistence.Lease"/>.</summary>
    public Lease Lease { get; private set; } = Lease.None;

    /// <summary>True if the upstream has it or may have it. If the upstream surely never had it, it costs nothing.</summary>
    public bool WasSent => PredictionId is not null || SubmittingAt is not null;

    /// <summary>
    /// True if a creation was sent and its answer never seen. GenApi then searches for the prediction, and never sends another one on a
    /// guess.
    /// </summary>
    public bool IsUncertain => Status == GenerationStatus.Queued && SubmittingAt is not null;
}
