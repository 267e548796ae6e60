using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Accounts.Budgets;

/// <summary>
/// Holds what an account has spent in a day, in a month or in total, and the worst cases of its unfinished generations. It is kept with or
/// without a limit, so a limit set later counts from the beginning. The limits themselves are elsewhere.
/// </summary>
public sealed class BudgetPeriod
{
    /// <summary>The account, or <see cref="BudgetReservations.AllAccounts"/>.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The end user whose part of the account's spending this is, as <see cref="EndUser.Id"/>; empty: the whole account.</summary>
    public string EndUser { get; init; } = "";

    /// <summary><c>replicate</c> or <c>sandbox</c>: trial runs take nothing from real budgets.</summary>
    public required string Upstream { get; init; }

    /// <summary>
    /// <c>2026-01-31</c>, <c>2026-01</c>, or empty for the total; in UTC, by the time at which a generation was accepted.
    /// </summary>
    public required string Period { get; init; }

    public required long SpentMicros { get; init; }

    /// <summary>The sum of the worst cases of all unfinished generations.</summary>
    public required long ReservedMicros { get; init; }

    private sealed class Mapping : IEntityTypeConfiguration<BudgetPeriod>
    {
        public void Configure(EntityTypeBuilder<BudgetPeriod> builder)
        {
            builder.ToTable("BudgetPeriods");
            builder.HasKey(period => new { period.AccountId, period.Upstream, period.Period, period.EndUser });
            builder.Property(period => period.EndUser).HasMaxLength(Accounts.EndUser.LongestId);
            builder.Property(period => period.Upstream).HasMaxLength(16);
            builder.Property(period => period.Period).HasMaxLength(10);
        }
    }
}
