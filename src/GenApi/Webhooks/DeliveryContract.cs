using System.ComponentModel;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;
using GenApi.Hosting;
using GenApi.Hosting.Health;

namespace GenApi.Webhooks;

[Description("One webhook message to one receiver.")]
internal sealed record DeliveryContract
{
    [Description("`msg_` and 26 characters: the header `webhook-id`, the same on every attempt.")]
    public required string Id { get; init; }

    [Description("The event that the message reports.")]
    [Words("WebhookEvent", typeof(WebhookEvents))]
    public required string Event { get; init; }

    [Description("The receiver's address without its query, which may hold a secret.")]
    public required string Url { get; init; }

    [Description("`pending`: tried again at `next_attempt_at`. `delivered`: the receiver answered 2xx. `failed`: given up at the end of "
        + "the schedule. `gone`: the receiver answered 410.")]
    [Words("DeliveryStatus", typeof(WebhookDeliveryState))]
    public required string Status { get; init; }

    [Description("The last 50 attempts, oldest first.")]
    public required IReadOnlyList<AttemptContract> Attempts { get; init; }

    [Description("When it is tried next. Null: it is not tried any more.")]
    public required DateTime? NextAttemptAt { get; init; }

    [Description("When the message was made.")]
    public required DateTime CreatedAt { get; init; }

    [Description("When the receiver accepted it. Null until then.")]
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

[Description("One attempt to deliver a message.")]
internal sealed record AttemptContract(
    [property: Description("When the attempt began.")] DateTime At,
    [property: Description("The HTTP status. Null: no answer came.")] int? Status,
    [property: Description("Seconds until the answer or the failure.")] double DurationSeconds,
    [property: Description("Why the message did not arrive. Null: it did.")] string? Error);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(DeliveryContract))]
[JsonSerializable(typeof(CursorPage<DeliveryContract>), TypeInfoPropertyName = "DeliveryPage")]
internal sealed partial class WebhookJsonContext : JsonSerializerContext
{
    /// <inheritdoc cref="ApiJsonContext.Answers"/>
    public static WebhookJsonContext Answers => field ??= new(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
