using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Generations.Worker;

/// <summary>A report of the upstream about a generation that another instance works on.</summary>
public sealed class PredictionNotice
{
    /// <summary>The order in which notices came.</summary>
    public long Number { get; private init; }

    /// <summary>The generation that it is about.</summary>
    public Guid GenerationId { get; init; }

    /// <summary>The JSON of the report.</summary>
    public string Body { get; init; } = "";

    /// <summary>The time at which it came, by the clock of the database.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    private sealed class Mapping : IEntityTypeConfiguration<PredictionNotice>
    {
        public void Configure(EntityTypeBuilder<PredictionNotice> builder)
        {
            builder.ToTable("PredictionNotices");
            builder.HasKey(notice => notice.Number);
            builder.HasIndex(notice => notice.GenerationId);
        }
    }
}
