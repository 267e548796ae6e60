using GenApi.Core.Images;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Uploads;

/// <summary>
/// An image or another file from outside, for use as an input. Its bytes are the blob with the same hash, shared with other rows of equal
/// bytes. It stays while it is used, and for <see cref="UploadsOptions.KeepHours"/> after its last use.
/// </summary>
public sealed class Upload
{
    /// <summary>Of a file name, in characters.</summary>
    public const int LongestName = 255;

    public required Guid Id { get; init; }

    /// <summary>The account that owns it; all zeros for uploads from before there were accounts.</summary>
    public required Guid OwnerId { get; init; }

    /// <summary>SHA-256 of the bytes, 64 lower-case hexadecimal digits.</summary>
    public required string BlobKey { get; init; }

    public string Sha256 => BlobKey;

    public required string ContentType { get; init; }

    /// <summary>In pixels, as displayed: rotated and cropped as the file asks. 0 for a file that has no size in pixels.</summary>
    public required int Width { get; init; }

    public required int Height { get; init; }

    public required long Bytes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last saved use; <see cref="UploadUses"/> may know of a later one.</summary>
    public required DateTimeOffset LastUsedAt { get; init; }

    /// <summary>True if it was made here, from a data URI or a mask: the same bytes do not become a second one.</summary>
    public required bool IsOurs { get; init; }

    /// <summary>The hash of the mask that this upload inverts; null for everything else.</summary>
    public required string? InverseOf { get; init; }

    /// <summary>The file name that the caller gave; null: none.</summary>
    public string? Name { get; init; }

    /// <summary>The caller's own facts about it, as a JSON object; null: none.</summary>
    public string? Metadata { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Upload>
    {
        public void Configure(EntityTypeBuilder<Upload> builder)
        {
            builder.ToTable("Uploads");
            builder.HasKey(upload => upload.Id);
            builder.Ignore(upload => upload.Sha256);
            builder.Property(upload => upload.Id).ValueGeneratedNever();
            builder.Property(upload => upload.BlobKey).HasMaxLength(Blobs.BlobKey.Length);
            builder.Property(upload => upload.ContentType).HasMaxLength(ImageFormat.LongestContentType);
            builder.Property(upload => upload.Name).HasMaxLength(LongestName);
            builder.Property(upload => upload.InverseOf).HasMaxLength(Blobs.BlobKey.Length);
            builder.HasIndex(upload => upload.BlobKey);
            builder.HasIndex(upload => upload.LastUsedAt);
            builder.HasIndex(upload => upload.InverseOf).HasFilter("\"InverseOf\" IS NOT NULL");
        }
    }
}
