using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Webhooks;

/// <summary>A receiver for the events of an unfinished generation. The row is deleted with the last event.</summary>
internal sealed class WebhookSubscription
{
    public long Number { get; private set; }

    /// <summary>The id of the generation. This room does not know what it is.</summary>
    public required Guid SubjectId { get; init; }

    /// <inheritdoc cref="WebhookTarget.AccountId"/>
    public required Guid AccountId { get; init; }

    public required string Url { get; init; }

    public required WebhookEvents Events { get; init; }

    public required string BaseUrl { get; init; }

    public WebhookTarget Target => new(Url, Events, BaseUrl) { AccountId = AccountId };

    private sealed class Mapping : IEntityTypeConfiguration<WebhookSubscription>
    {
        public void Configure(EntityTypeBuilder<WebhookSubscription> builder)
        {
            builder.ToTable("WebhookSubscriptions");
            builder.HasKey(subscription => subscription.Number);
            builder.Property(subscription => subscription.Url).HasMaxLength(WebhookTargets.LongestUrl);
            builder.Ignore(subscription => subscription.Target);
            builder.HasIndex(subscription => subscription.SubjectId);
        }
    }
}
