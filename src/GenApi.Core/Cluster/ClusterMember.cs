using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Cluster;

/// <summary>An instance of the service that uses the store, for as long as its row lasts.</summary>
public sealed class ClusterMember
{
    /// <summary>The longest id, in characters.</summary>
    internal const int LongestId = 64;

    /// <summary>The name under which the instance holds leases. Every start makes another one.</summary>
    public string Id { get; init; } = "";

    /// <summary>The name of its machine or container, for people.</summary>
    public string Host { get; init; } = "";

    /// <summary>The version of its program.</summary>
    public string Version { get; init; } = "";

    /// <summary>The time when it joined, by the clock of the database.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The time when its leases end unless it renews them, by the clock of the database.</summary>
    public DateTimeOffset AliveUntil { get; set; }

    private sealed class Mapping : IEntityTypeConfiguration<ClusterMember>
    {
        public void Configure(EntityTypeBuilder<ClusterMember> builder)
        {
            builder.ToTable("Instances");
            builder.HasKey(member => member.Id);
            builder.Property(member => member.Id).HasMaxLength(LongestId);
            builder.Property(member => member.Host).HasMaxLength(256);
            builder.Property(member => member.Version).HasMaxLength(64);
        }
    }
}
