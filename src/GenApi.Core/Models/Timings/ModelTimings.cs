namespace GenApi.Core.Models.Timings;

/// <summary>Whether the next run of a model would probably have to wait for a machine to boot.</summary>
public enum Warmth
{
    /// <summary>Not seen often enough, or too long ago, to say.</summary>
    Unknown,

    /// <summary>After so long a pause it has started at once before.</summary>
    Warm,

    /// <summary>After so long a pause it has had to boot before.</summary>
    Cold,
}

/// <summary>What the last runs of a model and version show.</summary>
/// <param name="State">As of the moment it was asked for.</param>
/// <param name="LastRunAt">When it was last seen running or ending; null: never, or not to be told.</param>
/// <param name="Runs">How many runs were looked at; at most <see cref="RunHistory.Remembered"/>. Null: not to be told.</param>
/// <param name="WarmStart">From creation until a model ran whose machine was up; null when none is known.</param>
/// <param name="ColdStart">The same with booting; null when none is known.</param>
/// <param name="Predict">The model itself; null when none is known.</param>
public sealed record ModelTimings(Warmth State, DateTimeOffset? LastRunAt, int? Runs, MeasuredTime? WarmStart, MeasuredTime? ColdStart, MeasuredTime? Predict)
{
    /// <summary>Of a model that was never seen at work.</summary>
    internal static ModelTimings None { get; } = new(Warmth.Unknown, null, 0, null, null, null);
}

/// <param name="Runs">How many runs the two figures come from; 1 or more. Null: not to be told.</param>
/// <param name="MedianSeconds">Half of them took no longer.</param>
/// <param name="P95Seconds">19 of 20 took no longer.</param>
public sealed record MeasuredTime(int? Runs, double MedianSeconds, double P95Seconds);

/// <param name="MedianSeconds">Half of the runs took no longer.</param>
/// <param name="P95Seconds">19 of 20 took no longer.</param>
public readonly record struct TypicalTime(double MedianSeconds, double P95Seconds);
