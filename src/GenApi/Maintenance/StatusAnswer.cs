using GenApi.Core.Maintenance;
using GenApi.Core.Maintenance.Status;
using GenApi.Core.Persistence;

namespace GenApi.Maintenance;

/// <summary>What <c>status --json</c> writes.</summary>
/// <param name="Version">Of this program; the service may be of another while it was not restarted.</param>
internal sealed record StatusAnswer(
    string Version, ServiceAnswer Service, string DataDirectory, UpstreamAnswer Upstream, CreditAnswer Credit, QueueAnswer Generations,
    TodayAnswer Today, FailuresAnswer Failures, WebhooksAnswer Webhooks, StoreAnswer Store, RunAnswer LastBackup, RunAnswer LastFsck)
{
    public static StatusAnswer Of(StatusFacts facts, StatusReport report) => new(
        facts.Version,
        new(facts.State, facts.Address, facts.Health?.Status, facts.Troubles),
        report.Directory,
        new(facts.Upstream, facts.UpstreamAddress, facts.Token),
        new(facts.Credit, report.CreditRefusedAt?.UtcDateTime),
        new(report.InFlight, report.Queued, report.OldestSince?.UtcDateTime),
        new(
            report.Today.Runs, report.Today.Hits, report.Today.Joined, MicroDollars.ToText(report.Today.CostMicros),
            MicroDollars.ToText(report.Today.SavedMicros),
            report.Today.Unpriced),
        new(report.RunsOfLastHour, report.Failures.Values.Sum(), report.Failures),
        new(report.WebhooksWaiting, report.WebhooksTried, report.WebhooksGivenUp),
        new(report.Files, report.FileBytes, report.LostFiles, report.DatabaseBytes, report.FreeBytes),
        RunAnswer.Of(report.Backup),
        RunAnswer.Of(report.Check));
}

/// <param name="State"><c>running</c>: it answers; <c>silent</c>: a process owns the data directory, and nobody answers at the address;
/// <c>stopped</c>.</param>
/// <param name="Address">Where it was asked.</param>
/// <param name="Health"><c>pass</c>, <c>warn</c> or <c>fail</c>; null: nobody answered.</param>
/// <param name="Troubles">What its checks complain of.</param>
internal sealed record ServiceAnswer(string State, string Address, string? Health, IReadOnlyList<string> Troubles);

/// <param name="Name"><c>replicate</c> or <c>sandbox</c>.</param>
/// <param name="Address">Null for the sandbox.</param>
/// <param name="Token"><c>set</c>, <c>missing</c>, <c>refused</c> or <c>not needed</c>, or what is wrong with the settings.</param>
internal sealed record UpstreamAnswer(string Name, string? Address, string Token);

/// <param name="State"><c>used up</c>, <c>low</c> or <c>not refused</c>.</param>
/// <param name="LastRefusedAt">Within the last 24 hours.</param>
internal sealed record CreditAnswer(string State, DateTime? LastRefusedAt);

internal sealed record QueueAnswer(int InFlight, int Queued, DateTime? OldestSince);

/// <summary>Since midnight, UTC.</summary>
internal sealed record TodayAnswer(long Runs, long Hits, long Joined, string CostUsd, string SavedUsd, long UnpricedRuns);

/// <param name="Runs">That ended within the last hour.</param>
/// <param name="Failed">Of those.</param>
/// <param name="ByCode">Their errors' codes; <c>deleted</c> where the generation is gone.</param>
internal sealed record FailuresAnswer(int Runs, int Failed, IReadOnlyDictionary<string, int> ByCode);

/// <param name="Waiting">Still to be delivered.</param>
/// <param name="Tried">Of those, tried without success.</param>
/// <param name="GivenUp">Among the latest 10,000.</param>
internal sealed record WebhooksAnswer(int Waiting, int Tried, int GivenUp);

internal sealed record StoreAnswer(long Files, long FileBytes, long LostFiles, long? DatabaseBytes, long? FreeBytes);

/// <param name="At">The last one that was done; null: none is known.</param>
/// <param name="Outcome"><c>sound</c> or <c>problems</c>.</param>
/// <param name="RunsSince">Runs of models that ended after it.</param>
/// <param name="IsOfNewerDatabase">An older database was put in the place of the one it saw.</param>
/// <param name="FailedAt">The last try, where it came to nothing.</param>
/// <param name="Failure">Why.</param>
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
