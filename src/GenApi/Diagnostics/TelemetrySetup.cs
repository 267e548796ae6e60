using System.Runtime.CompilerServices;
using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Hosting.OpenApi;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace GenApi.Diagnostics;

/// <summary>
/// Exports metrics and traces: to a scraper that asks (<see cref="PrometheusPage"/>), and to a collector if one is named.
/// </summary>
internal static class TelemetrySetup
{
    // OpenTelemetry's own variables; any of them names a collector.
    private static readonly string[] Variables =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    private static readonly string EndpointKey = $"{TelemetryOptions.Section}:{nameof(TelemetryOptions.OtlpEndpoint)}";

    // Requests whose spans would be many and say little.
    private static readonly PathString[] Silent = ["/health", "/metrics", "/images"];

    /// <exception cref="SettingException">Telemetry:OtlpEndpoint is not an http(s) URL.</exception>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section);
        builder.Services.AddSingleton<PrometheusPage>();
        var endpoint = builder.Configuration[EndpointKey] is { Length: > 0 } text ? Endpoint(text) : null;
        if (endpoint is not null || Variables.Any(name => builder.Configuration[name] is { Length: > 0 }))
            AddCollector(builder, endpoint);
    }

    public static void MapTelemetry(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<TelemetryOptions>>().Value;
        app.Services.GetRequiredService<GenApiMetrics>().RecordsPrompts = options.RecordPrompts;
        var page = app.Services.GetRequiredService<PrometheusPage>();
        new OperationDocs(app.MapGet("/metrics", (Delegate)page.WriteAsync).Needs(KeyRights.Metrics))
            .Is("GetMetrics", ApiTags.Operations, "Get metrics",
                "Prometheus' text format, or OpenMetrics if the request accepts it: requests and answers, runs, cost, the queue, calls "
                    + "to the upstream, the store, and the process itself.")
            .Text(200, "All metrics, with their current values.", "text/plain")
            .Also(200, "application/openmetrics-text")
            .Problems();
    }

    /// <summary>Adds a collector. It is a separate method, so that its libraries are not loaded if no collector is named.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddCollector(WebApplicationBuilder builder, Uri? endpoint)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(TelemetryResource.Add)
            .WithMetrics(metrics => metrics.AddMeter(GenApiMetrics.Name + "*", "System.Runtime"))
            .WithTracing(traces => traces.AddSource(GenApiMetrics.Name)
                .AddAspNetCoreInstrumentation(requests => requests.Filter = IsWorthASpan));
        if (endpoint is null)
        {
            telemetry.UseOtlpExporter();
            return;
        }
        var isGrpc = builder.Configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc";
        telemetry.UseOtlpExporter(isGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf, endpoint);
    }

    private static bool IsWorthASpan(HttpContext context) =>
        !Array.Exists(Silent, path => context.Request.Path.StartsWithSegments(path));

    private static Uri Endpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"
            ? endpoint
            : throw new SettingException(EndpointKey, $"'{text}' is not allowed. Allowed: an http(s) URL such as http://collector:4318.");
}
