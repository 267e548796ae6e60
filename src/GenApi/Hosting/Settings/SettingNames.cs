using GenApi.Core.Errors;

namespace GenApi.Hosting.Settings;

/// <summary>
/// The names that can be a setting on the command line. <see cref="KnownSettings"/> checks the keys inside a section when they are bound.
/// </summary>
internal static class SettingNames
{
    private const string DotNetTelemetry = "OTEL_";

    /// <summary>Names without a section: ours, and the .NET host's.</summary>
    public static IReadOnlyList<string> Plain { get; } =
    [
        "DataDirectory", "Urls", MisnamedSettings.TokenName, "REPLICATE_BASE_URL",
        "environment", "contentRoot", "applicationName", "AllowedHosts",
    ];

    /// <summary>Sections: ours, and .NET's.</summary>
    public static IReadOnlyList<string> Sections { get; } =
    [
        "Hosting", "Telemetry", "Replicate", "Accounts", "Sandbox", "Database", "Blobs", "Images", "Uploads", "Upkeep", "Webhooks",
        "Models", "Generations", "Doors", "Cluster",
        "Logging", "Kestrel", "hostBuilder",
    ];

    /// <summary>Names without a section, and sections.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Plain, .. Sections];

    /// <summary>Says whether a name can be a setting.</summary>
    /// <param name="name">Without dashes, in any case.</param>
    public static bool Has(string name) => name.Split(':', 2) is [var section, _]
        ? Sections.Contains(section, StringComparer.OrdinalIgnoreCase)
        : Plain.Contains(name, StringComparer.OrdinalIgnoreCase) || SecretFiles.Names(name)
            || name.StartsWith(DotNetTelemetry, StringComparison.Ordinal);

    /// <returns>The closest name; null if none is close.</returns>
    public static string? Nearest(string name) => name.Split(':', 2) is [var section, var key]
        ? NearestName.Find(section, Sections) is { } near ? $"{near}:{key}" : null
        : NearestName.Find(name, Plain);
}
