using GenApi.Core.Replicate;

namespace GenApi.Core.Generations.Recovery;

/// <summary>
/// The one thing of ours that the upstream's lists show again besides the input: <c>Cancel-After</c>, as a prediction's deadline less the
/// time of its creation. Each generation
/// therefore asks for a time of its own, up to a minute shorter than the longest run, so a prediction tells which of several identical
/// requests made it, and that another
/// installation did not.
/// </summary>
internal static class CreationMark
{
    /// <summary>
    /// A deadline further than this from a whole second was not made of the creation's time and ours, so it tells nothing.
    /// </summary>
    private static readonly TimeSpan Exact = TimeSpan.FromSeconds(0.05);

    /// <summary>Whether a prediction was created with the time of this generation.</summary>
    /// <param name="generation">Was sent.</param>
    /// <param name="longest">
    /// The longest run by the present settings: a copy of the database may have been sent on by the service it was copied from.
    /// </param>
    /// <param name="prediction">As the upstream shows it.</param>
    /// <returns>Null: the upstream does not show it.</returns>
    public static bool? IsShown(Generation generation, TimeSpan longest, Prediction prediction)
    {
        if (prediction.Deadline - prediction.CreatedAt is not { } shown)
            return null;
        var whole = Math.Round(shown.TotalSeconds);
        if (Math.Abs(shown.TotalSeconds - whole) > Exact.TotalSeconds)
            return null;
        return Is(generation.CancelAfterSeconds ?? (generation.DeadlineAt - generation.SubmittingAt)?.TotalSeconds)
            || Is(RunLimit.Of(generation.Id, longest).TotalSeconds);

        bool Is(double? own) => own is { } seconds && Math.Abs(whole - seconds) < RunLimit.StepSeconds - 0.5;
    }
}
