using System.Buffers.Binary;
using GenApi.Core.Replicate;

namespace GenApi.Core.Generations;

/// <summary>
/// The one thing of ours that the upstream's lists show again besides the input: <c>Cancel-After</c>, as a prediction's deadline less the
/// time of its creation. Each generation
/// therefore asks for a time of its own, up to a minute shorter than the longest run, so a prediction tells which of several identical
/// requests made it, and that another
/// installation did not.
/// </summary>
internal static class CreationMark
{
    /// <summary>Marks differ by two seconds, so an upstream that cuts its times to whole seconds still shows them apart.</summary>
    private const int StepSeconds = 2;

    private const int MostSeconds = 60;

    /// <summary>At most this part of the longest run is given up for the mark.</summary>
    private const int Part = 10;

    /// <summary>
    /// A deadline further than this from a whole second was not made of the creation's time and ours, so it tells nothing.
    /// </summary>
    private static readonly TimeSpan Exact = TimeSpan.FromSeconds(0.05);

    /// <summary>How long the run of a generation may take.</summary>
    /// <param name="id">Of the generation; the same id always gives the same time, also in a copy of the database.</param>
    /// <param name="longest">The longest run, in whole seconds.</param>
    /// <returns>Whole seconds: <paramref name="longest"/>, or up to a minute and a tenth less.</returns>
    public static TimeSpan LongestRun(Guid id, TimeSpan longest)
    {
        var marks = (uint)(Math.Min(MostSeconds, longest.TotalSeconds / Part) / StepSeconds) + 1;
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        // The end of a version 7 id is random; its beginning is the time.
        return longest - TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) % marks * StepSeconds);
    }

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
            || Is(LongestRun(generation.Id, longest).TotalSeconds);

        bool Is(double? own) => own is { } seconds && Math.Abs(whole - seconds) < StepSeconds - 0.5;
    }
}
