using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Images;

/// <summary>A tag that an account gave to an image. Other accounts do not see it.</summary>
internal sealed class ImageTag
{
    /// <summary>In characters.</summary>
    public const int Longest = 64;

    /// <summary>The index of the list of an account's images with one tag, newest first.</summary>
    public const string ByTag = "IX_ImageTags_AccountId_Tag_GenerationCreatedAt_GenerationNumber";

    public required Guid AccountId { get; init; }

    public required string Tag { get; init; }

    public required Guid ImageId { get; init; }

    /// <summary>The time at which the image's generation was made: with <see cref="GenerationNumber"/> its position in lists.</summary>
    public required DateTimeOffset GenerationCreatedAt { get; init; }

    /// <summary>The number of the image's generation.</summary>
    public required long GenerationNumber { get; init; }

    /// <summary>Removes what an account tagged in a generation that it no longer sees, in the writer's transaction.</summary>
    public static async Task RemoveAsync(GenApiDbContext db, Guid account, Guid generation, CancellationToken cancellationToken)
    {
        var images = await db.Set<StoredImage>().Where(image => image.GenerationId == generation).Select(image => image.Id)
            .ToListAsync(cancellationToken);
        await db.Set<ImageTag>().Where(tag => tag.AccountId == account && images.Contains(tag.ImageId))
            .ExecuteDeleteAsync(cancellationToken);
    }

    private sealed class Mapping : IEntityTypeConfiguration<ImageTag>
    {
        public void Configure(EntityTypeBuilder<ImageTag> builder)
        {
            builder.ToTable("ImageTags");
            builder.HasKey(tag => new { tag.AccountId, tag.Tag, tag.ImageId });
            builder.Property(tag => tag.Tag).HasMaxLength(Longest);
            builder.HasIndex(tag => tag.ImageId);
            // The order of lists.
            builder.HasIndex(tag => new { tag.AccountId, tag.Tag, tag.GenerationCreatedAt, tag.GenerationNumber });
        }
    }
}
