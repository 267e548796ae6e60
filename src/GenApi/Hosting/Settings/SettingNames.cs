using GenApi.Core.Errors;

namespace GenApi.Hosting.Settings;

/// <summary>
/// The names that settings have on the command line. Keys inside a section are checked when they are bound (<see cref="KnownSettings"/>);
/// here it is told apart
/// whether a name can be a setting at all.
/// </summary>
internal static class SettingNames
{
    private const string DotNetTelemetry = "OTEL_";

    /// <summary>Names without a section: ours, and those of the .NET host.</summary>
    public static IReadOnlyList<string> Plain { get; } =
    [
        "DataDirectory", "Urls", MisnamedSettings.TokenName, "REPLICATE_BASE_URL",
        "environment", "contentRoot", "applicationName", "AllowedHosts",
    ];

    /// <summary>Sections: ours, and those of .NET.</summary>
    public static IReadOnlyList<string> Sections { get; } =
    [
        "Hosting", "Telemetry", "Replicate", "Accounts", "Sandbox", "Database", "Blobs", "Images", "Uploads", "Upkeep", "Webhooks",
        "Models", "Generations",
        "Logging", "Kestrel", "hostBuilder",
    ];

    /// <summary>All of these.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Plain, .. Sections];

    /// <param name="name">Without dashes; case does not matter.</param>
    public static bool Has(string name) => name.Split(':', 2) is [var section, _]
        ? Sections.Contains(section, StringComparer.OrdinalIgnoreCase)
        : Plain.Contains(name, StringComparer.OrdinalIgnoreCase) || SecretFiles.Names(name)
            || name.StartsWith(DotNetTelemetry, StringComparison.Ordinal);

    /// <summary>The closest name; null: none is close.</summary>
    public static string? Nearest(string name) => name.Split(':', 2) is [var section, var key]
        ? NearestName.Find(section, Sections) is { } near ? $"{near}:{key}" : null
        : NearestName.Find(name, Plain);
}
