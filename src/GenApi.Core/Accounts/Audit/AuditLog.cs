using System.Globalization;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Accounts.Audit;

/// <summary>
/// Records what administrators do with keys and with other accounts' resources, and holders with their own keys: a row in the transaction
/// of the act, and a log line after its commit.
/// </summary>
public sealed partial class AuditLog(IDbContextFactory<GenApiDbContext> contexts, TimeProvider time, ILogger<AuditLog> logger)
{
    /// <summary>Lists the acts, newest first.</summary>
    /// <param name="before">The <see cref="AuditEntry.Number"/> of the last entry of the previous page; null: from the newest.</param>
    /// <param name="atMost">The largest number of entries.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    public Task<List<AuditEntry>> ListAsync(long? before, int atMost, CancellationToken cancellationToken) => contexts.ReadAsync(
        db => db.Set<AuditEntry>().AsNoTracking()
            .Where(entry => before == null || entry.Number < before)
            .OrderByDescending(entry => entry.Number).Take(atMost).ToListAsync(cancellationToken),
        cancellationToken);

    /// <summary>The name of the service itself in entries about what no account owns.</summary>
    public const string Installation = "installation";

    /// <summary>Adds an entry about what no account owns to the act's transaction.</summary>
    internal AuditEntry Add(GenApiDbContext db, Actor by, string act) => Add(db, by, act, Guid.Empty, Installation, null, null);

    internal AuditEntry Add(GenApiDbContext db, Actor by, string act, ApiKey key, string? detail) =>
        Add(db, by, act, key.Id, key.Name, null, detail);

    /// <summary>
    /// Adds an entry to the act's transaction if an administrator acts on another account's resource. What callers do with their own
    /// resources is not audited.
    /// </summary>
    /// <param name="db">The context of the act's transaction.</param>
    /// <param name="by">The caller who acts.</param>
    /// <param name="from">The caller's address.</param>
    /// <param name="act">The act, such as <c>generation.delete</c>.</param>
    /// <param name="thing">The public id of the resource.</param>
    /// <param name="owner">The account that owns it.</param>
    /// <param name="detail">Details in words; null if the act says it all.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The entry for <see cref="LogCommitted"/>; null: nothing was added.</returns>
    internal async Task<AuditEntry?> AddAsync(
        GenApiDbContext db, Caller by, string from, string act, string thing, Guid owner, string? detail,
        CancellationToken cancellationToken)
    {
        // A caller without a key is anyone on this machine, while there is only one account.
        if (!by.SeesAll || !by.HasKey || owner == by.AccountId)
            return null;
        var name = await db.Set<ApiKey>().Where(key => key.Id == owner).Select(key => key.Name).FirstOrDefaultAsync(cancellationToken)
            ?? AccountNames.Of(owner);
        return Add(db, Actor.Of(by, from), act, owner, name, thing, detail);
    }

    /// <summary>Writes the log line of a committed entry.</summary>
    internal void LogCommitted(AuditEntry? entry)
    {
        if (entry is null)
            return;
        var thing = entry.ThingId is null ? "" : $"{entry.ThingId} of ";
        var owner = entry.KeyName == Installation && entry.KeyId == Guid.Empty ? Installation : AccountNames.Of(entry.KeyId);
        Log.Act(logger, entry.ActorName, entry.From, entry.Act, thing + owner, entry.KeyName, entry.Detail ?? "");
    }

    /// <summary>Describes the terms of a key in words.</summary>
    internal static string Words(KeyTerms terms)
    {
        var expires = terms.ExpiresAt is { } at
            ? at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : "never";
        List<string> words = [$"name '{terms.Name}'", $"rights {string.Join(", ", terms.Rights.Words())}", $"expires {expires}"];
        if (terms.RequestsPerMinute is { } requests)
            words.Add(Invariant($"{requests} requests a minute"));
        if (terms.GenerationsPerMinute is { } generations)
            words.Add(Invariant($"{generations} generations a minute"));
        foreach (var span in BudgetSpans.All)
        {
            if (terms.Budgets.Of(span) is { } micros)
                words.Add(Invariant($"{span.Word()} budget {micros / 1e6m} USD"));
        }
        foreach (var span in BudgetSpans.All)
        {
            if (terms.EndUserBudgets.Of(span) is { } micros)
                words.Add(Invariant($"{span.Word()} budget of each end user {micros / 1e6m} USD"));
        }
        return string.Join(", ", words);
    }

    private AuditEntry Add(GenApiDbContext db, Actor by, string act, Guid account, string name, string? thing, string? detail)
    {
        var entry = new AuditEntry
        {
            At = time.GetUtcNow(),
            Act = act,
            ActorKeyId = by.KeyId,
            ActorName = by.Name,
            From = by.From,
            KeyId = account,
            KeyName = name,
            ThingId = thing,
            Detail = detail,
        };
        db.Add(entry);
        return entry;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "AUDIT: {Actor} ({From}) {Act} {Key} '{Name}' {Detail}")]
        public static partial void Act(ILogger logger, string actor, string from, string act, string key, string name, string detail);
    }
}
