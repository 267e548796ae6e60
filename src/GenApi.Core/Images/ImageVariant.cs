using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Images;

/// <summary>A kept variant of an image: another size or format, made once. It can be made again at any time.</summary>
public sealed class ImageVariant
{
    /// <summary>In characters.</summary>
    public const int LongestRecipe = 100;

    public required Guid Id { get; init; }

    /// <summary>The image it was made from.</summary>
    public required Guid ImageId { get; init; }

    /// <summary>Everything that decides the bytes besides the original, in one normal form.</summary>
    public required string Recipe { get; init; }

    /// <summary>SHA-256 of the bytes, 64 lower-case hexadecimal digits.</summary>
    public required string BlobKey { get; init; }

    public required string ContentType { get; init; }

    /// <summary>In pixels.</summary>
    public required int Width { get; init; }

    /// <inheritdoc cref="Width"/>
    public required int Height { get; init; }

    public required long Bytes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The day of its last use, on which the order of removal depends.</summary>
    public required DateOnly UsedOn { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ImageVariant>
    {
        public void Configure(EntityTypeBuilder<ImageVariant> builder)
        {
            builder.ToTable("ImageVariants");
            builder.HasKey(variant => variant.Id);
            builder.Property(variant => variant.Id).ValueGeneratedNever();
            builder.Property(variant => variant.Recipe).HasMaxLength(LongestRecipe);
            builder.Property(variant => variant.BlobKey).HasMaxLength(Blobs.BlobKey.Length);
            builder.Property(variant => variant.ContentType).HasMaxLength(ImageFormat.LongestContentType);
            builder.HasIndex(variant => new { variant.ImageId, variant.Recipe }).IsUnique();
            builder.HasIndex(variant => variant.BlobKey);
            // The order of removal.
            builder.HasIndex(variant => new { variant.UsedOn, variant.CreatedAt });
        }
    }
}
