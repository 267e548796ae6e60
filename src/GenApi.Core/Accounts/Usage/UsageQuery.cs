namespace GenApi.Core.Accounts.Usage;

/// <summary>The parameters of a usage report.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive, later than <paramref name="From"/>.</param>
/// <param name="By">The grouping of the rows.</param>
/// <param name="Upstream"><c>replicate</c> or <c>sandbox</c>: play money is never added to real money.</param>
/// <param name="Account">Only this account; null: all.</param>
/// <param name="EndUser">Only this end user, as <see cref="Accounts.EndUser.Id"/>; null: all.</param>
public sealed record UsageQuery(
    DateTimeOffset From, DateTimeOffset To, UsageGrouping By, string Upstream, Guid? Account, string? EndUser = null);

/// <summary>The grouping of a report's rows.</summary>
public enum UsageGrouping
{
    /// <summary>A day, UTC.</summary>
    Day,

    Model,

    Key,

    Status,

    /// <summary>The person for whom an account asked.</summary>
    EndUser,
}

/// <summary>Sums over ledger lines.</summary>
public readonly record struct UsageSums(
    long Runs, long Hits, long Joined, long Images, long PredictMilliseconds, long CostMicros, long SavedMicros, long Unpriced)
{
    public static UsageSums operator +(UsageSums one, UsageSums other) => new(
        one.Runs + other.Runs, one.Hits + other.Hits, one.Joined + other.Joined, one.Images + other.Images,
        one.PredictMilliseconds + other.PredictMilliseconds,
        one.CostMicros + other.CostMicros, one.SavedMicros + other.SavedMicros, one.Unpriced + other.Unpriced);
}

/// <param name="Rows">By day, or by cost and then name. A group without a line has no row.</param>
public sealed record UsageReport(IReadOnlyList<UsageRow> Rows, UsageSums Totals);

/// <param name="Group">
/// A day (<c>2026-01-31</c>), a model, a key (<see cref="AccountNames"/>), a status or an end user; empty for requests that name no end
/// user.
/// </param>
/// <param name="Name">The key's own name, or the end user's, if it is known; null for other groups.</param>
/// <param name="Sums">The sums of the group.</param>
public sealed record UsageRow(string Group, string? Name, UsageSums Sums)
{
    /// <summary>The end user's email address; null: not known, or another group.</summary>
    public string? Email { get; init; }
}
