using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Cluster;

/// <summary>
/// A change that other instances must learn of. The database writes it in the transaction of the change. It carries no data, because the
/// row is the truth.
/// </summary>
public sealed class StoreChange
{
    /// <summary>The position, in the order of the commits.</summary>
    public long Seq { get; private init; }

    /// <summary>The kind of thing that has changed.</summary>
    public StoreChangeKind Kind { get; init; }

    /// <summary>The id of what has changed.</summary>
    public Guid Subject { get; init; }

    /// <summary>
    /// The <see cref="GenerationMarks"/> of a generation, a key's revision, the number of a granted generation or of a notice, 1 for an
    /// image and 0 for another output; null for the rest.
    /// </summary>
    public long? Number { get; init; }

    /// <summary>The account that it is about, or the generation to which an output belongs; null: all.</summary>
    public Guid? Account { get; init; }

    /// <summary>The id of the instance that wrote it; null: another program.</summary>
    public string? Source { get; init; }

    /// <summary>The time when it was written, by the clock of the database.</summary>
    public DateTimeOffset At { get; init; }

    private sealed class Mapping : IEntityTypeConfiguration<StoreChange>
    {
        public void Configure(EntityTypeBuilder<StoreChange> builder)
        {
            builder.ToTable("Changes");
            builder.HasKey(change => change.Seq);
            builder.Property(change => change.Source).HasMaxLength(ClusterMember.LongestId);
            builder.HasIndex(change => change.At);
        }
    }
}

/// <summary>The kinds of changes. Their numbers are in the database and in its triggers.</summary>
public enum StoreChangeKind
{
    /// <summary>A generation was made or looks different now.</summary>
    Generation = 1,

    /// <summary>A generation is gone.</summary>
    GenerationRemoved = 2,

    /// <summary>An account sees the generation from now on.</summary>
    Grant = 3,

    /// <summary>An account no longer sees the generation.</summary>
    GrantRemoved = 4,

    /// <summary>An output was stored, restored from the bin, or changed.</summary>
    Output = 5,

    /// <summary>An output went to the bin, or is gone.</summary>
    OutputRemoved = 6,

    /// <summary>A key was made, changed or revoked.</summary>
    Key = 7,

    /// <summary>An upload was stored or changed.</summary>
    Upload = 8,

    /// <summary>An upload is gone.</summary>
    UploadRemoved = 9,

    /// <summary>A variant of an image is gone.</summary>
    VariantRemoved = 10,

    /// <summary>Somebody asks for the end of a generation.</summary>
    Cancel = 11,

    /// <summary>The upstream has reported something about a generation.</summary>
    PredictionNotice = 12,

    /// <summary>A setting or secret in the store has changed.</summary>
    Setting = 13,

    /// <summary>An account has changed its tags of an image.</summary>
    Tags = 14,

    /// <summary>
    /// Somebody follows the steps of a generation at the instance that wrote this, or all generations of an account. No trigger writes it.
    /// </summary>
    Followed = 15,
}
