using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Persistence;

/// <summary>A secret of the store in the database, encrypted. Only stores that several instances may use have any.</summary>
public sealed class StoredSecret
{
    /// <summary>The name of the secret.</summary>
    public string Name { get; init; } = "";

    /// <summary>The encrypted secret.</summary>
    public byte[] Value { get; set; } = [];

    /// <summary>The time when it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    private sealed class Mapping : IEntityTypeConfiguration<StoredSecret>
    {
        public void Configure(EntityTypeBuilder<StoredSecret> builder)
        {
            builder.ToTable("Secrets");
            builder.HasKey(secret => secret.Name);
            builder.Property(secret => secret.Name).HasMaxLength(128);
        }
    }
}
