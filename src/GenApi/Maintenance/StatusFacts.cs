using GenApi.Core.Maintenance.Status;
using GenApi.Hosting.Health;
using GenApi.Hosting.Settings;

namespace GenApi.Maintenance;

/// <summary>
/// What the settings and the running service say, beside the rows. What the service says goes before what the settings would choose.
/// </summary>
internal sealed record StatusFacts
{
    public required string Version { get; init; }

    /// <summary><c>running</c>, <c>silent</c> or <c>stopped</c>.</summary>
    public required string State { get; init; }

    /// <summary>Where the service was asked.</summary>
    public required string Address { get; init; }

    /// <summary>Null: nobody answered.</summary>
    public required HealthAnswer? Health { get; init; }

    public required string Upstream { get; init; }

    public required string? UpstreamAddress { get; init; }

    public required string Token { get; init; }

    /// <summary><c>used up</c>, <c>low</c> or <c>not refused</c>.</summary>
    public required string Credit { get; init; }

    /// <summary>What the checks of the service complain of, a sentence each.</summary>
    public IReadOnlyList<string> Troubles => Health is null
        ? []
        : [.. Health.Checks.Where(check => check.Value.Status != "pass")
            .Select(check => $"{check.Key}: {check.Value.Output ?? check.Value.Status}").Order(StringComparer.Ordinal)];

    /// <summary>The name of the upstream: of the one that the service uses, else of the one that the settings choose.</summary>
    public static string UpstreamOf(HealthAnswer? health, ConfiguredUpstream configured) =>
        Told(health)?.GetValueOrDefault("mode") ?? configured.Name;

    public static StatusFacts Of(string version, Uri address, HealthAnswer? health, ConfiguredUpstream configured, StatusReport report)
    {
        var told = Told(health);
        return new()
        {
            Version = version,
            State = health is not null ? "running" : report.IsOwned ? "silent" : "stopped",
            Address = address.GetLeftPart(UriPartial.Authority),
            Health = health,
            Upstream = UpstreamOf(health, configured),
            UpstreamAddress = configured.Address,
            Token = told?.GetValueOrDefault("token") ?? configured.Token,
            // A service that was restarted has forgotten a refusal, and a row of it stays.
            Credit = told?.GetValueOrDefault("credit") is { } credit and not "not refused" ? credit
                : report is { CreditRefusedAt: not null, CreditCameBack: false } ? "used up" : "not refused",
        };
    }

    private static IReadOnlyDictionary<string, string>? Told(HealthAnswer? health) => health?.Checks.GetValueOrDefault("upstream")?.Facts;
}
