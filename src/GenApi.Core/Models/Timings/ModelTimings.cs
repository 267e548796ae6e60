namespace GenApi.Core.Models.Timings;

/// <summary>The expected state of a model: whether its next run would probably have to wait for a machine to boot.</summary>
public enum Warmth
{
    /// <summary>There were too few runs, or they were too long ago.</summary>
    Unknown,

    /// <summary>It has started at once after such a pause before.</summary>
    Warm,

    /// <summary>It has had to boot after such a pause before.</summary>
    Cold,
}

/// <summary>The times of the last runs of a model and version.</summary>
/// <param name="State">The state at the time of the question.</param>
/// <param name="LastRunAt">When it was last seen running or ending; null: never, or hidden from the caller.</param>
/// <param name="Runs">The number of runs; at most <see cref="RunHistory.Remembered"/>. Null: hidden from the caller.</param>
/// <param name="WarmStart">From creation to the start on a machine that was up; null if unknown.</param>
/// <param name="ColdStart">The same with booting; null if unknown.</param>
/// <param name="Predict">The running time of the model; null if unknown.</param>
public sealed record ModelTimings(
    Warmth State, DateTimeOffset? LastRunAt, int? Runs, MeasuredTime? WarmStart, MeasuredTime? ColdStart, MeasuredTime? Predict)
{
    /// <summary>The timings of a model that was never seen running.</summary>
    internal static ModelTimings None { get; } = new(Warmth.Unknown, null, 0, null, null, null);
}

/// <param name="Runs">The number of runs behind the two values; 1 or more. Null: hidden from the caller.</param>
/// <param name="MedianSeconds">Half of them took no longer.</param>
/// <param name="P95Seconds">19 of 20 took no longer.</param>
public sealed record MeasuredTime(int? Runs, double MedianSeconds, double P95Seconds);

/// <param name="MedianSeconds">Half of the runs took no longer.</param>
/// <param name="P95Seconds">19 of 20 took no longer.</param>
public readonly record struct TypicalTime(double MedianSeconds, double P95Seconds);
