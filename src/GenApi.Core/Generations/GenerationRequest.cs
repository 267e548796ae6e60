using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GenApi.Core.Accounts;
using GenApi.Core.Models;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;

namespace GenApi.Core.Generations;

/// <summary>A caller's request, with its shape already checked.</summary>
public sealed record GenerationRequest
{
    /// <summary>The account that it is made for: <see cref="Caller.AccountId"/>.</summary>
    public Guid OwnerId { get; init; }

    /// <summary>The caller whose files it may name; null: the files of all accounts.</summary>
    public Caller? Caller { get; init; }

    /// <summary>An alias, <c>owner/name</c> or <c>owner/name:version</c>; null: the default model.</summary>
    public string? Model { get; init; }

    /// <summary>
    /// The inputs whose names mean the same for every model (<c>prompt</c>, <c>width</c>, <c>seed</c>, …), as far as the caller gave them.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement> Common { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The inputs by the model's own names, sent as they are; undefined when the caller gave none.</summary>
    public JsonElement Input { get; init; }

    /// <summary>
    /// The whole body as it came, if everything that decides about the answer is in it, but for the account and <see cref="Cache"/>;
    /// undefined: it is not.
    /// </summary>
    internal JsonElement Body { get; init; }

    /// <summary>Null: <see cref="GenerationOptions.DefaultCache"/>.</summary>
    public CacheMode? Cache { get; init; }

    /// <summary>
    /// True if the caller accepts only a stored answer. If there is none, the request fails with <see cref="Errors.ErrorKind.NotCached"/>,
    /// and nothing is made.
    /// </summary>
    public bool OnlyIfCached { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The webhook to notify; null: none. It is no part of the request's identity.</summary>
    public WebhookTarget? Webhook { get; init; }

    /// <summary>Null when the caller gave none.</summary>
    public IdempotencyKey? IdempotencyKey { get; init; }

    /// <summary>The door by which it came; null: our own API. See <see cref="Generation.Door"/>.</summary>
    public string? Door { get; init; }

    /// <summary>The person for whom the caller asks; null: none was named.</summary>
    public EndUser? EndUser { get; init; }

    /// <summary>True if a model that takes a prompt may use its own default one. Otherwise a request must name a prompt.</summary>
    public bool AllowsDefaultPrompt { get; init; }

    /// <summary>
    /// The time from its acceptance to its end that a new generation has at most, in whole seconds; null: as the settings say. A request
    /// that gets an existing generation does not shorten it. <see cref="Submission.Deadline"/> says whether the limit holds.
    /// </summary>
    public TimeSpan? CancelAfter { get; init; }

    /// <summary>The identity by which a repeat of this request is recognised; null: it can't be.</summary>
    public RepeatKey? Repeat { get; init; }

    /// <summary>
    /// True if the request only asks what it would get and cost: nothing is stored for it, and what it names does not count as used.
    /// </summary>
    public bool IsEstimate { get; init; }

    /// <summary>
    /// The fingerprint by which the request joins the one that it repeats; null: none. An idempotency key decides alone.
    /// </summary>
    internal Guid? Fingerprint => IdempotencyKey is null ? Repeat?.For(EndUser) : null;

    /// <summary>
    /// Adds rows that belong to a new generation, in the transaction that accepts it, which may be repeated. An exception refuses the
    /// generation. Null: there are none.
    /// </summary>
    internal Func<GenApiDbContext, Generation, CancellationToken, Task>? Also { get; init; }
}

/// <summary>The requests that a stored answer may serve.</summary>
public enum CacheMode
{
    /// <summary>A request that names its seed is answered from the store; one without makes a new run.</summary>
    Auto,

    /// <summary>The newest result of the same request serves, whatever seed we chose for it.</summary>
    Reuse,

    /// <summary>The request always makes a new run, which answers later requests.</summary>
    Refresh,
}

/// <summary>The caller's name for one act, so that a repeated request is not a second act.</summary>
/// <param name="Scope">The account of the caller: two callers may use the same text.</param>
/// <param name="Text">1 to 255 characters.</param>
/// <param name="BodyHash">SHA-256 of the canonical body, in hexadecimal; the same key with another body is a mistake.</param>
public sealed record IdempotencyKey(string Scope, string Text, string BodyHash);

/// <summary>The way in which a caller got its generation.</summary>
public enum CacheOutcome
{
    /// <summary>It was made before.</summary>
    Hit,

    /// <summary>It was made for this request, and may answer later ones.</summary>
    Miss,

    /// <summary>An equal request was running already.</summary>
    Coalesced,

    /// <summary>It was made because the request asked for a new run.</summary>
    Bypass,
}

/// <summary>The data of a new row.</summary>
internal sealed record NewGeneration(
    string Model, string? Version, string Upstream, string Prompt, string Input, string? InputFiles, long? Seed, string Metadata,
    string CacheKey, string ReuseKey, string? FlightKey, int Work, CostEstimate? Estimate)
{
    public Guid OwnerId { get; init; }

    /// <inheritdoc cref="Generation.Door"/>
    public string? Door { get; init; }

    /// <inheritdoc cref="Generation.EndUser"/>
    public string? EndUser { get; init; }

    /// <inheritdoc cref="Generation.Fingerprint"/>
    public Guid? Fingerprint { get; init; }

    /// <inheritdoc cref="GenerationRequest.CancelAfter"/>
    public TimeSpan? CancelAfter { get; init; }

    /// <inheritdoc cref="Generation.IsFree"/>
    public bool IsFree { get; init; }

    /// <inheritdoc cref="CostEstimate.Unbounded"/>
    public string? Unbounded => IsFree ? null : Estimate?.Unbounded;

    /// <summary>The amount to check against limits; null: no price is known.</summary>
    public long? WorstMicros => IsFree ? 0 : Estimate is { } estimate ? MicroDollars.AtLeast(estimate.WorstUsd) : null;
}

/// <summary>
/// The identity of a request as its caller would repeat it after a broken connection or a time-out: account, address and body. The body
/// is hashed when the identity is first needed, so an answer from memory hashes nothing.
/// </summary>
public sealed class RepeatKey
{
    private readonly Guid _account;
    private readonly string _address;
    private readonly JsonElement _body;
    private readonly int _index;
    private Guid? _fingerprint;

    /// <param name="account">The account of the caller.</param>
    /// <param name="address">The path, and whatever else of the request changes its meaning.</param>
    /// <param name="body">As it came. It must outlive the request's submission.</param>
    /// <param name="isMarked">See <see cref="IsMarked"/>.</param>
    /// <param name="answer">See <see cref="Answer"/>.</param>
    public RepeatKey(Guid account, string address, JsonElement body, bool isMarked, PendingAnswer? answer) =>
        (_account, _address, _body, IsMarked, Answer) = (account, address, body, isMarked, answer);

    /// <param name="known">The fingerprint of the whole HTTP request.</param>
    /// <param name="index">Which of several generations of that HTTP request it is, from 0.</param>
    /// <param name="isMarked">See <see cref="IsMarked"/>.</param>
    /// <param name="answer">See <see cref="Answer"/>.</param>
    public RepeatKey(Guid known, int index, bool isMarked, PendingAnswer? answer) =>
        (_account, _address, _index, IsMarked, Answer) = (known, "", index, isMarked, answer);

    /// <summary>True if the client itself says that it repeats a request.</summary>
    public bool IsMarked { get; }

    /// <summary>The answer to the HTTP request; null: nobody will say how it ended, so it counts as answered.</summary>
    public PendingAnswer? Answer { get; }

    /// <summary>Computes the fingerprint of a body: the first 128 bits of a SHA-256.</summary>
    /// <param name="account">The account of the caller.</param>
    /// <param name="address">The path, and whatever else of the request changes its meaning.</param>
    /// <param name="body">The bytes as they came: a client repeats the same ones.</param>
    public static Guid Of(Guid account, string address, ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        return Of(account, address, 0, hash);
    }

    /// <summary>Computes the fingerprint for one person behind the key: two people who ask for the same are two requests.</summary>
    /// <param name="user">Null: the caller names nobody.</param>
    internal Guid For(EndUser? user)
    {
        if (_fingerprint is { } known)
            return known;
        var whole = _body.ValueKind == JsonValueKind.Undefined ? _account : Of(_account, _address, JsonMarshal.GetRawUtf8Value(_body));
        var fingerprint = user is null && _index == 0 ? whole : Of(whole, user?.Id ?? "", _index, []);
        _fingerprint = fingerprint;
        return fingerprint;
    }

    private static Guid Of(Guid account, string text, int index, ReadOnlySpan<byte> hash)
    {
        // The parts before the text have fixed lengths, so no two lists of parts give the same bytes.
        var bytes = new byte[20 + hash.Length + Encoding.UTF8.GetByteCount(text)];
        account.TryWriteBytes(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), index);
        hash.CopyTo(bytes.AsSpan(20));
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(20 + hash.Length));
        Span<byte> sum = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, sum);
        return new(sum[..16]);
    }
}

/// <summary>The answer that one HTTP request owes its caller, however many generations it asks for.</summary>
public sealed class PendingAnswer
{
    private List<Guid>? _generations;

    /// <summary>The generations whose caller waits for it, or waited.</summary>
    internal IReadOnlyList<Guid> Generations => _generations ?? (IReadOnlyList<Guid>)[];

    /// <summary>True once the HTTP request has ended, answered or not.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>True if the answer, although written, lacks what was asked for: the caller counts as left without one.</summary>
    public bool IsOwed { get; set; }

    /// <summary>Adds a generation whose caller waits for this answer.</summary>
    internal void Add(Guid generation) => (_generations ??= []).Add(generation);

    /// <summary>True once the whole answer was handed to the system.</summary>
    internal bool IsHandedOver { get; set; }

    /// <summary>
    /// Asks the system whether the caller's connection was reset after the answer was written; null: only the end of the connection will
    /// say so.
    /// </summary>
    public Func<bool>? WasReset { get; set; }

    /// <summary>Ends the request, so that no generation is added any more.</summary>
    internal void End() => IsOver = true;
}

/// <summary>The end of the answer to an HTTP request.</summary>
public enum AnswerEnd
{
    /// <summary>The caller has it.</summary>
    Written,

    /// <summary>It was an error, or an id alone, while the generation went on or had succeeded.</summary>
    Refused,

    /// <summary>The connection broke before the answer was completely written.</summary>
    Broken,
}

/// <summary>The time for which a repeat gets the first generation after its caller's connection broke.</summary>
/// <param name="Length">Zero: only while the first one runs.</param>
public sealed record RepeatWindow(TimeSpan Length);
