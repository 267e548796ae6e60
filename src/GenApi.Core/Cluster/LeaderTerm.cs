using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Cluster;

/// <summary>The instance that leads, and the end of its term. Every change of the leader makes the term grow.</summary>
public sealed class LeaderTerm
{
    /// <summary>The name of the work that is led; there is one row for each.</summary>
    public string Name { get; init; } = "";

    /// <summary>The id of the instance that leads.</summary>
    public string Holder { get; set; } = "";

    /// <summary>The number of the term; 1 or more.</summary>
    public long Term { get; set; }

    /// <summary>The time when the term ends unless it is renewed, by the clock of the database.</summary>
    public DateTimeOffset Until { get; set; }

    private sealed class Mapping : IEntityTypeConfiguration<LeaderTerm>
    {
        public void Configure(EntityTypeBuilder<LeaderTerm> builder)
        {
            builder.ToTable("LeaderTerms");
            builder.HasKey(term => term.Name);
            builder.Property(term => term.Name).HasMaxLength(32);
            builder.Property(term => term.Holder).HasMaxLength(ClusterMember.LongestId);
        }
    }
}
