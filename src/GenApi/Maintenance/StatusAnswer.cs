using GenApi.Core.Maintenance;
using GenApi.Core.Maintenance.Status;
using GenApi.Core.Persistence;

namespace GenApi.Maintenance;

/// <summary>The document of <c>status --json</c>.</summary>
/// <param name="Version">The version of this program. A service that was not restarted may have another one.</param>
internal sealed record StatusAnswer(
    string Version, ServiceAnswer Service, IReadOnlyList<InstanceStatus> Instances, string DataDirectory, UpstreamAnswer Upstream,
    CreditAnswer Credit, QueueAnswer Generations, TodayAnswer Today, FailuresAnswer Failures, WebhooksAnswer Webhooks, StoreAnswer Store,
    RunAnswer LastBackup, RunAnswer LastFsck)
{
    public static StatusAnswer Of(StatusFacts facts, StatusReport report) => new(
        facts.Version,
        new(facts.State, facts.Address, facts.Health?.Status, facts.Troubles),
        InstanceStatus.Of(report.Instances),
        report.Directory,
        new(facts.Upstream, facts.UpstreamAddress, facts.Token),
        new(facts.Credit, report.CreditRefusedAt?.UtcDateTime),
        new(report.InFlight, report.Queued, report.OldestSince?.UtcDateTime),
        new(
            report.Today.Runs, report.Today.Hits, report.Today.Joined, MicroDollars.ToText(report.Today.CostMicros),
            MicroDollars.ToText(report.Today.SavedMicros), report.Today.Unpriced),
        new(report.RunsOfLastHour, report.Failures.Values.Sum(), report.Failures),
        new(report.WebhooksWaiting, report.WebhooksTried, report.WebhooksGivenUp),
        new(report.Files, report.FileBytes, report.LostFiles, report.DatabaseBytes, report.FreeBytes),
        RunAnswer.Of(report.Backup),
        RunAnswer.Of(report.Check));
}

/// <summary>The state of the service.</summary>
/// <param name="State">
/// <c>running</c>: it answers; <c>silent</c>: a process owns the data directory, but nothing answers at the address; <c>stopped</c>.
/// </param>
/// <param name="Address">The address at which it was asked.</param>
/// <param name="Health"><c>pass</c>, <c>warn</c> or <c>fail</c>; null if there was no answer.</param>
/// <param name="Troubles">One sentence for each health check that does not pass.</param>
internal sealed record ServiceAnswer(string State, string Address, string? Health, IReadOnlyList<string> Troubles);

/// <summary>The upstream.</summary>
/// <param name="Name"><c>replicate</c> or <c>sandbox</c>.</param>
/// <param name="Address">Its base URL; null for the sandbox.</param>
/// <param name="Token"><c>set</c>, <c>missing</c>, <c>refused</c> or <c>not needed</c>, or the fault in the settings.</param>
internal sealed record UpstreamAnswer(string Name, string? Address, string Token);

/// <summary>The credit of the upstream's account.</summary>
/// <param name="State"><c>used up</c>, <c>low</c> or <c>not refused</c>.</param>
/// <param name="LastRefusedAt">The last refusal within the last 24 hours.</param>
internal sealed record CreditAnswer(string State, DateTime? LastRefusedAt);

internal sealed record QueueAnswer(int InFlight, int Queued, DateTime? OldestSince);

/// <summary>The usage since midnight, UTC.</summary>
internal sealed record TodayAnswer(long Runs, long Hits, long Joined, string CostUsd, string SavedUsd, long UnpricedRuns);

/// <summary>The failures of the last hour.</summary>
/// <param name="Runs">The number of runs that ended within the last hour.</param>
/// <param name="Failed">The number of those that failed.</param>
/// <param name="ByCode">Their number by error code; <c>deleted</c> if the generation is gone.</param>
internal sealed record FailuresAnswer(int Runs, int Failed, IReadOnlyDictionary<string, int> ByCode);

/// <summary>The webhooks to callers.</summary>
/// <param name="Waiting">The number that is still to be delivered.</param>
/// <param name="Tried">The number of those that were tried without success.</param>
/// <param name="GivenUp">The number that was given up, among the latest 10,000.</param>
internal sealed record WebhooksAnswer(int Waiting, int Tried, int GivenUp);

internal sealed record StoreAnswer(long Files, long FileBytes, long LostFiles, long? DatabaseBytes, long? FreeBytes);

/// <summary>The last backup or check.</summary>
/// <param name="At">The time of the last one that was completed; null if none is known.</param>
/// <param name="Outcome"><c>sound</c> or <c>problems</c>.</param>
/// <param name="RunsSince">The number of model runs that ended after it.</param>
/// <param name="IsOfNewerDatabase">Whether the database was replaced by an older one since.</param>
/// <param name="FailedAt">The time of the last attempt, if it failed.</param>
/// <param name="Failure">The reason for the failure.</param>
internal sealed record RunAnswer(
    DateTime? At, string? Outcome, string? Summary, string? Folder, double? Seconds, long? RunsSince, bool IsOfNewerDatabase,
    DateTime? FailedAt, string? Failure)
{
    public static RunAnswer Of(MaintenanceStatus seen)
    {
        var (done, failed) = (seen.History.Done, seen.History.Failed);
        return new(
            done?.At.UtcDateTime, done is null ? null : done.Outcome == MaintenanceOutcome.Sound ? "sound" : "problems", done?.Summary,
            done?.Folder, done?.Seconds, seen.RunsSince,
            seen.IsOfNewer, failed?.At.UtcDateTime, failed?.Summary);
    }
}
