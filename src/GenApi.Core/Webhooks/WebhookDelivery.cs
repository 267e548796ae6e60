using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Core.Network;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Webhooks;

/// <summary>
/// One message to one receiver, from the transaction in which its cause happened until it has arrived or was given up. Its id and its body never change, so a
/// receiver that gets it twice can tell.
/// </summary>
public sealed class WebhookDelivery
{
    /// <summary>Attempts told; what is older is dropped.</summary>
    private const int MostKept = 50;

    private WebhookDelivery()
    {
    }

    /// <summary>Order of their making; inside the database only.</summary>
    public long Number { get; private set; }

    /// <summary>The <c>webhook-id</c>.</summary>
    public Guid Id { get; private init; }

    /// <summary>The generation it tells about.</summary>
    public Guid SubjectId { get; private init; }

    /// <summary>The account that asked for it; all zeros for what was asked for before there were accounts.</summary>
    public Guid AccountId { get; private init; }

    public WebhookEvents Event { get; private init; }

    public string Url { get; private init; } = "";

    /// <summary>Host and port in their normal form, for fairness between receivers.</summary>
    public string Host { get; private init; } = "";

    /// <summary>The JSON that is sent.</summary>
    public string Body { get; private init; } = "";

    public DateTimeOffset CreatedAt { get; private init; }

    public WebhookDeliveryState State { get; private set; }

    /// <summary>By the <see cref="SteadyClock"/> of the process that wrote it. Null when it is not tried any more.</summary>
    public DateTimeOffset? NextAttemptAt { get; private set; }

    public DateTimeOffset? DeliveredAt { get; private set; }

    /// <summary>Attempts of the present round.</summary>
    public int Tries { get; private set; }

    /// <summary>Grows when somebody asks for it again: an attempt of an earlier round then decides nothing.</summary>
    public int Round { get; private set; }

    /// <summary>JSON; see <see cref="Attempts"/>.</summary>
    public string AttemptLog { get; private set; } = "[]";

    /// <summary>Oldest first, the last fifty.</summary>
    public IReadOnlyList<WebhookAttempt> Attempts => JsonSerializer.Deserialize<WebhookAttempt[]>(AttemptLog)!;

    internal static WebhookDelivery Of(
        Guid subject, WebhookEvents what, WebhookTarget target, string body, DateTimeOffset now, DateTimeOffset due) => new()
        {
            Id = Guid.CreateVersion7(now),
            SubjectId = subject,
            AccountId = target.AccountId,
            Event = what,
            Url = target.Url,
            Host = HostOf(new Uri(target.Url)),
            Body = body,
            CreatedAt = now,
            NextAttemptAt = due,
        };

    private static string HostOf(Uri url) =>
        !NetworkHost.TryOf(url, out var host) ? url.Authority : url.IsDefaultPort ? $"{host}" : $"{host}:{url.Port}";

    /// <param name="attempt">What came of it.</param>
    /// <param name="round">In which it was made.</param>
    /// <param name="now">The time, as callers are told it.</param>
    /// <param name="steadyNow">The time by which it is due again.</param>
    internal void Record(WebhookAttempt attempt, int round, DateTimeOffset now, DateTimeOffset steadyNow)
    {
        AttemptLog = JsonSerializer.Serialize(Attempts.Append(attempt).TakeLast(MostKept));
        if (attempt.IsAccepted)
            DeliveredAt ??= now;
        if (round != Round)
            return;
        var pause = WebhookSchedule.PauseAfter(Event, ++Tries);
        (State, NextAttemptAt) = attempt switch
        {
            { IsAccepted: true } => (WebhookDeliveryState.Delivered, null),
            { IsGone: true } => (WebhookDeliveryState.Gone, null),
            _ when pause is null => (WebhookDeliveryState.Failed, null),
            // The receiver knows better when it can be reached; our schedule is only the least.
            _ => (WebhookDeliveryState.Pending, steadyNow + (attempt.RetryAfter > pause ? attempt.RetryAfter : pause)),
        };
    }

    /// <summary>No further ahead than the last pause was, wherever the wall clock has been set since.</summary>
    internal void PullIn(DateTimeOffset steadyNow)
    {
        var pause = WebhookSchedule.LongestAfter(Tries);
        var latest = steadyNow + (Attempts is [.., { RetryAfter: { } asked }] && asked > pause ? asked : pause);
        if (NextAttemptAt > latest)
            NextAttemptAt = latest;
    }

    /// <summary>Again from the beginning of the schedule, whatever became of it before.</summary>
    internal void Redeliver(DateTimeOffset steadyNow)
    {
        Round++;
        Tries = 0;
        State = WebhookDeliveryState.Pending;
        NextAttemptAt = steadyNow;
    }

    private sealed class Mapping : IEntityTypeConfiguration<WebhookDelivery>
    {
        public void Configure(EntityTypeBuilder<WebhookDelivery> builder)
        {
            builder.ToTable("WebhookDeliveries");
            builder.HasKey(delivery => delivery.Number);
            builder.HasIndex(delivery => delivery.Id).IsUnique();
            builder.Property(delivery => delivery.Event).HasConversion<string>().HasMaxLength(12);
            builder.Property(delivery => delivery.State).HasConversion<string>().HasMaxLength(12);
            builder.Property(delivery => delivery.Url).HasMaxLength(WebhookTargets.LongestUrl);
            builder.Property(delivery => delivery.Host).HasMaxLength(280);
            builder.Ignore(delivery => delivery.Attempts);
            // What is still to be sent, however much has been: the host stands in it so that busy ones are passed over without reading their rows.
            builder.HasIndex(delivery => new { delivery.NextAttemptAt, delivery.Host }).HasFilter("\"NextAttemptAt\" IS NOT NULL");
            builder.HasIndex(delivery => new { delivery.SubjectId, delivery.Number });
        }
    }
}

/// <summary>Where a delivery stands.</summary>
public enum WebhookDeliveryState
{
    Pending,

    /// <summary>Answered with 2xx.</summary>
    Delivered,

    /// <summary>Given up at the end of its schedule.</summary>
    Failed,

    /// <summary>The receiver answered 410: it wants no more.</summary>
    Gone,
}

/// <summary>One try.</summary>
/// <param name="At">Its beginning.</param>
/// <param name="Status">The HTTP status; null when there was no answer.</param>
/// <param name="Seconds">Until the answer's headers, or the failure.</param>
/// <param name="Error">Why it did not arrive; null when it did.</param>
public sealed record WebhookAttempt(DateTimeOffset At, int? Status, double Seconds, string? Error)
{
    internal bool IsAccepted => Status is >= 200 and < 300;

    internal bool IsGone => Status == 410;

    /// <summary>How long the receiver asked to be left alone, at most a day; null: it asked for nothing.</summary>
    [JsonInclude]
    internal TimeSpan? RetryAfter { get; init; }
}
