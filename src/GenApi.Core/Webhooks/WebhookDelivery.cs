using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Core.Network;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Webhooks;

/// <summary>
/// One message to one receiver, from the transaction of its cause until it has arrived or was given up. Its id and its body never change,
/// so a receiver that gets it twice notices.
/// </summary>
public sealed class WebhookDelivery
{
    /// <summary>The most attempts in the log; older ones are dropped.</summary>
    private const int MostLogged = 50;

    private WebhookDelivery()
    {
    }

    /// <summary>The order in which deliveries were made; internal to the database.</summary>
    public long Number { get; private set; }

    /// <summary>The <c>webhook-id</c>.</summary>
    public Guid Id { get; private init; }

    /// <summary>The generation that it is about.</summary>
    public Guid SubjectId { get; private init; }

    /// <summary>The account that asked for it; all zeros for requests from before there were accounts.</summary>
    public Guid AccountId { get; private init; }

    public WebhookEvents Event { get; private init; }

    public string Url { get; private init; } = "";

    /// <summary>Host and port in their normal form, for fairness between receivers.</summary>
    public string Host { get; private init; } = "";

    /// <summary>The JSON of the message.</summary>
    public string Body { get; private init; } = "";

    public DateTimeOffset CreatedAt { get; private init; }

    public WebhookDeliveryState State { get; private set; }

    /// <summary>The next attempt, by the <see cref="SteadyClock"/> of the process that wrote it; null: it is not tried any more.</summary>
    public DateTimeOffset? NextAttemptAt { get; private set; }

    public DateTimeOffset? DeliveredAt { get; private set; }

    /// <summary>Attempts of the current round.</summary>
    public int Tries { get; private set; }

    /// <summary>Grows with each redelivery; attempts of an earlier round then no longer change the state.</summary>
    public int Round { get; private set; }

    /// <summary>The instance that sends it now; null: none.</summary>
    public string? ClaimedBy { get; private set; }

    /// <summary>The time at which that claim ends, by the clock of the database.</summary>
    public DateTimeOffset? ClaimedUntil { get; private set; }

    /// <summary>JSON; see <see cref="Attempts"/>.</summary>
    public string AttemptLog { get; private set; } = "[]";

    /// <summary>The last fifty attempts, oldest first.</summary>
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

    /// <summary>Records an attempt and schedules the next one.</summary>
    /// <param name="attempt">The result.</param>
    /// <param name="round">The round in which it was made; null: it changes nothing but the log.</param>
    /// <param name="now">The time by the wall clock.</param>
    /// <param name="steadyNow">The time by the steady clock, which schedules the next attempt.</param>
    internal void Record(WebhookAttempt attempt, int? round, DateTimeOffset now, DateTimeOffset steadyNow)
    {
        AttemptLog = JsonSerializer.Serialize(Attempts.Append(attempt).TakeLast(MostLogged));
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
            // The receiver may ask for a longer pause than our schedule has.
            _ => (WebhookDeliveryState.Pending, steadyNow + (attempt.RetryAfter > pause ? attempt.RetryAfter : pause)),
        };
    }

    /// <summary>Gives the claim of an instance back.</summary>
    internal void Unclaim() => (ClaimedBy, ClaimedUntil) = (null, null);

    /// <summary>Moves the next attempt to the end of the last pause at the latest, wherever the wall clock was set since.</summary>
    internal void PullIn(DateTimeOffset steadyNow)
    {
        var pause = WebhookSchedule.LongestAfter(Tries);
        var latest = steadyNow + (Attempts is [.., { RetryAfter: { } asked }] && asked > pause ? asked : pause);
        if (NextAttemptAt > latest)
            NextAttemptAt = latest;
    }

    /// <summary>Starts the schedule over, whatever the state was.</summary>
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
            builder.Property(delivery => delivery.ClaimedBy).HasMaxLength(64);
            builder.Ignore(delivery => delivery.Attempts);
            // Finds due deliveries among any number of sent ones. It has the host, so busy hosts are skipped without reading their rows.
            builder.HasIndex(delivery => new { delivery.NextAttemptAt, delivery.Host }).HasFilter("\"NextAttemptAt\" IS NOT NULL");
            builder.HasIndex(delivery => new { delivery.SubjectId, delivery.Number });
        }
    }
}

/// <summary>The state of a delivery.</summary>
public enum WebhookDeliveryState
{
    Pending,

    /// <summary>The receiver answered with 2xx.</summary>
    Delivered,

    /// <summary>It was given up at the end of its schedule.</summary>
    Failed,

    /// <summary>The receiver answered 410: it wants no further attempts.</summary>
    Gone,
}

/// <summary>One attempt of a delivery.</summary>
/// <param name="At">When it began.</param>
/// <param name="Status">The HTTP status; null where there was no answer.</param>
/// <param name="Seconds">The time until the answer's headers, or until the failure.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
public sealed record WebhookAttempt(DateTimeOffset At, int? Status, double Seconds, string? Error)
{
    internal bool IsAccepted => Status is >= 200 and < 300;

    internal bool IsGone => Status == 410;

    /// <summary>The pause that the receiver asked for, at most a day; null: none.</summary>
    [JsonInclude]
    internal TimeSpan? RetryAfter { get; init; }
}
