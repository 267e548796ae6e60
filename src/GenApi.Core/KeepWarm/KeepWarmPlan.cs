using GenApi.Core.Models;
using GenApi.Core.Models.Settings;
using GenApi.Core.Models.Timings;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Options;

namespace GenApi.Core.KeepWarm;

/// <summary>Which models are kept warm, when each is run next, and why one is not.</summary>
public sealed class KeepWarmPlan
{
    /// <summary>How long an upstream that is out of credit is left alone; a creation that somebody else gets through ends it earlier.</summary>
    private static readonly TimeSpan WithoutCredit = TimeSpan.FromHours(1);

    private readonly ModelTimes _times;
    private readonly KeepWarmLedger _ledger;
    private readonly ReplicateUpstream _upstream;

    internal KeepWarmPlan(
        IOptions<ModelOptions> options, ModelTimes times, KeepWarmLedger ledger, ReplicateUpstream upstream, TimeProvider time,
        SteadyClock clock)
    {
        (_times, _ledger, _upstream, Time, Clock) = (times, ledger, upstream, time, clock);
        Targets = [.. options.Value.Aliases.Where(alias => alias.Value.KeepWarm is { Enabled: true }).OrderBy(alias => alias.Key, StringComparer.OrdinalIgnoreCase).Select(Target)];
    }

    /// <summary>Empty where nothing is kept warm.</summary>
    internal IReadOnlyList<KeepWarmTarget> Targets { get; }

    /// <summary>Of hours, days and what is told.</summary>
    internal TimeProvider Time { get; }

    /// <summary>Of pauses.</summary>
    internal SteadyClock Clock { get; }

    /// <summary>How each model that is to be kept warm stands, by one query for all; empty and without any where there is none.</summary>
    /// <exception cref="Errors.GenApiException">StorageUnavailable.</exception>
    public async Task<IReadOnlyList<KeepWarmStatus>> StatusesAsync(CancellationToken cancellationToken)
    {
        if (Targets.Count == 0)
            return [];
        var now = Time.GetUtcNow();
        var accounts = await _ledger.ReadAsync(Targets.ToDictionary(target => target.Alias, target => target.Schedule.DayOf(now), StringComparer.OrdinalIgnoreCase), cancellationToken);
        var histories = await _times.HistoriesAsync([.. Targets.Select(target => (ModelOf(target), VersionOf(target)))], cancellationToken);
        return [.. Targets.Zip(histories, (target, history) => Status(target, accounts.GetValueOrDefault(target.Alias), history.LastActiveAt, now))];
    }

    private KeepWarmStatus Status(KeepWarmTarget target, KeepWarmAccount account, DateTimeOffset? activeAt, DateTimeOffset now)
    {
        DateTimeOffset?[] seen = [activeAt, account.LastAt is { } stamp ? target.NotedAt(stamp, Clock) : null, target.BegunAt];
        var due = seen.Max() is { } last && Clock.ToWall(last + target.Every) is var at && at > now ? at : now;
        var (hindrance, from) = Hindrance(target, account, due, now);
        var next = from is { } earliest ? target.Schedule.NextOpen(earliest) : null;
        if (hindrance is null && !target.Schedule.IsOpen(now))
            hindrance = new("outside_hours", "It is kept warm in the hours of KeepWarm:Hours and KeepWarm:Days only.");
        return new(target.Alias, ModelOf(target), VersionOf(target), target.Every, next, account.SpentTodayUsd, target.DailyLimitUsd, hindrance);
    }

    /// <returns>What is in the way, and from when on a run may be made; null: nobody knows.</returns>
    private (KeepWarmHindrance? Hindrance, DateTimeOffset? From) Hindrance(KeepWarmTarget target, KeepWarmAccount account, DateTimeOffset due, DateTimeOffset now)
    {
        if (account.IsUnfinished)
            return (new("unfinished", "The run before has not ended."), null);
        if (target.Problem is { } problem)
            return (problem, null);
        if (target.Recipe is not { } recipe)
            return (null, due);
        if (recipe.WorstUsd > target.DailyLimitUsd)
            return (new("daily_limit", FormattableString.Invariant($"One run may cost {Usd(recipe.WorstUsd)} US dollars, more than KeepWarm:DailyLimitUsd.")), null);
        if (_upstream.Unauthorized)
            return (new("upstream_unauthorized", "The upstream refuses our token."), null);
        if (_upstream.OutOfCreditAt is { } refusedAt && Clock.Now < refusedAt + WithoutCredit)
            return (new("upstream_out_of_credit", "The upstream's account has no credit."), Clock.ToWall(refusedAt + WithoutCredit));
        if (_upstream.CreationsReducedTo is { } perMinute)
            return (new("upstream_low_credit", $"The upstream's account is low on credit and has {perMinute} creations a minute left, which callers need."), null);
        if (account.SpentTodayUsd + recipe.WorstUsd <= target.DailyLimitUsd)
            return (null, due);
        var tomorrow = target.Schedule.StartOf(target.Schedule.DayOf(now).AddDays(1));
        return (
            new("daily_limit", FormattableString.Invariant($"Today's runs cost {Usd(account.SpentTodayUsd)} US dollars, and another may cost {Usd(recipe.WorstUsd)}: more than KeepWarm:DailyLimitUsd.")),
            due > tomorrow ? due : tomorrow);
    }

    private static string Usd(decimal usd) => MicroDollars.ToText(MicroDollars.AtLeast(usd));

    private static string ModelOf(KeepWarmTarget target) => target.Recipe?.Model.Reference ?? $"{target.Reference.Owner}/{target.Reference.Name}";

    private static string? VersionOf(KeepWarmTarget target) => target.Recipe is { } recipe ? recipe.Model.Version : target.Reference.Version;

    private static KeepWarmTarget Target(KeyValuePair<string, ModelAlias> alias)
    {
        var options = alias.Value.KeepWarm!;
        var schedule = KeepWarmSchedule.Read(options, (key, sentence) => throw new InvalidOperationException($"{key} {sentence}"))!;
        return new KeepWarmTarget(alias.Key, ModelReference.Parse(alias.Value.Model), options, schedule);
    }
}
