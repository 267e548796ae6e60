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

    /// <summary>Records on a new row that its caller is gone already.</summary>
    internal void MarkUnanswered(DateTimeOffset now) => UnansweredAt = now;

    internal void Listen(WebhookEvents events) => Listeners |= events;

    /// <summary>
    /// Returns whether its caller set an end earlier than that of other runs, so that a request without that limit must not join it.
    /// </summary>
    /// <param name="longest">The longest run, in whole seconds.</param>
    /// <remarks>After the first creation, the limit sent with it decides, also while the run waits to be sent again.</remarks>
    internal bool EndsEarly(TimeSpan longest) => FlightKey is null
        && (CancelAfterSeconds is { } sent ? sent < RunLimit.Of(Id, longest).TotalSeconds : SubmittingAt is null && DeadlineAt is not null);

    /// <summary>Takes it out of the answers, because one of its images is gone.</summary>
    internal void MarkIncomplete() => IsAnswer = false;
}
