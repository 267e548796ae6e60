using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Accounts;

/// <summary>The last known email address and name of an <see cref="EndUser"/>, for reports.</summary>
internal sealed class EndUserRecord
{
    public required Guid AccountId { get; init; }

    /// <inheritdoc cref="EndUser.Id"/>
    public required string Id { get; init; }

    public required string? Email { get; init; }

    public required string? Name { get; init; }

    /// <summary>The time at which email address or name last changed.</summary>
    public required DateTimeOffset SeenAt { get; init; }

    private sealed class Mapping : IEntityTypeConfiguration<EndUserRecord>
    {
        public void Configure(EntityTypeBuilder<EndUserRecord> builder)
        {
            builder.ToTable("EndUsers");
            builder.HasKey(user => new { user.AccountId, user.Id });
            builder.Property(user => user.Id).HasMaxLength(EndUser.LongestId);
            builder.Property(user => user.Email).HasMaxLength(EndUser.LongestEmail);
            builder.Property(user => user.Name).HasMaxLength(EndUser.LongestName);
        }
    }
}
