using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Cluster;

/// <summary>A limit that all instances share, such as the upstream's limit per account.</summary>
public sealed class SharedRate
{
    /// <summary>The name of what is limited.</summary>
    public string Name { get; init; } = "";

    /// <summary>The tokens that were left at <see cref="At"/>.</summary>
    public double Tokens { get; set; }

    /// <summary>The time at which they were counted, by the clock of the database.</summary>
    public DateTimeOffset At { get; set; }

    private sealed class Mapping : IEntityTypeConfiguration<SharedRate>
    {
        public void Configure(EntityTypeBuilder<SharedRate> builder)
        {
            builder.ToTable("SharedRates");
            builder.HasKey(rate => rate.Name);
            builder.Property(rate => rate.Name).HasMaxLength(128);
        }
    }
}
