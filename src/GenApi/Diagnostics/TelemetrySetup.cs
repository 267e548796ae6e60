using System.Runtime.CompilerServices;
using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Hosting.OpenApi;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace GenApi.Diagnostics;

/// <summary>Who is told what the service counts and times: a scraper that asks (<see cref="PrometheusPage"/>), and a collector where one is named.</summary>
internal static class TelemetrySetup
{
    // OpenTelemetry's own variables; any of them names a collector.
    private static readonly string[] Variables = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    /// <exception cref="SettingException">Telemetry:OtlpEndpoint is no http(s) URL.</exception>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PrometheusPage>();
        var options = Options(builder.Configuration);
        var endpoint = options.OtlpEndpoint.Length == 0 ? null : Endpoint(options.OtlpEndpoint);
        if (endpoint is not null || Variables.Any(name => builder.Configuration[name] is { Length: > 0 }))
            AddCollector(builder, endpoint);
    }

    public static void MapTelemetry(this WebApplication app)
    {
        app.Services.GetRequiredService<GenApiMetrics>().RecordsPrompts = Options(app.Configuration).RecordPrompts;
        new OperationDocs(app.MapGet("/metrics", (Delegate)app.Services.GetRequiredService<PrometheusPage>().WriteAsync).Needs(KeyRights.Metrics))
            .Is("GetMetrics", ApiTags.Operations, "Get metrics",
                "In Prometheus' text format, or OpenMetrics' for whoever accepts that: what was asked and how it was answered, runs, cost, queue, calls to the upstream, the store, and the process itself.")
            .Text(200, "All metrics as they are now.", "text/plain")
            .Also(200, "application/openmetrics-text")
            .Problems();
    }

    private static TelemetryOptions Options(IConfiguration configuration) => configuration.GetSection(TelemetryOptions.Section).Get<TelemetryOptions>() ?? new TelemetryOptions();

    /// <summary>Apart, so that nothing of it is loaded where no collector is named.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddCollector(WebApplicationBuilder builder, Uri? endpoint)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(TelemetryResource.Add)
            .WithMetrics(metrics => metrics.AddMeter(GenApiMetrics.Name + "*", "System.Runtime"))
            .WithTracing(traces => traces.AddSource(GenApiMetrics.Name).AddAspNetCoreInstrumentation(requests => requests.Filter = IsWorthASpan));
        if (endpoint is null)
            telemetry.UseOtlpExporter();
        else
            telemetry.UseOtlpExporter(builder.Configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf, endpoint);
    }

    private static bool IsWorthASpan(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/health") && !context.Request.Path.StartsWithSegments("/metrics") && !context.Request.Path.StartsWithSegments("/images");

    private static Uri Endpoint(string text) => Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"
        ? endpoint
        : throw new SettingException($"{TelemetryOptions.Section}:{nameof(TelemetryOptions.OtlpEndpoint)}", $"'{text}' is not allowed. Allowed: an http(s) URL such as http://collector:4318.");
}
