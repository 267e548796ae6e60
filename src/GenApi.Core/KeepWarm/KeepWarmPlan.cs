using GenApi.Core.Models;
using GenApi.Core.Models.Settings;
using GenApi.Core.Models.Timings;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Options;

namespace GenApi.Core.KeepWarm;

/// <summary>Decides which models are kept warm and when each runs next, and says why one does not run.</summary>
public sealed class KeepWarmPlan
{
    /// <summary>The pause after the upstream's account has run out of credit. A successful creation of a caller ends it earlier.</summary>
    private static readonly TimeSpan WithoutCredit = TimeSpan.FromHours(1);

    private readonly ModelTimes _times;
    private readonly KeepWarmLedger _ledger;
    private readonly ReplicateUpstream _upstream;

    /// <summary>For hours, days and the times in the answer.</summary>
    private readonly TimeProvider _time;

    /// <summary>For pauses.</summary>
    private readonly SteadyClock _clock;

    public KeepWarmPlan(
        IOptions<ModelOptions> options, ModelTimes times, KeepWarmLedger ledger, ReplicateUpstream upstream, TimeProvider time,
        SteadyClock clock)
    {
        (_times, _ledger, _upstream, _time, _clock) = (times, ledger, upstream, time, clock);
        Targets = [.. options.Value.Aliases.Where(alias => alias.Value.KeepWarm is { Enabled: true })
            .OrderBy(alias => alias.Key, StringComparer.OrdinalIgnoreCase).Select(Target)];
    }

    /// <summary>Empty where no model is kept warm.</summary>
    internal IReadOnlyList<KeepWarmTarget> Targets { get; }

    /// <summary>
    /// Reads the status of each model that is to be kept warm, with one query for all; without targets there is no query.
    /// </summary>
    /// <exception cref="Errors.GenApiException">StorageUnavailable.</exception>
    public async Task<IReadOnlyList<KeepWarmStatus>> StatusesAsync(CancellationToken cancellationToken)
    {
        if (Targets.Count == 0)
            return [];
        var now = _time.GetUtcNow();
        var today = Targets.ToDictionary(target => target.Alias, target => target.Schedule.DayOf(now), StringComparer.OrdinalIgnoreCase);
        var accounts = await _ledger.ReadAsync(today, cancellationToken);
        var histories = await _times.HistoriesAsync([.. Targets.Select(target => (ModelOf(target), VersionOf(target)))], cancellationToken);
        return [.. Targets.Zip(
            histories, (target, history) => Status(target, accounts.GetValueOrDefault(target.Alias), history.LastActiveAt, now))];
    }

    private KeepWarmStatus Status(KeepWarmTarget target, KeepWarmAccount account, DateTimeOffset? activeAt, DateTimeOffset now)
    {
        DateTimeOffset?[] seen = [activeAt, account.LastAt is { } stamp ? target.StartedAt(stamp, _clock) : null, target.BegunAt];
        var due = seen.Max() is { } last && _clock.ToWall(last + target.Every) is var at && at > now ? at : now;
        var (hindrance, from) = Hindrance(target, account, due, now);
        var next = from is { } earliest ? target.Schedule.NextOpen(earliest) : null;
        if (hindrance is null && !target.Schedule.IsOpen(now))
            hindrance = new("outside_hours", "The model is kept warm only within KeepWarm:Hours and KeepWarm:Days.");
        return new(
            target.Alias, ModelOf(target), VersionOf(target), target.Every, next, account.SpentTodayUsd, target.DailyLimitUsd, hindrance);
    }

    /// <returns>The hindrance, and the earliest time of the next run; null: not known.</returns>
    private (KeepWarmHindrance? Hindrance, DateTimeOffset? From) Hindrance(
        KeepWarmTarget target, KeepWarmAccount account, DateTimeOffset due, DateTimeOffset now)
    {
        if (account.IsUnfinished)
            return (new("unfinished", "The previous run has not ended."), null);
        if (target.Problem is { } problem)
            return (problem, null);
        if (target.Recipe is not { } recipe)
            return (null, due);
        if (recipe.WorstUsd > target.DailyLimitUsd)
            return (new("daily_limit", $"One run may cost {Usd(recipe.WorstUsd)} US dollars, more than KeepWarm:DailyLimitUsd."), null);
        if (_upstream.Unauthorized)
            return (new("upstream_unauthorized", "The upstream refuses our token."), null);
        if (_upstream.OutOfCreditAt is { } refusedAt && _clock.Now < refusedAt + WithoutCredit)
            return (new("upstream_out_of_credit", "The upstream's account has no credit."), _clock.ToWall(refusedAt + WithoutCredit));
        if (_upstream.CreationsReducedTo is { } perMinute)
        {
            return (new("upstream_low_credit", FormattableString.Invariant(
                $"The upstream's account is low on credit and allows {perMinute} creations a minute, which callers need.")), null);
        }
        if (account.SpentTodayUsd + recipe.WorstUsd <= target.DailyLimitUsd)
            return (null, due);
        var tomorrow = target.Schedule.StartOf(target.Schedule.DayOf(now).AddDays(1));
        return (
            new("daily_limit", $"Today's runs cost {Usd(account.SpentTodayUsd)} US dollars, and another may cost "
                + $"{Usd(recipe.WorstUsd)}: more than KeepWarm:DailyLimitUsd."),
            due > tomorrow ? due : tomorrow);
    }

    private static string Usd(decimal usd) => MicroDollars.ToText(MicroDollars.AtLeast(usd));

    private static string ModelOf(KeepWarmTarget target) =>
        target.Recipe?.Model.Reference ?? $"{target.Reference.Owner}/{target.Reference.Name}";

    private static string? VersionOf(KeepWarmTarget target) =>
        target.Recipe is { } recipe ? recipe.Model.Version : target.Reference.Version;

    private static KeepWarmTarget Target(KeyValuePair<string, ModelAlias> alias)
    {
        var options = alias.Value.KeepWarm!;
        var schedule = KeepWarmSchedule.Read(options, (key, sentence) => throw new InvalidOperationException($"{key} {sentence}"))!;
        return new KeepWarmTarget(alias.Key, ModelReference.Parse(alias.Value.Model), options, schedule);
    }
}
