using System.Text.Json;
using GenApi.Core.Accounts;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;

namespace GenApi.Core.Generations;

/// <summary>What a caller asks for, with its shape already checked.</summary>
public sealed record GenerationRequest
{
    /// <summary>On whose account it is made: <see cref="Caller.AccountId"/>.</summary>
    public Guid OwnerId { get; init; }

    /// <summary>Whose files it may name; null: everybody's.</summary>
    public Caller? Caller { get; init; }

    /// <summary>An alias, <c>owner/name</c> or <c>owner/name:version</c>; null: the default model.</summary>
    public string? Model { get; init; }

    /// <summary>The names that mean the same for every model (<c>prompt</c>, <c>width</c>, <c>seed</c>, …); absent ones are absent.</summary>
    public IReadOnlyDictionary<string, JsonElement> Common { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The model's own names, sent as they are; undefined when the caller gave none.</summary>
    public JsonElement Input { get; init; }

    /// <summary>Null: <see cref="GenerationOptions.DefaultCache"/>.</summary>
    public CacheMode? Cache { get; init; }

    /// <summary>Answer from the store or with <see cref="Errors.ErrorKind.NotCached"/>; make nothing.</summary>
    public bool OnlyIfCached { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Whom to tell; null: nobody. No part of the request's identity.</summary>
    public WebhookTarget? Webhook { get; init; }

    /// <summary>Null when the caller gave none.</summary>
    public IdempotencyKey? IdempotencyKey { get; init; }

    /// <summary>Adds rows that belong to a new generation, in the transaction that accepts it; null: there are none.</summary>
    internal Action<GenApiDbContext, Generation>? Also { get; init; }
}

/// <summary>When a stored answer may serve.</summary>
public enum CacheMode
{
    /// <summary>A request that names its seed is answered from the store; one without is made anew.</summary>
    Auto,

    /// <summary>The newest result of the same request, whatever seed we chose for it.</summary>
    Reuse,

    /// <summary>Always made anew, and from then on the answer.</summary>
    Refresh,
}

/// <summary>The caller's name for one act, so that a repeated request is not a second act.</summary>
/// <param name="Scope">Whose it is: two callers may use the same text.</param>
/// <param name="Text">1 to 255 characters.</param>
/// <param name="BodyHash">SHA-256 of the canonical body, in hexadecimal; the same key with another body is a mistake.</param>
public sealed record IdempotencyKey(string Scope, string Text, string BodyHash);

/// <summary>How a caller got its generation.</summary>
public enum CacheOutcome
{
    /// <summary>Made before.</summary>
    Hit,

    /// <summary>Made for this request; later ones may be answered with it.</summary>
    Miss,

    /// <summary>Somebody else's identical request was running already.</summary>
    Coalesced,

    /// <summary>Made anew because the request asked for that.</summary>
    Bypass,
}
