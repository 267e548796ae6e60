using System.Collections.Concurrent;
using GenApi.Core.Errors;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// A generation that this process works on, with what matters only at the moment: how often a step has failed, what the upstream showed
/// last. All of it may be forgotten at any time; whatever must last is in the row.
/// </summary>
internal sealed class GenerationRun(Generation generation, GenerationTimeline timeline, TimeSpan longest, CallPermit? permit = null)
{
    /// <summary>
    /// The least time for which a process that claimed a run tries a step itself, even if the step is overdue by the wall clock: the clock
    /// may have been set while no process ran.
    /// </summary>
    private static readonly TimeSpan MinimumPatience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(10);

    private CallPermit? _permit = permit;
    private TaskCompletionSource _nudged = NewNudge();
    private Prediction? _received;

    public Generation Generation { get; set; } = generation;

    /// <summary>The time by the generation's own clock, which nobody can set. All times of its row go by it.</summary>
    public DateTimeOffset Now => timeline.Now;

    /// <summary>The time at which this process claimed it.</summary>
    public DateTimeOffset ClaimedAt { get; } = timeline.Now;

    /// <summary>The time at which this process sent its creation; null: an earlier process did, or nobody has yet.</summary>
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>
    /// The time at which this process stops waiting for the end. After a restart the wall clock alone does not decide: the process waits
    /// for the longest run once more.
    /// </summary>
    public DateTimeOffset? Deadline => Generation.DeadlineAt is { } at && !timeline.IsWhole && ClaimedAt + longest > at
        ? ClaimedAt + longest
        : Generation.DeadlineAt;

    /// <summary>
    /// Returns whether a moment has passed. After a restart it passes only when this process has tried for a minute itself.
    /// </summary>
    public bool HasPassed(DateTimeOffset moment) => Now > moment && (timeline.IsWhole || Now > ClaimedAt + MinimumPatience);

    /// <summary>Ends what the beginning of a stop does not end: the time for stopping is over, or <see cref="Alive"/> has ended.</summary>
    public CancellationToken Abandoned { get; set; }

    /// <summary>Is canceled when the lease ends under which this process claimed it. From then on it belongs to others.</summary>
    public CancellationToken Alive { get; init; }

    /// <summary>Hands over the permit to create its prediction, with which it was claimed; null: there is none any more.</summary>
    public CallPermit? ClaimPermit() => Interlocked.Exchange(ref _permit, null);

    /// <summary>Gives back a permit that was not used.</summary>
    public void ReleasePermit() => ClaimPermit()?.Dispose();

    /// <summary>True if this process no longer holds it, because it waits in the queue again.</summary>
    public bool IsPutBack => Generation.Lease.Owner is null && !Generation.Status.IsTerminal();

    /// <summary>
    /// True if its intent was saved for this process (<see cref="DirectRuns"/>), which has not sent it yet. So nothing can have been made.
    /// </summary>
    public bool MustSend { get; set; }

    /// <summary>Consecutive failures of the present step.</summary>
    public int Failures { get; set; }

    /// <summary>The time at which the upstream made the prediction, by its own clock; null until this process has read it.</summary>
    public DateTimeOffset? PredictionCreatedAt { get; set; }

    /// <summary>True if the wait before the first poll has been scheduled.</summary>
    public bool IsFirstPollScheduled { get; set; }

    /// <summary>Polls of the prediction.</summary>
    public int Polls { get; set; }

    /// <summary>Polls after the time at which such a run usually ends.</summary>
    public int LatePolls { get; set; }

    /// <summary>Consecutive polls that found no such prediction.</summary>
    public int NotFounds { get; set; }

    public int CancelAttempts { get; set; }

    /// <summary>A prediction that was just read, so that the next step need not ask for it again.</summary>
    public Prediction? FreshPrediction { get; set; }

    /// <summary>Its output, if that is fetched and recorded in one save; null: there is none, or it is recorded.</summary>
    public UnsavedOutput? Unsaved { get; set; }

    /// <summary>True if it has just come to its output in this process, so that none of its files can have been stored before.</summary>
    public bool IsNewlyStoring { get; set; }

    /// <summary>Hashes, by index, of files that came without a sign of their end. The same bytes a second time are complete.</summary>
    public ConcurrentDictionary<int, string> Unproven { get; } = new();

    /// <summary>True if a webhook will report the end, so that polls are only a safety net.</summary>
    public bool ExpectsWebhook { get; set; }

    /// <summary>
    /// True if its prediction was found by its input alone and so may belong to another installation. GenApi then never cancels it at the
    /// upstream.
    /// </summary>
    public bool MayBeOthers { get; set; }

    /// <summary>The reason why the answer to a creation was not seen, for the operator and for the final error.</summary>
    public GenApiException? UnconfirmedError { get; set; }

    /// <summary>
    /// True if it counts against <c>Replicate:MaxInFlight</c>: the upstream has it or may have it. Storing is our own work.
    /// </summary>
    public bool IsInFlight => !Generation.Status.IsTerminal() && Generation.Status != GenerationStatus.Storing;

    /// <summary>True if a webhook has reported something that no step has seen yet.</summary>
    public bool HasReceived => Volatile.Read(ref _received) is not null;

    /// <summary>
    /// Receives what a webhook reports, from any thread. Webhooks may come twice and in any order: what has ended does not run again. One
    /// about another prediction, such as that of an earlier attempt, is dropped.
    /// </summary>
    public void Receive(Prediction prediction)
    {
        if (Generation.PredictionId is { } own && own != prediction.Id)
            return;
        Prediction? before;
        do
        {
            before = Volatile.Read(ref _received);
            if (before is { IsTerminal: true } && !prediction.IsTerminal)
                return;
        }
        while (Interlocked.CompareExchange(ref _received, prediction, before) != before);
        if (Generation.Status < GenerationStatus.Storing)
            Nudge();
    }

    /// <summary>
    /// Hands over what was received last, once. The nudge that came with it goes too: the step that is about to begin is the one it asked
    /// for.
    /// </summary>
    public Prediction? ClaimReceived()
    {
        var received = Interlocked.Exchange(ref _received, null);
        if (received is not null && _nudged.Task.IsCompleted)
            Volatile.Write(ref _nudged, NewNudge());
        return received;
    }

    /// <summary>Asks for another step at once, after a cancel, a new listener or a webhook.</summary>
    public void Nudge() => Volatile.Read(ref _nudged).TrySetResult();

    /// <summary>Waits for <paramref name="pause"/>, or until a nudge.</summary>
    public async Task PauseAsync(TimeSpan pause, TimeProvider time, CancellationToken cancellationToken)
    {
        if (pause <= TimeSpan.Zero)
            return;
        try
        {
            await _nudged.Task.WaitAsync(pause, time, cancellationToken);
            Volatile.Write(ref _nudged, NewNudge());
        }
        catch (TimeoutException)
        {
            // The pause is over.
        }
    }

    /// <summary>Doubles from <paramref name="first"/> to <paramref name="longest"/> with each failure in a row.</summary>
    public TimeSpan Backoff(TimeSpan first, TimeSpan longest)
    {
        var pause = first * Math.Pow(2, Math.Min(Failures, 20));
        Failures++;
        return pause < longest ? pause : longest;
    }

    /// <summary>
    /// The same, or the longer pause that the upstream asked for. A pause of zero is no reason to ask without one, and a pause of hours is
    /// no reason to keep a caller waiting.
    /// </summary>
    public TimeSpan Backoff(TimeSpan? asked, TimeSpan first, TimeSpan longest)
    {
        var own = Backoff(first, longest);
        return asked is { } pause && pause > own ? pause < LongestAsked ? pause : LongestAsked : own;
    }

    private static TaskCompletionSource NewNudge() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
