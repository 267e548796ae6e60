using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Generations;

public sealed partial class Generation
{
    /// <summary>In characters.</summary>
    internal const int LongestDoor = 16;

    /// <summary>The indexes of an account's lists, newest first.</summary>
    internal const string
        ByOwner = "IX_Generations_OwnerId_CreatedAt_Number",
        ByOwnerAndStatus = "IX_Generations_OwnerId_Status_CreatedAt_Number";

    /// <summary>The indexes of the lists of all accounts, newest first.</summary>
    internal const string
        ByTime = "IX_Generations_CreatedAt_Number",
        ByModel = "IX_Generations_Model_CreatedAt_Number",
        PinnedOnly = "IX_Generations_Pinned";

    /// <summary>The index of the queue.</summary>
    internal const string UnfinishedOnly = "IX_Generations_Unfinished";

    /// <summary>
    /// "Unfinished" is written as <c>CompletedAt IS NULL</c>, because a partial index serves only a query that says the same words.
    /// </summary>
    private sealed class Mapping : IEntityTypeConfiguration<Generation>
    {
        private const int LongestPrice = 500;
        private const string Unfinished = "\"CompletedAt\" IS NULL";

        public void Configure(EntityTypeBuilder<Generation> builder)
        {
            builder.ToTable("Generations");
            builder.HasKey(generation => generation.Number);
            builder.HasIndex(generation => generation.Id).IsUnique();
            builder.Property(generation => generation.Revision).IsConcurrencyToken();
            builder.Property(generation => generation.Status).HasConversion<string>().HasMaxLength(12);
            builder.Property(generation => generation.Model).HasMaxLength(200);
            builder.Property(generation => generation.Version).HasMaxLength(64);
            builder.Property(generation => generation.Upstream).HasMaxLength(16);
            builder.Property(generation => generation.CacheKey).HasMaxLength(43);
            builder.Property(generation => generation.ReuseKey).HasMaxLength(43);
            builder.Property(generation => generation.FlightKey).HasMaxLength(43);
            builder.Property(generation => generation.Door).HasMaxLength(LongestDoor);
            builder.Property(generation => generation.EndUser).HasMaxLength(Accounts.EndUser.LongestId);
            builder.Property(generation => generation.PredictionId).HasMaxLength(64);
            builder.Property(generation => generation.ErrorCode).HasMaxLength(40);
            builder.Property(generation => generation.ErrorMessage).HasMaxLength(MostErrorCharacters);
            builder.Property(generation => generation.UpstreamEnding).HasConversion<string>().HasMaxLength(12);
            builder.Property(generation => generation.TraceParent).HasMaxLength(55);
            builder.Property(generation => generation.Price).HasMaxLength(LongestPrice);
            builder.ComplexProperty(generation => generation.Lease, lease => lease.Property(held => held.Owner).HasMaxLength(64));
            builder.Ignore(generation => generation.IsUncertain);
            builder.Ignore(generation => generation.WasSent);
            builder.Ignore(generation => generation.IsKeepWarm);
            builder.Ignore(generation => generation.PublicId);

            // Single flight, across processes and restarts.
            builder.HasIndex(generation => generation.FlightKey).IsUnique().HasFilter(Unfinished);
            // Waiting rows by model, for the fair scheduler. Running rows are not in it, so they cost nothing there.
            builder.HasIndex(generation => new { generation.Upstream, generation.Model, generation.Number }, "IX_Generations_Waiting")
                .HasFilter($"{Unfinished} AND \"Lease_Owner\" IS NULL");
            // The queue: as small as the number of open rows, however many rows there are.
            builder.HasIndex(generation => generation.CompletedAt, UnfinishedOnly).HasFilter(Unfinished);
            builder.HasIndex(generation => generation.PredictionId).IsUnique();
            // The requests that a caller may repeat.
            builder.HasIndex(generation => new { generation.Fingerprint, generation.Number })
                .HasFilter("\"Fingerprint\" IS NOT NULL");
            builder.HasIndex(generation => new { generation.CacheKey, generation.Number });
            builder.HasIndex(generation => new { generation.ReuseKey, generation.Number });
            // The order in which retention removes rows.
            builder.HasIndex(generation => new { generation.UsedOn, generation.Fetches, generation.Number });
            builder.HasIndex(generation => new { generation.CreatedAt, generation.Number }, PinnedOnly)
                .HasFilter("\"IsPinned\"");
            // Lists, newest first.
            builder.HasIndex(generation => new { generation.CreatedAt, generation.Number });
            builder.HasIndex(generation => new { generation.Status, generation.CreatedAt, generation.Number });
            builder.HasIndex(generation => new { generation.Model, generation.CreatedAt, generation.Number });
            builder.HasIndex(generation => new { generation.OwnerId, generation.CreatedAt, generation.Number });
            builder.HasIndex(generation => new { generation.OwnerId, generation.Status, generation.CreatedAt, generation.Number });
        }
    }
}
