using System.Collections.Concurrent;
using GenApi.Core.Errors;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// A generation that this process works on, with what only the moment knows: how often something failed, what was last seen. All of it may be
/// forgotten at any time; whatever must last is in the row.
/// </summary>
internal sealed class GenerationRun(Generation generation, GenerationTimeline timeline, TimeSpan longest, CallPermit? right = null)
{
    /// <summary>
    /// So long a process that has just taken it up tries what by the wall clock is over: the clock may have been set while none was
    /// there.
    /// </summary>
    private static readonly TimeSpan OwnPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(10);

    private CallPermit? _right = right;
    private TaskCompletionSource _nudged = NewNudge();
    private Prediction? _heard;

    public Generation Generation { get; set; } = generation;

    /// <summary>The time by its own clock, which nobody can set; all times of its row are told by it.</summary>
    public DateTimeOffset Now => timeline.Now;

    /// <summary>When this process took it up.</summary>
    public DateTimeOffset TakenUpAt { get; } = timeline.Now;

    /// <summary>When this process sent its creation; null: an earlier one did, or nobody has yet.</summary>
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>
    /// When this process stops waiting for its end. After a restart the wall clock alone never says so: the longest run is waited for
    /// once more.
    /// </summary>
    public DateTimeOffset? Deadline => Generation.DeadlineAt is { } at && !timeline.IsWhole && TakenUpAt + longest > at
        ? TakenUpAt + longest
        : Generation.DeadlineAt;

    /// <summary>Whether a moment has passed; after a restart only when this process has tried for a minute itself.</summary>
    public bool HasPassed(DateTimeOffset moment) => Now > moment && (timeline.IsWhole || Now > TakenUpAt + OwnPatience);

    /// <summary>Ends what a stop that has just begun does not: its time is over.</summary>
    public CancellationToken Abandoned { get; set; }

    /// <summary>Takes the right to create its prediction, with which it was taken up.</summary>
    public CallPermit? TakeRight() => Interlocked.Exchange(ref _right, null);

    /// <summary>Gives back a right that was not taken.</summary>
    public void DropRight() => TakeRight()?.Dispose();

    /// <summary>Nobody's any more: it waits in the queue again for its turn.</summary>
    public bool IsPutBack => Generation.Lease.Owner is null && !Generation.Status.IsTerminal();

    /// <summary>Consecutive failures of the present step.</summary>
    public int Failures { get; set; }

    /// <summary>When the upstream made the prediction, by its own clock; null while it has not told this process.</summary>
    public DateTimeOffset? PredictionCreatedAt { get; set; }

    /// <summary>Whether the wait before the first look is over.</summary>
    public bool IsPaced { get; set; }

    /// <summary>Looks at the prediction.</summary>
    public int Looks { get; set; }

    /// <summary>Looks after the time at which such a run usually ends.</summary>
    public int LateLooks { get; set; }

    /// <summary>Looks that said there is no such prediction, in a row.</summary>
    public int NotFounds { get; set; }

    public int CancelAttempts { get; set; }

    /// <summary>A prediction just seen, so that the next step need not ask for it again.</summary>
    public Prediction? News { get; set; }

    /// <summary>It came to its files just now and in this process, so that none of them can have been kept before.</summary>
    public bool IsNewlyStoring { get; set; }

    /// <summary>Hashes of files that came without a sign of their end, by index: the same bytes a second time are whole.</summary>
    public ConcurrentDictionary<int, string> Unproven { get; } = new();

    /// <summary>A webhook is to tell the end, so that looks are only the net below it.</summary>
    public bool IsTold { get; set; }

    /// <summary>
    /// Its prediction was found by its input alone, so it may be another installation's: it is never canceled at the upstream.
    /// </summary>
    public bool MayBeOthers { get; set; }

    /// <summary>Why a creation's answer was not seen, for the operator and for the error in the end.</summary>
    public GenApiException? Doubt { get; set; }

    /// <summary>Holds one of <c>Replicate:MaxInFlight</c> places: the upstream has it or may have it. Storing is our own work.</summary>
    public bool HoldsPlace => !Generation.Status.IsTerminal() && Generation.Status != GenerationStatus.Storing;

    /// <summary>A webhook has told something that no step has seen yet.</summary>
    public bool HasHeard => Volatile.Read(ref _heard) is not null;

    /// <summary>
    /// What a webhook told, from any thread. They may come twice and in any order: what has ended is not made running again, and what another prediction says, such
    /// as one of an earlier attempt, is not ours.
    /// </summary>
    public void Hear(Prediction prediction)
    {
        if (Generation.PredictionId is { } own && own != prediction.Id)
            return;
        Prediction? before;
        do
        {
            before = Volatile.Read(ref _heard);
            if (before is { IsTerminal: true } && !prediction.IsTerminal)
                return;
        }
        while (Interlocked.CompareExchange(ref _heard, prediction, before) != before);
        if (Generation.Status < GenerationStatus.Storing)
            Nudge();
    }

    /// <summary>What was heard last, once. With it goes the nudge that came with it: the step that is about to begin is the one it asked for.</summary>
    public Prediction? TakeHeard()
    {
        var heard = Interlocked.Exchange(ref _heard, null);
        if (heard is not null && _nudged.Task.IsCompleted)
            Volatile.Write(ref _nudged, NewNudge());
        return heard;
    }

    /// <summary>Something happened that is worth another step at once: a cancel, a listener, a webhook.</summary>
    public void Nudge() => Volatile.Read(ref _nudged).TrySetResult();

    /// <summary>Ends after <paramref name="pause"/>, or at a nudge.</summary>
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
    /// The same, or the longer pause that the upstream asked for: one of no time at all is no reason to ask without a pause, and one of
    /// hours none to leave a caller waiting.
    /// </summary>
    public TimeSpan Backoff(TimeSpan? asked, TimeSpan first, TimeSpan longest)
    {
        var own = Backoff(first, longest);
        return asked is { } pause && pause > own ? pause < LongestAsked ? pause : LongestAsked : own;
    }

    private static TaskCompletionSource NewNudge() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
