using System.Text.Json;
using GenApi.Core.Accounts;
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

    /// <summary>What a repeat of this request is recognised by; null: it can't be.</summary>
    public RepeatKey? Repeat { get; init; }

    /// <summary>Adds rows that belong to a new generation, in the transaction that accepts it; null: there are none.</summary>
    internal Action<GenApiDbContext, Generation>? Also { get; init; }
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

/// <summary>The identity of a request as its caller would repeat it after a broken connection or a time-out.</summary>
/// <param name="Fingerprint">The first 128 bits of SHA-256 of account, address and body.</param>
/// <param name="IsMarked">True if the client itself says that it repeats a request.</param>
public sealed record RepeatKey(Guid Fingerprint, bool IsMarked);

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
