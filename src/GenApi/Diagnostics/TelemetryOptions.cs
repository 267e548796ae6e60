namespace GenApi.Diagnostics;

/// <summary>The section <c>Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>
    /// The address to which traces and metrics are sent by OTLP. Empty: none, unless OpenTelemetry's own variables (<c>OTEL_…</c>) name
    /// one.
    /// </summary>
    /// <value>an http(s) URL such as <c>http://collector:4318</c></value>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>Includes prompts in traces.</summary>
    public bool RecordPrompts { get; set; }
}
