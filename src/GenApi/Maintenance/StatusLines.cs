using GenApi.Core.Accounts.Usage;
using GenApi.Core.Errors;
using GenApi.Core.Maintenance;
using GenApi.Core.Maintenance.Status;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Maintenance;

/// <summary>Writes the status for people: one line for each question that an operator asks first.</summary>
internal static class StatusLines
{
    private const int NameWidth = 13;

    /// <summary>The number of error codes of the last hour that are named.</summary>
    private const int MostCodes = 4;

    public static string Of(StatusFacts facts, StatusReport report, DateTimeOffset now)
    {
        List<(string Name, string Text)> lines =
        [
            ($"GenApi {facts.Version}", Service(facts)),
            .. facts.Troubles.Select(trouble => ("", trouble)),
            .. Instances(report, now),
            ("data", report.Directory),
            ("upstream", Upstream(facts)),
            ("credit", Credit(facts, report, now)),
            ("generations", Generations(report, now)),
            ("today", Today(report.Today)),
            ("failures", Failures(report)),
            ("webhooks", Webhooks(report)),
            ("store", Store(report)),
            ("last backup", Run(report.Backup, "no backup is known: backup <folder> makes one", now)),
            ("last fsck", Run(report.Check, "no check is known: fsck makes one", now)),
        ];
        var width = Math.Max(NameWidth, lines.Max(line => line.Name.Length) + 2);
        return string.Concat(lines.Select(line => $"{line.Name.PadRight(width)}{line.Text}\n"));
    }

    private static string Service(StatusFacts facts) => facts.State switch
    {
        "running" => $"running at {facts.Address}, {Readiness(facts.Health!.Status)}",
        "silent" => $"a process owns the data directory, but nobody answers at {facts.Address}: does it listen elsewhere (Urls)?",
        _ => $"stopped (nobody answers at {facts.Address})",
    };

    private static IEnumerable<(string Name, string Text)> Instances(StatusReport report, DateTimeOffset now) =>
        report.Instances.Select((each, at) => (
            at == 0 ? "instances" : "",
            $"{each.Id} on {each.Host}, version {each.Version}, for {Quantities.Duration(now - each.StartedAt)}"
                + (each.IsLeader ? ", leads" : "") + (each.AliveUntil < now ? ", DOES NOT ANSWER" : "")));

    private static string Readiness(string health) => health switch
    {
        "pass" => "ready",
        "warn" => "ready, with warnings:",
        _ => "NOT READY:",
    };

    private static string Upstream(StatusFacts facts) =>
        facts.UpstreamAddress is { } address && facts.Upstream == "replicate"
            ? $"{facts.Upstream} ({address}), token {facts.Token}"
            : $"{facts.Upstream}, token {facts.Token}";

    private static string Credit(StatusFacts facts, StatusReport report, DateTimeOffset now)
    {
        var refused = report.CreditRefusedAt is { } at ? $"last refused {Ago(at, now)}" : null;
        return facts.Credit switch
        {
            "used up" => $"USED UP{(refused is null ? "" : $": {refused}, and no run has succeeded since")}",
            "low" => "low: the upstream takes fewer creations a minute",
            _ when refused is not null => $"{refused}; runs have succeeded since",
            _ => "not refused within the last 24 hours",
        };
    }

    private static string Generations(StatusReport report, DateTimeOffset now) =>
        $"{Quantities.Count(report.InFlight)} in flight, {Quantities.Count(report.Queued)} queued"
        + (report.OldestSince is { } since ? $", the oldest for {Quantities.Duration(now - since)}" : "");

    private static string Today(UsageSums sums)
    {
        var unpriced = sums.Unpriced > 0 ? $" and {Quantities.Count(sums.Unpriced)} of them without a known price" : "";
        return $"{Quantities.Of(sums.Runs, "run")} for {MicroDollars.ToText(sums.CostMicros)} USD{unpriced}, "
            + $"{MicroDollars.ToText(sums.SavedMicros)} USD saved by {Quantities.Of(sums.Hits, "hit")} and "
            + $"{Quantities.Count(sums.Joined)} joined (UTC)";
    }

    private static string Failures(StatusReport report)
    {
        var ended = $"{Quantities.Of(report.RunsOfLastHour, "run")} that ended within the last hour";
        if (report.Failures.Count == 0)
            return $"none of {ended}";
        var codes = report.Failures.Take(MostCodes).Select(each => $"{each.Key} {Quantities.Count(each.Value)}");
        var more = report.Failures.Count > MostCodes ? ", …" : "";
        return $"{Quantities.Count(report.Failures.Values.Sum())} of {ended}: {string.Join(", ", codes)}{more}";
    }

    private static string Webhooks(StatusReport report)
    {
        var (tried, givenUp) = (Quantities.Count(report.WebhooksTried), Quantities.Count(report.WebhooksGivenUp));
        return $"{Quantities.Count(report.WebhooksWaiting)} not delivered yet ({tried} after a failed try), {givenUp} given up";
    }

    private static string Store(StatusReport report)
    {
        var lost = report.LostFiles > 0 ? $" ({Quantities.Count(report.LostFiles)} LOST)" : "";
        var database = report.DatabaseBytes is { } size ? $", database {ByteSize.Measured(size)}" : "";
        var free = report.FreeBytes is { } room ? $", {ByteSize.Measured(room)} free on the disk" : "";
        return $"{Quantities.Of(report.Files, "file")} of {ByteSize.Measured(report.FileBytes)}{lost}{database}{free}";
    }

    private static string Run(MaintenanceStatus seen, string never, DateTimeOffset now)
    {
        var (done, failed) = (seen.History.Done, seen.History.Failed);
        var where = done?.Folder is { } folder ? $" to {folder}" : "";
        var outcome = done?.Outcome == MaintenanceOutcome.Sound ? "sound" : "PROBLEMS";
        var text = done is null ? never : $"{Ago(done.At, now)}{where}: {outcome}, {done.Summary}";
        if (seen.IsOfNewer)
            text += "; an OLDER database was put in place since";
        else if (seen.RunsSince is > 0 and var runs)
            text += $"; {Quantities.Of(runs, "run")} since";
        return failed is null ? text : $"{text}; FAILED {Ago(failed.At, now)}: {failed.Summary}";
    }

    private static string Ago(DateTimeOffset at, DateTimeOffset now) => $"{Quantities.Duration(now - at)} ago ({Quantities.Moment(at)})";
}
