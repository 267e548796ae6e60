using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Blobs;

/// <summary>
/// The planned removal of bytes that no row names any more, where several instances share the store. It lasts longer than the longest
/// upload, so an instance that is storing the same bytes meanwhile notices it.
/// </summary>
public sealed class BlobRemoval
{
    /// <summary>The key of the blob.</summary>
    public string Key { get; init; } = "";

    /// <summary>The time from which the bytes may be removed, by the clock of the database.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>The time when the removal began, by the clock of the database; null: it has not.</summary>
    public DateTimeOffset? BeganAt { get; set; }

    /// <summary>The time when the bytes were gone, by the clock of the database; null: they may be there.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    private sealed class Mapping : IEntityTypeConfiguration<BlobRemoval>
    {
        public void Configure(EntityTypeBuilder<BlobRemoval> builder)
        {
            builder.ToTable("BlobRemovals");
            builder.HasKey(removal => removal.Key);
            builder.Property(removal => removal.Key).HasMaxLength(64);
            builder.HasIndex(removal => removal.DueAt);
        }
    }
}
