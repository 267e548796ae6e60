using GenApi.Core.Errors;
using GenApi.Core.Replicate;

namespace GenApi.Core.Generations;

/// <summary>
/// A generation that this process works on, with what only the moment knows: how often something failed, what was last seen. All of it may be
/// forgotten at any time; whatever must last is in the row.
/// </summary>
internal sealed class GenerationRun(Generation generation, DateTimeOffset now)
{
    private TaskCompletionSource _nudged = NewNudge();

    public Generation Generation { get; set; } = generation;

    /// <summary>When this process took it up.</summary>
    public DateTimeOffset TakenUpAt { get; } = now;

    /// <summary>Consecutive failures of the present step.</summary>
    public int Failures { get; set; }

    /// <summary>Whether the wait before the first look is over.</summary>
    public bool IsPaced { get; set; }

    /// <summary>GETs of the prediction.</summary>
    public int Looks { get; set; }

    /// <summary>GETs after the time at which such a run usually ends.</summary>
    public int LateLooks { get; set; }

    /// <summary>GETs that said there is no such prediction, in a row.</summary>
    public int NotFounds { get; set; }

    public int CancelAttempts { get; set; }

    /// <summary>A prediction just seen, so that the next step need not ask for it again.</summary>
    public Prediction? News { get; set; }

    /// <summary>Why a creation's answer was not seen, for the operator and for the error in the end.</summary>
    public GenApiException? Doubt { get; set; }

    /// <summary>Holds one of <c>Replicate:MaxInFlight</c> places: the upstream has it or may have it. Storing is our own work.</summary>
    public bool HoldsPlace => !Generation.Status.IsTerminal() && Generation.Status != GenerationStatus.Storing;

    /// <summary>Something happened that is worth another step at once: a cancel, a listener.</summary>
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

    private static TaskCompletionSource NewNudge() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
