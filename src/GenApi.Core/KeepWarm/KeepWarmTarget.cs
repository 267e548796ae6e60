using GenApi.Core.Models;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Settings;
using GenApi.Core.Persistence;

namespace GenApi.Core.KeepWarm;

/// <summary>A model that is to be kept warm, and the way to do it as far as it is known.</summary>
internal sealed class KeepWarmTarget(string alias, ModelReference reference, KeepWarmOptions options, KeepWarmSchedule schedule)
{
    private volatile KeepWarmRecipe? _recipe;
    private volatile KeepWarmHindrance? _problem;
    private volatile object? _begunAt;
    private volatile ConvertedStart? _start;

    public string Alias { get; } = alias;

    public ModelReference Reference { get; } = reference;

    public TimeSpan Every { get; } = TimeSpan.FromMinutes(options.EveryMinutes);

    public decimal DailyLimitUsd { get; } = options.DailyLimitUsd;

    public KeepWarmSchedule Schedule { get; } = schedule;

    /// <summary>Null until the model is known, and where it can't be run.</summary>
    public KeepWarmRecipe? Recipe
    {
        get => _recipe;
        set => _recipe = value;
    }

    /// <summary>The reason why the model can't be run; null: nothing is in the way, or it was not checked yet.</summary>
    public KeepWarmHindrance? Problem
    {
        get => _problem;
        set => _problem = value;
    }

    /// <summary>Records why the model can't be run, until a later check finds otherwise.</summary>
    public void Hinder(KeepWarmHindrance problem) => (Problem, Recipe) = (problem, null);

    /// <summary>The end of the pause after a failure, by the <see cref="SteadyClock"/>; only the worker reads it.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>The time at which this process last began a run, by the <see cref="SteadyClock"/>; only the worker writes it.</summary>
    public DateTimeOffset? BegunAt
    {
        get => (DateTimeOffset?)_begunAt;
        set => _begunAt = value;
    }

    /// <summary>
    /// Converts the start of the last run to the <see cref="SteadyClock"/>. It converts each start once, because the wall clock that gave
    /// the stamp may be set afterwards.
    /// </summary>
    /// <param name="stamp">The start by the wall clock.</param>
    /// <param name="clock">The clock of this process.</param>
    public DateTimeOffset StartedAt(DateTimeOffset stamp, SteadyClock clock)
    {
        var start = _start;
        if (start?.Stamp != stamp)
            _start = start = new(stamp, clock.FromWall(stamp));
        return start.At;
    }

    /// <summary>The reason that was logged last, so that each is logged once.</summary>
    public string? Logged { get; set; }

    private sealed record ConvertedStart(DateTimeOffset Stamp, DateTimeOffset At);
}

/// <summary>The cheapest way to run a model.</summary>
/// <param name="Model">The resolved model; another instance when the upstream has a new version.</param>
/// <param name="Input">An input that its schema accepts.</param>
/// <param name="WorstUsd">The worst cost of a run, in US dollars.</param>
internal sealed record KeepWarmRecipe(ResolvedModel Model, NormalisedInput Input, decimal WorstUsd);

/// <summary>The reason why a model is not kept warm at present.</summary>
/// <param name="Code">A stable code.</param>
/// <param name="Message">The reason as a sentence.</param>
public sealed record KeepWarmHindrance(string Code, string Message);

/// <summary>The keep-warm status of a model.</summary>
/// <param name="Alias">The alias that has the setting.</param>
/// <param name="Model"><c>owner/name</c>.</param>
/// <param name="Version">64 hexadecimal digits; null for an official model, and while the version is not known.</param>
/// <param name="Every">The longest time that the model may be idle.</param>
/// <param name="NextRunAt">When it runs next; null: not before <paramref name="Hindrance"/> is gone.</param>
/// <param name="SpentTodayUsd">The cost of today's ended runs and the worst case of unfinished ones, in US dollars.</param>
/// <param name="DailyLimitUsd">The daily limit, in US dollars.</param>
/// <param name="Hindrance">Null: nothing is in the way.</param>
public sealed record KeepWarmStatus(
    string Alias, string Model, string? Version, TimeSpan Every, DateTimeOffset? NextRunAt, decimal SpentTodayUsd, decimal DailyLimitUsd,
    KeepWarmHindrance? Hindrance);
