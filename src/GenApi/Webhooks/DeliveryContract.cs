using System.ComponentModel;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;
using GenApi.Hosting;
using GenApi.Hosting.Health;

namespace GenApi.Webhooks;

[Description("One message to one receiver.")]
internal sealed record DeliveryContract
{
    [Description("`msg_` and 26 characters: the header `webhook-id`, the same on every attempt.")]
    public required string Id { get; init; }

    [Description("What it tells of.")]
    [Words("WebhookEvent", typeof(WebhookEvents))]
    public required string Event { get; init; }

    [Description("Where to, without the query: that may hold a secret of the receiver's.")]
    public required string Url { get; init; }

    [Description("`pending`, `delivered` (answered with 2xx), `failed` (given up at the end of the schedule), or `gone` (the receiver answered 410).")]
    [Words("DeliveryStatus", typeof(WebhookDeliveryState))]
    public required string Status { get; init; }

    [Description("Oldest first, the last 50.")]
    public required IReadOnlyList<AttemptContract> Attempts { get; init; }

    [Description("Null when it is not tried any more.")]
    public required DateTime? NextAttemptAt { get; init; }

    public required DateTime CreatedAt { get; init; }

    public required DateTime? DeliveredAt { get; init; }

    public static DeliveryContract Of(WebhookDelivery delivery, DateTimeOffset? nextAttemptAt)
    {
        var url = new Uri(delivery.Url);
        return new DeliveryContract
        {
            Id = PublicId.Format(PublicId.Message, delivery.Id),
            Event = delivery.Event.Word(),
            Url = url.GetLeftPart(UriPartial.Path) + (url.Query.Length > 0 ? "?…" : ""),
            Status = JsonNamingPolicy.SnakeCaseLower.ConvertName(delivery.State.ToString()),
            Attempts =
            [
                .. delivery.Attempts.Select(attempt =>
                    new AttemptContract(attempt.At.UtcDateTime, attempt.Status, attempt.Seconds, attempt.Error)),
            ],
            NextAttemptAt = nextAttemptAt?.UtcDateTime,
            CreatedAt = delivery.CreatedAt.UtcDateTime,
            DeliveredAt = delivery.DeliveredAt?.UtcDateTime,
        };
    }
}

[Description("One try to deliver a message.")]
internal sealed record AttemptContract(
    [property: Description("When it began.")] DateTime At,
    [property: Description("The HTTP status; null when there was no answer.")] int? Status,
    [property: Description("Until the answer, or the failure.")] double DurationSeconds,
    [property: Description("Why it did not arrive; null when it did.")] string? Error);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(DeliveryContract))]
[JsonSerializable(typeof(CursorPage<DeliveryContract>), TypeInfoPropertyName = "DeliveryPage")]
internal sealed partial class WebhookJsonContext : JsonSerializerContext
{
    /// <inheritdoc cref="ApiJsonContext.Answers"/>
    public static WebhookJsonContext Answers => field ??= new(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
