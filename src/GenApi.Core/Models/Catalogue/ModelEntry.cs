using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Models.Catalogue;

/// <summary>
/// An upstream's description of a model, stored so that the model stays usable while the upstream can't be asked. It is stored per
/// upstream, because the sandbox's description does not hold for Replicate.
/// </summary>
internal sealed class ModelEntry
{
    /// <summary>The length of the longest possible reference.</summary>
    private const int LongestReference = 2 * ModelReference.LongestPart + 66;

    /// <summary><c>replicate</c> or <c>sandbox</c>.</summary>
    public required string Upstream { get; init; }

    /// <summary>The reference that was asked for: <c>owner/name</c>, or <c>owner/name:version</c>, which never changes.</summary>
    public required string Reference { get; init; }

    public required string Owner { get; set; }

    public required string Name { get; set; }

    /// <summary>The latest version if none was named; null for a model that is run by its name alone.</summary>
    public required string? Version { get; set; }

    public required bool IsOfficial { get; set; }

    /// <summary>The OpenAPI document of the version as JSON; null if the upstream has none.</summary>
    public required string? Schema { get; set; }

    public required DateTimeOffset FetchedAt { get; set; }

    public string? Description { get; set; }

    public long? RunCount { get; set; }

    public string? CoverImageUrl { get; set; }

    /// <summary>A run that the upstream shows as the model's example, see <see cref="ModelExample"/>; null if it shows none.</summary>
    public string? Example { get; set; }

    /// <summary>
    /// The time at which the four members above were read. Null for a pinned version, whose model has its own row, and for rows from before
    /// these members were stored.
    /// </summary>
    public DateTimeOffset? DescribedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<ModelEntry>
    {
        public void Configure(EntityTypeBuilder<ModelEntry> builder)
        {
            builder.ToTable("Models");
            builder.HasKey(entry => new { entry.Upstream, entry.Reference });
            builder.Property(entry => entry.Upstream).HasMaxLength(16);
            builder.Property(entry => entry.Reference).HasMaxLength(LongestReference);
            builder.Property(entry => entry.Owner).HasMaxLength(ModelReference.LongestPart);
            builder.Property(entry => entry.Name).HasMaxLength(ModelReference.LongestPart);
            builder.Property(entry => entry.Version).HasMaxLength(ModelReference.VersionDigits);
        }
    }
}
