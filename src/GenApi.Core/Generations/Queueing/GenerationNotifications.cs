using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// A generation as callers know it, as JSON, with links that begin with <paramref name="baseUrl"/>. The host registers one: only it knows the contract. It is
/// called when an event happens and not when it is sent, so that a message tells what was true then and every repetition of it is the same.
/// </summary>
public delegate byte[] GenerationRenderer(GenerationDetails details, string baseUrl);

/// <summary>
/// Tells those who gave a webhook, in the transaction of what they are told about, so that no crash can come between; and knows where we are told ourselves.
/// </summary>
internal sealed class GenerationNotifications(WebhookOutbox outbox, WebhookAddress address, GenerationRenderer render)
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public TimeProvider Time => outbox.Time;

    public SteadyClock Clock => outbox.Clock;

    /// <summary>Where the upstream is to tell us of this one; null when it is not asked to.</summary>
    public Uri? AddressOf(Generation generation) => address.For(PublicId.Format(PublicId.Generation, generation.Id));

    /// <summary>After a transition was saved; costs nothing when nobody listens.</summary>
    /// <param name="db">The writer's.</param>
    /// <param name="row">As it is now.</param>
    /// <param name="before">As it was.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task TellAsync(GenApiDbContext db, Generation row, GenerationMoment before, CancellationToken cancellationToken)
    {
        var events = before.EventsUntil(row) & row.Listeners;
        if (events == WebhookEvents.None)
            return;
        var details = await GenerationReader.WithImagesAsync(db, row, cancellationToken);
        await outbox.EnqueueAsync(db, row.Id, events, (what, baseUrl) => Message(details, what, baseUrl), cancellationToken);
    }

    /// <summary>
    /// Whoever asked is told from now on; of an end that has been, at once. The caller saves.
    /// </summary>
    public async Task SubscribeAsync(GenApiDbContext db, GenerationDetails details, WebhookTarget target, CancellationToken cancellationToken)
    {
        var generation = details.Generation;
        if (generation.Status.IsTerminal())
        {
            if (target.Events.HasFlag(WebhookEvents.Completed))
                outbox.Enqueue(db, generation.Id, WebhookEvents.Completed, target, Message(details, WebhookEvents.Completed, target.BaseUrl));
            return;
        }
        WebhookOutbox.Subscribe(db, generation.Id, target);
        generation.Listen(target.Events);
        // One that was joined is read without being tracked.
        if (db.Entry(generation).State == EntityState.Detached)
        {
            var events = generation.Listeners;
            await db.Set<Generation>().Where(row => row.Id == generation.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Listeners, events).SetProperty(row => row.Revision, row => row.Revision + 1), cancellationToken);
        }
    }

    /// <summary>After the commit.</summary>
    public void Told(Generation row)
    {
        if (row.Listeners != WebhookEvents.None)
            outbox.Wake();
    }

    /// <inheritdoc cref="Told(Generation)"/>
    public void Told(WebhookTarget? target)
    {
        if (target is not null)
            outbox.Wake();
    }

    private string Message(GenerationDetails details, WebhookEvents what, string baseUrl)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            json.WriteString("type", $"generation.{what.Word()}");
            json.WriteString("timestamp", Time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            json.WritePropertyName("data");
            json.WriteRawValue(render(details, baseUrl), skipInputValidation: true);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

/// <summary>How far a generation was, to see afterwards what has happened to it.</summary>
internal readonly record struct GenerationMoment(GenerationStatus Status, int Part)
{
    /// <summary>Progress is told at each of these, so that a run of hundreds of steps does not send hundreds of messages.</summary>
    private const int Parts = 20;

    public static GenerationMoment Of(Generation row) => new(row.Status, PartOf(row));

    public WebhookEvents EventsUntil(Generation row)
    {
        var events = WebhookEvents.None;
        // A short run may have ended before it was seen running; it has begun all the same.
        if (Status < GenerationStatus.Processing && row.Status is GenerationStatus.Processing or GenerationStatus.Storing)
            events |= WebhookEvents.Start;
        if (PartOf(row) > Part)
            events |= WebhookEvents.Progress;
        if (row.Status.IsTerminal() && !Status.IsTerminal())
            events |= WebhookEvents.Completed;
        return events;
    }

    private static int PartOf(Generation row) => row is { ProgressCurrent: { } current, ProgressTotal: > 0 and var total } ? (int)((long)Parts * current / total) : 0;
}
