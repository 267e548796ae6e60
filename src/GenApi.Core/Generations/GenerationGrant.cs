using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Generations;

/// <summary>Records that an account was answered with another account's generation, and sees it from then on.</summary>
internal sealed class GenerationGrant
{
    public required Guid AccountId { get; init; }

    /// <summary>
    /// The time at which the generation was made. With <see cref="Number"/>, it gives the position in the account's list.
    /// </summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <inheritdoc cref="Generation.Number"/>
    public required long Number { get; init; }

    private sealed class Mapping : IEntityTypeConfiguration<GenerationGrant>
    {
        public void Configure(EntityTypeBuilder<GenerationGrant> builder)
        {
            builder.ToTable("GenerationGrants");
            // The order of lists.
            builder.HasKey(grant => new { grant.AccountId, grant.CreatedAt, grant.Number });
            builder.HasIndex(grant => grant.Number);
        }
    }
}
