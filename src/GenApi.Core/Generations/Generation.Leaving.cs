using GenApi.Core.Webhooks;

namespace GenApi.Core.Generations;

public sealed partial class Generation
{
    internal void RequestCancel(DateTimeOffset now)
    {
        Require(!Status.IsTerminal());
        CancelRequestedAt ??= now;
        // Nobody joins what is on its way out.
        FlightKey = null;
    }

    internal void RequestDelete(DateTimeOffset now)
    {
        RequestCancel(now);
        DeleteRequestedAt ??= now;
    }

    /// <summary>The run goes on for the accounts that joined it; the one that made it has ended its own part.</summary>
    internal void LeaveToOthers(DateTimeOffset now)
    {
        Require(!Status.IsTerminal());
        OwnerLeftAt ??= now;
    }

    /// <summary>Whether the account sees it as its maker. One that left it sees it by a <see cref="GenerationGrant"/> only.</summary>
    internal bool IsOwnOf(Guid account) => OwnerId == account && OwnerLeftAt is null;

    internal void Listen(WebhookEvents events) => Listeners |= events;

    /// <summary>One of its images is gone, so it can't be the answer to anything any more.</summary>
    internal void MarkIncomplete() => IsAnswer = false;
}
