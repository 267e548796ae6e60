namespace GenApi.Diagnostics;

/// <summary>The section <c>Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>
    /// Where traces and metrics are sent by OTLP. Empty: nowhere, unless OpenTelemetry's own variables (<c>OTEL_…</c>) name a place.
    /// </summary>
    /// <value>an http(s) URL such as <c>http://collector:4318</c></value>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>Whether traces contain prompts.</summary>
    public bool RecordPrompts { get; set; }
}
