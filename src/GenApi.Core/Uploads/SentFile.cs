using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Uploads;

/// <summary>Bytes that GenApi has sent to an upstream, recorded so that they are sent only once while the upstream stores them.</summary>
internal sealed class SentFile
{
    private const int LongestId = 128, LongestUrl = 2048;

    /// <summary><c>replicate</c> or <c>sandbox</c>.</summary>
    public required string Upstream { get; init; }

    public required string Sha256 { get; init; }

    /// <summary>The upstream's id of the file.</summary>
    public required string FileId { get; set; }

    /// <summary>The address by which an input names this file.</summary>
    public required string Url { get; set; }

    public required DateTimeOffset ExpiresAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<SentFile>
    {
        public void Configure(EntityTypeBuilder<SentFile> builder)
        {
            builder.ToTable("SentFiles");
            builder.HasKey(file => new { file.Upstream, file.Sha256 });
            builder.Property(file => file.Upstream).HasMaxLength(16);
            builder.Property(file => file.Sha256).HasMaxLength(Blobs.BlobKey.Length);
            builder.Property(file => file.FileId).HasMaxLength(LongestId);
            builder.Property(file => file.Url).HasMaxLength(LongestUrl);
            builder.HasIndex(file => file.Url);
        }
    }
}
