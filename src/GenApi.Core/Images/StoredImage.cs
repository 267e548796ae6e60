using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Images;

/// <summary>An output that stays, a picture or another file: what is known about it; its bytes are the blob of the same hash. It never changes.</summary>
public sealed class StoredImage
{
    public required Guid Id { get; init; }

    public required Guid GenerationId { get; init; }

    public required FileKind Kind { get; init; }

    public bool IsImage => Kind == FileKind.Image;

    /// <summary><c>image</c> or <c>file</c>, for sentences.</summary>
    public string Word => IsImage ? "image" : "file";

    /// <summary>As callers see it: <c>img_…</c> or <c>fil_…</c>.</summary>
    public string PublicId => Persistence.PublicId.Format(IsImage ? Persistence.PublicId.Image : Persistence.PublicId.File, Id);

    /// <summary>Its place among the files of its generation's output, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>SHA-256 of the bytes, 64 lower-case hexadecimal digits.</summary>
    public required string BlobKey { get; init; }

    public string Sha256 => BlobKey;

    public required string ContentType { get; init; }

    /// <summary>In pixels, as shown: turned and cropped as the file asks for it. Null: it is no picture, or does not tell.</summary>
    public required int? Width { get; init; }

    /// <summary>As <see cref="Width"/>.</summary>
    public required int? Height { get; init; }

    public required long Bytes { get; init; }

    /// <summary>What a download is called; a picture's without the extension.</summary>
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
            builder.Ignore(image => image.IsImage);
            builder.Ignore(image => image.Word);
            builder.Ignore(image => image.PublicId);
            builder.Property(image => image.Id).ValueGeneratedNever();
            builder.Property(image => image.Kind).HasConversion<string>().HasMaxLength(8);
            builder.Property(image => image.BlobKey).HasMaxLength(Blobs.BlobKey.Length);
            builder.Property(image => image.ContentType).HasMaxLength(ImageFormat.LongestContentType);
            builder.Property(image => image.FileName).HasMaxLength(ImageFileName.Longest);
            builder.HasIndex(image => new { image.GenerationId, image.Index }).IsUnique();
            builder.HasIndex(image => image.BlobKey);
        }
    }
}
