using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Models.Catalogue;

/// <summary>
/// What an upstream told about a model, kept so that it can be used while the upstream can't be asked. Per upstream, for what the
/// sandbox knows is not true of Replicate.
/// </summary>
internal sealed class ModelEntry
{
    /// <summary>The room a reference of the longest parts needs.</summary>
    private const int LongestReference = 2 * ModelReference.LongestPart + 66;

    /// <summary><c>replicate</c> or <c>sandbox</c>.</summary>
    public required string Upstream { get; init; }

    /// <summary>As it was asked for: <c>owner/name</c>, or <c>owner/name:version</c>, which never changes.</summary>
    public required string Reference { get; init; }

    public required string Owner { get; set; }

    public required string Name { get; set; }

    /// <summary>The latest when asked without one; null for a model that is run by its name alone.</summary>
    public required string? Version { get; set; }

    public required bool IsOfficial { get; set; }

    /// <summary>The OpenAPI document of the version as JSON; null when the upstream told none.</summary>
    public required string? Schema { get; set; }

    public required DateTimeOffset FetchedAt { get; set; }

    public string? Description { get; set; }

    public long? RunCount { get; set; }

    public string? CoverImageUrl { get; set; }

    /// <summary>A run that the upstream shows as the model's example, see <see cref="ModelExample"/>; null when it shows none.</summary>
    public string? Example { get; set; }

    /// <summary>
    /// When the four above were read. Null where nobody tells them: of a pinned version, whose model has a row of its own, and of rows from
    /// before they were kept.
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
