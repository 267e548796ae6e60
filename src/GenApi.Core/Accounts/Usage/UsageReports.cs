using System.Globalization;
using System.Linq.Expressions;
using GenApi.Core.Accounts.EndUsers;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Accounts.Usage;

/// <summary>Reads the ledger: whole days from their sums, the partial days at either end line by line.</summary>
public sealed class UsageReports(
    IDbContextFactory<GenApiDbContext> contexts, UsageCounts counts, EndUserNames endUsers, ApiKeys keys)
{
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    public async Task<UsageReport> ReadAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        try
        {
            await counts.FlushAsync(cancellationToken);
            await endUsers.FlushAsync(cancellationToken);
        }
        catch (GenApiException fault) when (fault.IsTransient)
        {
            // A read-only database still has its stored lines.
        }
        var sums = await contexts.ReadAsync(db => query.By switch
        {
            UsageGrouping.Day => SumAsync(
                db, query, part => part.Day, day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), cancellationToken),
            UsageGrouping.Model => SumAsync(db, query, part => part.Model, model => model, cancellationToken),
            UsageGrouping.Key => SumAsync(db, query, part => part.AccountId, AccountNames.Of, cancellationToken),
            UsageGrouping.EndUser => SumAsync(db, query, part => part.EndUser, endUser => endUser, cancellationToken),
            _ => SumAsync(db, query, part => part.Status, status => status, cancellationToken),
        }, cancellationToken);

        var names = query.By == UsageGrouping.Key
            ? keys.List().ToDictionary(each => AccountNames.Of(each.Key.Id), each => each.Key.Name)
            : [];
        var people = query.By == UsageGrouping.EndUser
            ? await contexts.ReadAsync(db => EndUserNames.ReadAsync(db, query.Account, sums.Keys, cancellationToken), cancellationToken)
            : new Dictionary<string, EndUser>();
        var rows = sums.Select(pair => people.TryGetValue(pair.Key, out var person)
            ? new UsageRow(pair.Key, person.Name, pair.Value) { Email = person.Email }
            : new UsageRow(pair.Key, names.GetValueOrDefault(pair.Key), pair.Value));
        rows = query.By == UsageGrouping.Day
            ? rows.OrderBy(row => row.Group, StringComparer.Ordinal)
            : rows.OrderByDescending(row => row.Sums.CostMicros).ThenBy(row => row.Group, StringComparer.Ordinal);
        return new([.. rows], sums.Values.Aggregate(default(UsageSums), (one, other) => one + other));
    }

    private static async Task<Dictionary<string, UsageSums>> SumAsync<TKey>(
        GenApiDbContext db, UsageQuery query, Expression<Func<Part, TKey>> group, Func<TKey, string> name,
        CancellationToken cancellationToken)
    {
        var sums = new Dictionary<string, UsageSums>(StringComparer.Ordinal);
        foreach (var parts in Parts(db, query))
        {
            await foreach (var (key, part) in Sums(parts, group).AsAsyncEnumerable().WithCancellation(cancellationToken))
                sums[name(key)] = sums.GetValueOrDefault(name(key)) + part;
        }
        return sums;
    }

    /// <summary>Splits the query into whole days and the partial days before and after them.</summary>
    private static IEnumerable<IQueryable<Part>> Parts(GenApiDbContext db, UsageQuery query)
    {
        var firstWhole = DateOnly.FromDateTime((query.From + TimeSpan.FromDays(1) - TimeSpan.FromTicks(1)).UtcDateTime);
        var afterWhole = DateOnly.FromDateTime(query.To.UtcDateTime);
        if (firstWhole > afterWhole)
        {
            yield return Lines(db, query, query.From, query.To);
            yield break;
        }
        if (query.From < Midnight(firstWhole))
            yield return Lines(db, query, query.From, Midnight(firstWhole));
        if (firstWhole < afterWhole)
            yield return Days(db, query, firstWhole, afterWhole);
        if (Midnight(afterWhole) < query.To)
            yield return Lines(db, query, Midnight(afterWhole), query.To);
    }

    private static IQueryable<Part> Days(GenApiDbContext db, UsageQuery query, DateOnly from, DateOnly to) => db.Set<UsageDay>()
        .Where(day => day.Day >= from && day.Day < to && day.Upstream == query.Upstream
            && (query.Account == null || day.AccountId == query.Account) && (query.EndUser == null || day.EndUser == query.EndUser))
        .Select(day => new Part
        {
            Day = day.Day,
            Model = day.Model,
            AccountId = day.AccountId,
            EndUser = day.EndUser,
            Status = day.Status,
            Runs = day.Runs,
            Hits = day.Hits,
            Joined = day.Joined,
            Images = day.Images,
            PredictMilliseconds = day.PredictMilliseconds,
            CostMicros = day.CostMicros,
            SavedMicros = day.SavedMicros,
            Unpriced = day.Unpriced,
        });

    /// <summary>Returns lines that all belong to one day.</summary>
    private static IQueryable<Part> Lines(GenApiDbContext db, UsageQuery query, DateTimeOffset from, DateTimeOffset to)
    {
        var day = DateOnly.FromDateTime(from.UtcDateTime);
        return db.Set<UsageEntry>()
            .Where(entry => entry.At >= from && entry.At < to && entry.Upstream == query.Upstream
                && (query.Account == null || entry.AccountId == query.Account)
                && (query.EndUser == null || entry.EndUser == query.EndUser))
            .Select(entry => new Part
            {
                Day = day,
                Model = entry.Model,
                AccountId = entry.AccountId,
                EndUser = entry.EndUser,
                Status = entry.Status,
                Runs = entry.Kind == UsageKind.Run ? 1 : 0,
                Hits = entry.Kind == UsageKind.Hit ? entry.Count : 0,
                Joined = entry.Kind == UsageKind.Joined ? entry.Count : 0,
                Images = entry.Images,
                PredictMilliseconds = entry.PredictMilliseconds,
                CostMicros = entry.CostMicros ?? 0,
                SavedMicros = entry.SavedMicros,
                Unpriced = entry.Kind == UsageKind.Run && entry.CostMicros == null ? 1 : 0,
            });
    }

    private static IQueryable<Summed<TKey>> Sums<TKey>(IQueryable<Part> parts, Expression<Func<Part, TKey>> group) => parts
        .GroupBy(group)
        .Select(each => new Summed<TKey>(
            each.Key,
            new UsageSums(
                each.Sum(part => part.Runs), each.Sum(part => part.Hits), each.Sum(part => part.Joined),
                each.Sum(part => part.Images), each.Sum(part => part.PredictMilliseconds),
                each.Sum(part => part.CostMicros), each.Sum(part => part.SavedMicros), each.Sum(part => part.Unpriced))));

    private static DateTimeOffset Midnight(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);

    /// <summary>A day's sum or a line, with the same members.</summary>
    private sealed class Part
    {
        public DateOnly Day { get; init; }

        public string Model { get; init; } = "";

        public Guid AccountId { get; init; }

        public string EndUser { get; init; } = "";

        public string Status { get; init; } = "";

        public long Runs { get; init; }

        public long Hits { get; init; }

        public long Joined { get; init; }

        public long Images { get; init; }

        public long PredictMilliseconds { get; init; }

        public long CostMicros { get; init; }

        public long SavedMicros { get; init; }

        public long Unpriced { get; init; }
    }

    private sealed record Summed<TKey>(TKey Group, UsageSums Sums);
}
