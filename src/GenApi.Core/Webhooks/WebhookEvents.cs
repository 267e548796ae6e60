namespace GenApi.Core.Webhooks;

/// <summary>What can be told.</summary>
[Flags]
public enum WebhookEvents
{
    None = 0,

    /// <summary>The model has begun to run.</summary>
    Start = 1,

    /// <summary>Another part of the run is done.</summary>
    Progress = 2,

    /// <summary>A terminal status, whichever.</summary>
    Completed = 4,
}

/// <summary>The words for them.</summary>
public static class WebhookEventWords
{
    /// <summary>In the order in which they happen.</summary>
    public static IReadOnlyList<WebhookEvents> All { get; } = [WebhookEvents.Start, WebhookEvents.Progress, WebhookEvents.Completed];

    /// <summary>Of a single event.</summary>
    public static string Word(this WebhookEvents what) => what switch
    {
        WebhookEvents.Start => "start",
        WebhookEvents.Progress => "progress",
        WebhookEvents.Completed => "completed",
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, "Not a single event."),
    };
}

/// <summary>Who wants to be told, and of what.</summary>
/// <param name="Url">One that <see cref="WebhookTargets"/> has let pass.</param>
/// <param name="Events">At least one.</param>
/// <param name="BaseUrl">What the links in the message begin with: the address by which the caller reached us.</param>
public sealed record WebhookTarget(string Url, WebhookEvents Events, string BaseUrl)
{
    /// <summary>The account that asked for it, which alone sees what was sent. This room does not know what an account is.</summary>
    public Guid AccountId { get; init; }
}
