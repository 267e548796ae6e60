using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Accounts.Usage;

/// <summary>
/// The sum of all ledger lines of a day (UTC) with the same account, end user, model, upstream and status. Reports read it, so a month of
/// a million lines costs some thousand rows. Only the database's own triggers write it.
/// </summary>
public sealed class UsageDay
{
    public DateOnly Day { get; private init; }

    public Guid AccountId { get; private init; }

    /// <inheritdoc cref="UsageEntry.EndUser"/>
    public string EndUser { get; private init; } = "";

    public string Model { get; private init; } = "";

    public string Upstream { get; private init; } = "";

    /// <inheritdoc cref="UsageEntry.Status"/>
    public string Status { get; private init; } = "";

    public long Runs { get; private init; }

    public long Hits { get; private init; }

    public long Joined { get; private init; }

    public long Images { get; private init; }

    public long PredictMilliseconds { get; private init; }

    public long CostMicros { get; private init; }

    public long SavedMicros { get; private init; }

    /// <summary>Runs with an unknown cost, because their model has no price.</summary>
    public long Unpriced { get; private init; }

    private sealed class Mapping : IEntityTypeConfiguration<UsageDay>
    {
        public void Configure(EntityTypeBuilder<UsageDay> builder)
        {
            builder.ToTable("UsageDays");
            builder.HasKey(day => new { day.Day, day.AccountId, day.Model, day.Upstream, day.Status, day.EndUser });
            builder.Property(day => day.EndUser).HasMaxLength(Accounts.EndUser.LongestId);
            builder.Property(day => day.Model).HasMaxLength(201);
            builder.Property(day => day.Upstream).HasMaxLength(16);
            builder.Property(day => day.Status).HasMaxLength(12);
        }
    }
}
