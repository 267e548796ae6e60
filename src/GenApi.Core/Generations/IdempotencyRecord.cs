using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Generations;

/// <summary>
/// Records which generation was made under a caller's <c>Idempotency-Key</c>. It outlives the generation, so a deleted one is not made
/// again.
/// </summary>
internal sealed class IdempotencyRecord
{
    /// <summary>The time for which a key is remembered.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    /// <summary>The scope of keys from before each belonged to an account. An act under one of these stays done for every caller.</summary>
    public const string Everyone = "everyone";

    public required string Scope { get; init; }

    public required string Key { get; init; }

    public required string BodyHash { get; init; }

    public required Guid GenerationId { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<IdempotencyRecord>
    {
        public void Configure(EntityTypeBuilder<IdempotencyRecord> builder)
        {
            builder.ToTable("IdempotencyKeys");
            builder.HasKey(record => new { record.Scope, record.Key });
            builder.Property(record => record.Scope).HasMaxLength(64);
            builder.Property(record => record.Key).HasMaxLength(255);
            builder.Property(record => record.BodyHash).HasMaxLength(64);
            builder.HasIndex(record => record.ExpiresAt);
        }
    }
}
