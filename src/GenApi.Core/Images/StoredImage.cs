using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Images;

/// <summary>An output that stays: what is known about it; its bytes are the blob of the same hash. It never changes.</summary>
public sealed class StoredImage
{
    public required Guid Id { get; init; }

    public required Guid GenerationId { get; init; }

    /// <summary>Its place among the outputs of its generation, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>SHA-256 of the bytes, 64 lower-case hexadecimal digits.</summary>
    public required string BlobKey { get; init; }

    public string Sha256 => BlobKey;

    public required string ContentType { get; init; }

    /// <summary>In pixels, as stored: a rotation asked for by metadata is not applied.</summary>
    public required int Width { get; init; }

    public required int Height { get; init; }

    public required long Bytes { get; init; }

    /// <summary>What a download is called, without the extension.</summary>
    public required string FileName { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when its bytes are known to be lost, as a repair of the store wrote it: no news in the next check. Null: they are there.</summary>
    public DateTimeOffset? LostAt { get; private set; }

    internal sealed class Mapping : IEntityTypeConfiguration<StoredImage>
    {
        public void Configure(EntityTypeBuilder<StoredImage> builder)
        {
            builder.ToTable("Images");
            builder.HasKey(image => image.Id);
            builder.Ignore(image => image.Sha256);
            builder.Property(image => image.Id).ValueGeneratedNever();
            builder.Property(image => image.BlobKey).HasMaxLength(Blobs.BlobKey.Length);
            builder.Property(image => image.ContentType).HasMaxLength(ImageFormat.LongestContentType);
            builder.Property(image => image.FileName).HasMaxLength(ImageFileName.Longest);
            builder.HasIndex(image => new { image.GenerationId, image.Index }).IsUnique();
            builder.HasIndex(image => image.BlobKey);
        }
    }
}
