using GenApi.Core.Models;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Settings;
using GenApi.Core.Persistence;

namespace GenApi.Core.KeepWarm;

/// <summary>A model that is to be kept warm, and what is known of how to do it.</summary>
internal sealed class KeepWarmTarget(string alias, ModelReference reference, KeepWarmOptions options, KeepWarmSchedule schedule)
{
    private volatile KeepWarmRecipe? _recipe;
    private volatile KeepWarmHindrance? _problem;
    private volatile object? _begunAt;
    private volatile Noted? _noted;

    public string Alias { get; } = alias;

    public ModelReference Reference { get; } = reference;

    public TimeSpan Every { get; } = TimeSpan.FromMinutes(options.EveryMinutes);

    public decimal DailyLimitUsd { get; } = options.DailyLimitUsd;

    public KeepWarmSchedule Schedule { get; } = schedule;

    /// <summary>Null until the model is known, and where nothing can be run.</summary>
    public KeepWarmRecipe? Recipe
    {
        get => _recipe;
        set => _recipe = value;
    }

    /// <summary>Why nothing can be run; null: nothing is in the way, or nobody has looked yet.</summary>
    public KeepWarmHindrance? Problem
    {
        get => _problem;
        set => _problem = value;
    }

    /// <summary>Nothing can be run, until something else is found.</summary>
    public void Hinder(KeepWarmHindrance problem) => (Problem, Recipe) = (problem, null);

    /// <summary>After a failure, by the <see cref="SteadyClock"/>; only the one who runs it looks.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>When this process last began a run, by the <see cref="SteadyClock"/>; only the one who runs it writes.</summary>
    public DateTimeOffset? BegunAt
    {
        get => (DateTimeOffset?)_begunAt;
        set => _begunAt = value;
    }

    /// <summary>
    /// When the run was made that the rows tell of, by the <see cref="SteadyClock"/>. It is worked out once for each, because the wall
    /// clock that gave the stamp may be
    /// set afterwards.
    /// </summary>
    /// <param name="stamp">By the wall clock.</param>
    /// <param name="clock">This process's.</param>
    public DateTimeOffset NotedAt(DateTimeOffset stamp, SteadyClock clock)
    {
        var noted = _noted;
        if (noted?.Stamp != stamp)
            _noted = noted = new(stamp, clock.FromWall(stamp));
        return noted.At;
    }

    /// <summary>What was logged last, so that each reason is told once.</summary>
    public string? Logged { get; set; }

    private sealed record Noted(DateTimeOffset Stamp, DateTimeOffset At);
}

/// <summary>How a model is run as cheaply as it can be.</summary>
/// <param name="Model">As it was resolved; another instance when the upstream tells of a new version.</param>
/// <param name="Input">Accepted by its schema.</param>
/// <param name="WorstUsd">What a run may cost.</param>
internal sealed record KeepWarmRecipe(ResolvedModel Model, NormalisedInput Input, decimal WorstUsd);

/// <summary>Why a model is not kept warm at present.</summary>
/// <param name="Code">A stable word.</param>
/// <param name="Message">The same as a sentence.</param>
public sealed record KeepWarmHindrance(string Code, string Message);

/// <summary>How the keeping warm of a model stands.</summary>
/// <param name="Alias">Under which it is set.</param>
/// <param name="Model"><c>owner/name</c>.</param>
/// <param name="Version">64 hexadecimal digits; null for an official model, and while it is not known.</param>
/// <param name="Every">How long the model may have nothing to do.</param>
/// <param name="NextRunAt">Null: not before <paramref name="Hindrance"/> is gone.</param>
/// <param name="SpentTodayUsd">What today's runs cost, and unfinished ones may.</param>
/// <param name="DailyLimitUsd">US dollars.</param>
/// <param name="Hindrance">Null: nothing is in the way.</param>
public sealed record KeepWarmStatus(
    string Alias, string Model, string? Version, TimeSpan Every, DateTimeOffset? NextRunAt, decimal SpentTodayUsd, decimal DailyLimitUsd, KeepWarmHindrance? Hindrance);
