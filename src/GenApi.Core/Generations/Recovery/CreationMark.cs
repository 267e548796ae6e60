using GenApi.Core.Replicate;

namespace GenApi.Core.Generations.Recovery;

/// <summary>
/// Recognises which generation made a prediction, by its <c>Cancel-After</c>. Besides the input, that is the only value of ours that the
/// upstream's lists show: a prediction's deadline less the time of its creation. Each generation therefore asks for a slightly different
/// time, up to a minute shorter than the longest run. So a prediction shows which of several identical requests made it, and that another
/// installation did not.
/// </summary>
internal static class CreationMark
{
    /// <summary>
    /// A deadline further than this from a whole second was not made from the creation's time and ours, so it shows nothing.
    /// </summary>
    private static readonly TimeSpan Exact = TimeSpan.FromSeconds(0.05);

    /// <summary>Checks whether a prediction was created with the time of this generation.</summary>
    /// <param name="generation">Was sent.</param>
    /// <param name="longest">
    /// The longest run by the present settings. The service that a database was copied from may have sent the generation after the copy.
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

        bool Is(double? own) => own is { } seconds && Math.Abs(whole - Math.Round(seconds)) < RunLimit.StepSeconds;
    }
}
