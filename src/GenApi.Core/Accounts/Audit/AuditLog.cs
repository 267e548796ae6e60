using System.Globalization;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Accounts.Audit;

/// <summary>What administrators did with keys and with what is others', and holders with their own keys: a row in the transaction of the act, and a line in the log once it holds.</summary>
public sealed partial class AuditLog(IDbContextFactory<GenApiDbContext> contexts, TimeProvider time, ILogger<AuditLog> logger)
{
    /// <summary>Newest first.</summary>
    /// <param name="before">The <see cref="AuditEntry.Number"/> of the last one seen; null: from the newest.</param>
    /// <param name="atMost">How many.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    public Task<List<AuditEntry>> ListAsync(long? before, int atMost, CancellationToken cancellationToken) => contexts.ReadAsync(
        db => db.Set<AuditEntry>().AsNoTracking().Where(entry => before == null || entry.Number < before).OrderByDescending(entry => entry.Number).Take(atMost).ToListAsync(cancellationToken),
        cancellationToken);

    internal AuditEntry Add(GenApiDbContext db, Actor by, string act, ApiKey key, string? detail) => Add(db, by, act, key.Id, key.Name, null, detail);

    /// <summary>An act on a thing, to be saved with it, when an administrator does it to another account's: what callers do with their own is nobody's business here.</summary>
    /// <param name="db">Of the act's transaction.</param>
    /// <param name="by">Who acts.</param>
    /// <param name="from">Where the caller comes from.</param>
    /// <param name="act">Such as <c>generation.delete</c>.</param>
    /// <param name="thing">Its public id.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="detail">In words; null where the act says it all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>For <see cref="Done"/>; null: nothing is to be written down.</returns>
    internal async Task<AuditEntry?> AddAsync(
        GenApiDbContext db, Caller by, string from, string act, string thing, Guid owner, string? detail, CancellationToken cancellationToken)
    {
        // Without a key: everybody who is on this machine, while there is only one account.
        if (!by.SeesAll || !by.HasKey || owner == by.AccountId)
            return null;
        var name = await db.Set<ApiKey>().Where(key => key.Id == owner).Select(key => key.Name).FirstOrDefaultAsync(cancellationToken) ?? AccountNames.Of(owner);
        return Add(db, Actor.Of(by, from), act, owner, name, thing, detail);
    }

    /// <summary>It is on the disk.</summary>
    internal void Done(AuditEntry? entry)
    {
        if (entry is null)
            return;
        var thing = entry.ThingId is null ? "" : $"{entry.ThingId} of ";
        Log.Act(logger, entry.ActorName, entry.From, entry.Act, thing + AccountNames.Of(entry.KeyId), entry.KeyName, entry.Detail ?? "");
    }

    /// <summary>What was decided of a key.</summary>
    internal static string Words(KeyTerms terms)
    {
        var expires = terms.ExpiresAt is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "never";
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
