using System.Data;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Images;

/// <summary>A stored output, an image or another file. Its bytes are the blob with the same hash, and never change.</summary>
public sealed class StoredImage
{
    /// <summary>In bytes.</summary>
    public const int LongestThumbHash = 25;

    public required Guid Id { get; init; }

    public required Guid GenerationId { get; init; }

    public required FileKind Kind { get; init; }

    public bool IsImage => Kind == FileKind.Image;

    /// <summary><c>image</c> or <c>file</c>, for use in sentences.</summary>
    public string Word => IsImage ? "image" : "file";

    /// <summary>The id that callers see: <c>img_…</c> or <c>fil_…</c>.</summary>
    public string PublicId => Persistence.PublicId.Format(IsImage ? Persistence.PublicId.Image : Persistence.PublicId.File, Id);

    /// <summary>The position among the files of its generation's output, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>SHA-256 of the bytes, 64 lower-case hexadecimal digits.</summary>
    public required string BlobKey { get; init; }

    public string Sha256 => BlobKey;

    public required string ContentType { get; init; }

    /// <summary>
    /// In pixels, as displayed: rotated and cropped as the file asks. Null if it is neither an image nor a video, or does not state its
    /// size.
    /// </summary>
    public required int? Width { get; init; }

    /// <summary>As <see cref="Width"/>.</summary>
    public required int? Height { get; init; }

    public required long Bytes { get; init; }

    /// <summary>The file name of a download; an image's is without the extension.</summary>
    public required string FileName { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The length of a video or sound in milliseconds; null if it is neither, or its container does not state it.</summary>
    public long? DurationMs { get; init; }

    /// <summary>
    /// The image as a blur of at most <see cref="LongestThumbHash"/> bytes (ThumbHash, https://evanw.github.io/thumbhash). Null: not
    /// computed yet. Empty: it can't be computed.
    /// </summary>
    public byte[]? ThumbHash { get; private set; }

    /// <summary>
    /// Since when it is in the bin, where no caller sees it, by the <see cref="Persistence.SteadyClock"/> of the process that put it there;
    /// null: it is not.
    /// </summary>
    public DateTimeOffset? BinnedAt { get; private set; }

    /// <summary>True if it is in the bin.</summary>
    public bool IsBinned => BinnedAt is not null;

    /// <summary>
    /// Since when its bytes are known to be lost, as recorded by a repair; the next check does not report it again. Null: they are there.
    /// </summary>
    public DateTimeOffset? LostAt { get; private set; }

    /// <summary>The statements about its rows. A test compares the columns with <see cref="Mapping"/>.</summary>
    internal static RowTable<StoredImage> Rows { get; } = new(
        "Images", number: null, read: null, identity: null,
        [
            new("Id", DbType.Guid, static row => row.Id),
            new("GenerationId", DbType.Guid, static row => row.GenerationId),
            new("Kind", DbType.String, static row => row.Kind.ToString()),
            new("Index", DbType.Int32, static row => row.Index),
            new("BlobKey", DbType.String, static row => row.BlobKey),
            new("ContentType", DbType.String, static row => row.ContentType),
            new("Width", DbType.Int32, static row => row.Width),
            new("Height", DbType.Int32, static row => row.Height),
            new("Bytes", DbType.Int64, static row => row.Bytes),
            new("FileName", DbType.String, static row => row.FileName),
            new("CreatedAt", DbType.Int64, static row => row.CreatedAt.UtcTicks),
            new("DurationMs", DbType.Int64, static row => row.DurationMs),
            new("ThumbHash", DbType.Binary, static row => row.ThumbHash),
            new("BinnedAt", DbType.Int64, static row => row.BinnedAt?.UtcTicks),
            new("LostAt", DbType.Int64, static row => row.LostAt?.UtcTicks),
        ]);

    internal sealed class Mapping : IEntityTypeConfiguration<StoredImage>
    {
        public void Configure(EntityTypeBuilder<StoredImage> builder)
        {
            builder.ToTable("Images");
            builder.HasKey(image => image.Id);
            builder.Ignore(image => image.Sha256);
            builder.Ignore(image => image.IsImage);
            builder.Ignore(image => image.Word);
            builder.Ignore(image => image.IsBinned);
            builder.Ignore(image => image.PublicId);
            builder.Property(image => image.Id).ValueGeneratedNever();
            builder.Property(image => image.Kind).HasConversion<string>().HasMaxLength(8);
            builder.Property(image => image.BlobKey).HasMaxLength(Blobs.BlobKey.Length);
            builder.Property(image => image.ContentType).HasMaxLength(ImageFormat.LongestContentType);
            builder.Property(image => image.FileName).HasMaxLength(ImageFileName.Longest);
            builder.HasIndex(image => new { image.GenerationId, image.Index }).IsUnique();
            builder.HasIndex(image => image.BlobKey);
            builder.Property(image => image.ThumbHash).HasMaxLength(LongestThumbHash);
            // As small as the number of images without one.
            builder.HasIndex(image => image.CreatedAt, "IX_Images_WithoutThumbHash")
                .HasFilter("\"Kind\" = 'Image' AND \"ThumbHash\" IS NULL");
            builder.HasIndex(image => image.BinnedAt).HasFilter("\"BinnedAt\" IS NOT NULL");
        }
    }
}
