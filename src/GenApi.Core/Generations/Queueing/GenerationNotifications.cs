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
/// Renders a generation as callers know it, as JSON, with links that begin with <paramref name="baseUrl"/>. The host registers one, because
/// only the host knows the contract. It is called when an event happens and not when the message is sent. So a message says what was true
/// at the event, and every repetition is the same.
/// </summary>
public delegate byte[] GenerationRenderer(GenerationDetails details, string baseUrl);

/// <summary>Renders the messages to receivers that a door's caller named, in the form that the door's clients read.</summary>
/// <param name="Path">
/// The end of their base URLs, such as <c>/replicate/v1/</c>. It ends with a slash. No base URL of POST /generate does, so the two
/// can't be confused.
/// </param>
/// <param name="Render">Writes the whole body. The base URL is passed without <paramref name="Path"/>.</param>
public sealed record DoorMessages(string Path, Func<GenerationDetails, string, byte[]> Render);

/// <summary>
/// Notifies callers who gave a webhook, in the transaction of the event itself, so that no crash can come between.
/// </summary>
internal sealed class GenerationNotifications(
    WebhookOutbox outbox, GenerationRenderer render, IEnumerable<DoorMessages> doors, TimeProvider time)
{
    private readonly DoorMessages[] _doors = [.. doors];
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the messages about a transition that was just saved. It costs nothing when nobody listens.</summary>
    /// <param name="db">The writer's.</param>
    /// <param name="row">As it is now.</param>
    /// <param name="before">As it was.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task NotifyAsync(GenApiDbContext db, Generation row, GenerationSnapshot before, CancellationToken cancellationToken)
    {
        var events = before.EventsUntil(row) & row.Listeners;
        if (events == WebhookEvents.None)
            return;
        var details = await GenerationReader.WithImagesAsync(db, row, cancellationToken);
        await outbox.EnqueueAsync(db, row.Id, events, (what, baseUrl) => Message(details, what, baseUrl), cancellationToken);
    }

    /// <summary>
    /// Notifies the target of the events from now on. If the generation has ended already, the message about its end is written at once.
    /// The caller saves.
    /// </summary>
    public async Task SubscribeAsync(
        GenApiDbContext db, GenerationDetails details, WebhookTarget target, CancellationToken cancellationToken)
    {
        var generation = details.Generation;
        if (generation.Status.IsTerminal())
        {
            if (target.Events.HasFlag(WebhookEvents.Completed))
            {
                var message = Message(details, WebhookEvents.Completed, target.BaseUrl);
                outbox.Enqueue(db, generation.Id, WebhookEvents.Completed, target, message);
            }
            return;
        }
        WebhookOutbox.Subscribe(db, generation.Id, target);
        generation.Listen(target.Events);
        // A generation that was joined is read without being tracked.
        if (db.Entry(generation).State == EntityState.Detached)
        {
            var events = generation.Listeners;
            await db.Set<Generation>().Where(row => row.Id == generation.Id).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.Listeners, events)
                .SetProperty(row => row.Revision, row => row.Revision + 1), cancellationToken);
        }
    }

    /// <summary>Wakes the sender of messages; call it after the commit.</summary>
    public void WakeSender(Generation row)
    {
        if (row.Listeners != WebhookEvents.None)
            outbox.Wake();
    }

    /// <inheritdoc cref="WakeSender(Generation)"/>
    public void WakeSender(WebhookTarget? target)
    {
        if (target is not null)
            outbox.Wake();
    }

    private string Message(GenerationDetails details, WebhookEvents what, string baseUrl)
    {
        if (Array.Find(_doors, each => baseUrl.EndsWith(each.Path, StringComparison.Ordinal)) is { } door)
            return Encoding.UTF8.GetString(door.Render(details, baseUrl[..^door.Path.Length]));
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            json.WriteString("type", $"generation.{what.Word()}");
            json.WriteString("timestamp", time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            json.WritePropertyName("data");
            json.WriteRawValue(render(details, baseUrl), skipInputValidation: true);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

/// <summary>Records how far a generation was, to see afterwards what has happened to it.</summary>
internal readonly record struct GenerationSnapshot(GenerationStatus Status, int Part)
{
    /// <summary>
    /// Progress is reported this many times at most, so that a run of hundreds of steps does not send hundreds of messages.
    /// </summary>
    private const int Parts = 20;

    public static GenerationSnapshot Of(Generation row) => new(row.Status, PartOf(row));

    public WebhookEvents EventsUntil(Generation row)
    {
        var events = WebhookEvents.None;
        // A short run may have ended before a poll saw it running. It has begun all the same.
        if (Status < GenerationStatus.Processing
            && row.Status is GenerationStatus.Processing or GenerationStatus.Storing or GenerationStatus.Succeeded)
            events |= WebhookEvents.Start;
        if (PartOf(row) > Part)
            events |= WebhookEvents.Progress;
        if (row.Status.IsTerminal() && !Status.IsTerminal())
            events |= WebhookEvents.Completed;
        return events;
    }

    private static int PartOf(Generation row) =>
        row is { ProgressCurrent: { } current, ProgressTotal: > 0 and var total } ? (int)((long)Parts * current / total) : 0;
}
