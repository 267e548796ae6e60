using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Generations;

/// <summary>Generations that one request of a door became, and how the door answers it when they have ended.</summary>
internal sealed class GenerationBatch
{
    /// <summary>The time for which a batch is kept. Its generations are found by their own ids as long as they exist.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    public required Guid Id { get; init; }

    /// <summary>The account that asked.</summary>
    public required Guid AccountId { get; init; }

    /// <inheritdoc cref="Generation.Door"/>
    public required string Door { get; init; }

    /// <summary>The ids of the generations in the order of the answer, as a JSON array.</summary>
    public required string Generations { get; init; }

    /// <summary>The parts of the request that shape the answer, as a JSON object that the door reads again.</summary>
    public required string Answer { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    private sealed class Mapping : IEntityTypeConfiguration<GenerationBatch>
    {
        public void Configure(EntityTypeBuilder<GenerationBatch> builder)
        {
            builder.ToTable("GenerationBatches");
            builder.HasKey(batch => batch.Id);
            builder.Property(batch => batch.Id).ValueGeneratedNever();
            builder.Property(batch => batch.Door).HasMaxLength(Generation.LongestDoor);
            builder.HasIndex(batch => batch.CreatedAt);
        }
    }
}
