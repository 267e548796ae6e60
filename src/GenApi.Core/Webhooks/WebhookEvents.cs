namespace GenApi.Core.Webhooks;

/// <summary>The events that webhooks report.</summary>
[Flags]
public enum WebhookEvents
{
    None = 0,

    /// <summary>The model has begun to run.</summary>
    Start = 1,

    /// <summary>Another part of the run is finished.</summary>
    Progress = 2,

    /// <summary>The generation has reached a terminal status.</summary>
    Completed = 4,
}

/// <summary>The names of the events.</summary>
public static class WebhookEventWords
{
    /// <summary>All events, in the order in which they happen.</summary>
    public static IReadOnlyList<WebhookEvents> All { get; } = [WebhookEvents.Start, WebhookEvents.Progress, WebhookEvents.Completed];

    /// <summary>Names a single event.</summary>
    public static string Word(this WebhookEvents what) => what switch
    {
        WebhookEvents.Start => "start",
        WebhookEvents.Progress => "progress",
        WebhookEvents.Completed => "completed",
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, "Not a single event."),
    };
}

/// <summary>A receiver and the events that it wants.</summary>
/// <param name="Url">An address that <see cref="WebhookTargets"/> has accepted.</param>
/// <param name="Events">At least one event.</param>
/// <param name="BaseUrl">The beginning of the links in the message: the address by which the caller reached us.</param>
public sealed record WebhookTarget(string Url, WebhookEvents Events, string BaseUrl)
{
    /// <summary>The account that asked for it; only this account sees the deliveries. This room does not know what an account is.</summary>
    public Guid AccountId { get; init; }
}
