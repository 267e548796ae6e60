using GenApi.Core.Webhooks;

namespace GenApi.Core.Generations;

/// <summary>The acts of callers on a generation: to end it, to leave it to others, to have it reported.</summary>
public sealed partial class Generation
{
    internal void RequestCancel(DateTimeOffset now)
    {
        Require(!Status.IsTerminal());
        CancelRequestedAt ??= now;
        // No request joins a generation that is about to end.
        FlightKey = null;
    }

    internal void RequestDelete(DateTimeOffset now)
    {
        RequestCancel(now);
        DeleteRequestedAt ??= now;
    }

    /// <summary>Ends the part of the account that made it. The run goes on for the accounts that joined it.</summary>
    internal void LeaveToOthers(DateTimeOffset now)
    {
        Require(!Status.IsTerminal());
        OwnerLeftAt ??= now;
    }

    /// <summary>
    /// Returns whether the account sees it because it made it. An account that left it sees it only by a <see cref="GenerationGrant"/>.
    /// </summary>
    internal bool IsOwnOf(Guid account) => OwnerId == account && OwnerLeftAt is null;

    internal void Listen(WebhookEvents events) => Listeners |= events;

    /// <summary>Takes it out of the answers, because one of its images is gone.</summary>
    internal void MarkIncomplete() => IsAnswer = false;
}
