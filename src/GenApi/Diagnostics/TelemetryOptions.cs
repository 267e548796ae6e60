namespace GenApi.Diagnostics;

/// <summary>The section <c>Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>Where traces and metrics are sent by OTLP, such as <c>http://collector:4318</c>. Empty: nowhere, unless OpenTelemetry's own variables name a place.</summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>Whether spans hold prompts, which are content.</summary>
    public bool RecordPrompts { get; set; }
}
