using GenApi.Core.Maintenance.Status;
using GenApi.Hosting.Health;
using GenApi.Hosting.Settings;

namespace GenApi.Maintenance;

/// <summary>Combines the settings with the answer of the running service, which takes precedence.</summary>
internal sealed record StatusFacts
{
    public required string Version { get; init; }

    /// <summary><c>running</c>, <c>silent</c> or <c>stopped</c>.</summary>
    public required string State { get; init; }

    /// <summary>The address at which the service was asked.</summary>
    public required string Address { get; init; }

    /// <summary>The answer of the service; null if there was none.</summary>
    public required HealthAnswer? Health { get; init; }

    public required string Upstream { get; init; }

    public required string? UpstreamAddress { get; init; }

    public required string Token { get; init; }

    /// <summary><c>used up</c>, <c>low</c> or <c>not refused</c>.</summary>
    public required string Credit { get; init; }

    /// <summary>One sentence for each health check that does not pass.</summary>
    public IReadOnlyList<string> Troubles => Health is null
        ? []
        : [.. Health.Checks.Where(check => check.Value.Status != "pass")
            .Select(check => $"{check.Key}: {check.Value.Output ?? check.Value.Status}").Order(StringComparer.Ordinal)];

    /// <summary>Returns the name of the upstream that the service uses, otherwise of the one that the settings choose.</summary>
    public static string UpstreamOf(HealthAnswer? health, ConfiguredUpstream configured) =>
        Reported(health)?.GetValueOrDefault("mode") ?? configured.Name;

    public static StatusFacts Of(string version, Uri address, HealthAnswer? health, ConfiguredUpstream configured, StatusReport report)
    {
        var reported = Reported(health);
        return new()
        {
            Version = version,
            State = health is not null ? "running" : report.IsOwned ? "silent" : "stopped",
            Address = address.GetLeftPart(UriPartial.Authority),
            Health = health,
            Upstream = UpstreamOf(health, configured),
            UpstreamAddress = configured.Address,
            Token = reported?.GetValueOrDefault("token") ?? configured.Token,
            // A restarted service has forgotten a refusal, but the row of it remains.
            Credit = reported?.GetValueOrDefault("credit") is { } credit and not "not refused" ? credit
                : report is { CreditRefusedAt: not null, CreditCameBack: false } ? "used up" : "not refused",
        };
    }

    private static IReadOnlyDictionary<string, string>? Reported(HealthAnswer? health) =>
        health?.Checks.GetValueOrDefault("upstream")?.Facts;
}
