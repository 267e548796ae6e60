using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Accounts.Budgets;

/// <summary>
/// What an account has spent in a day, in a month or altogether, and what its unfinished generations may come to. It is kept whether or not there is a limit, so that
/// one that is set later counts from the beginning. The limits themselves are elsewhere.
/// </summary>
public sealed class BudgetPeriod
{
    /// <summary>Or <see cref="BudgetReservations.AllAccounts"/>.</summary>
    public required Guid AccountId { get; init; }

    /// <summary><c>replicate</c> or <c>sandbox</c>: what is tried out takes nothing from what is real.</summary>
    public required string Upstream { get; init; }

    /// <summary><c>2026-01-31</c>, <c>2026-01</c>, or empty for altogether; in UTC, by the moment at which a generation was accepted.</summary>
    public required string Period { get; init; }

    public required long SpentMicros { get; init; }

    /// <summary>The sum of the worst cases of what is unfinished.</summary>
    public required long ReservedMicros { get; init; }

    private sealed class Mapping : IEntityTypeConfiguration<BudgetPeriod>
    {
        public void Configure(EntityTypeBuilder<BudgetPeriod> builder)
        {
            builder.ToTable("BudgetPeriods");
            builder.HasKey(period => new { period.AccountId, period.Upstream, period.Period });
            builder.Property(period => period.Upstream).HasMaxLength(16);
            builder.Property(period => period.Period).HasMaxLength(10);
        }
    }
}
