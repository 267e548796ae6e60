using GenApi.Core.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace GenApi.Diagnostics;

/// <summary>
/// <c>GET /metrics</c> in Prometheus' text format. The exporter is created on the first request, so a service that nobody scrapes does not
/// load it. Counters count from the start of the service, durations from that first request.
/// </summary>
internal sealed class PrometheusPage : IDisposable
{
    private readonly Lazy<(MeterProvider Provider, RequestDelegate Write)> _page;

    public PrometheusPage(IServiceProvider services) => _page = new(() => Make(services));

    public Task WriteAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return _page.Value.Write(context);
    }

    public void Dispose()
    {
        if (_page.IsValueCreated)
            _page.Value.Provider.Dispose();
    }

    private static (MeterProvider Provider, RequestDelegate Write) Make(IServiceProvider services)
    {
        // System.Runtime: memory, collections, threads, processor time. It is read on request and costs nothing until then.
        var meter = services.GetRequiredService<GenApiMetrics>().Meter.Name;
        var provider = Sdk.CreateMeterProviderBuilder().ConfigureResource(TelemetryResource.Add).AddMeter(meter, "System.Runtime")
            .AddPrometheusExporter(exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0).Build();
        var page = new ApplicationBuilder(services);
        page.UseOpenTelemetryPrometheusScrapingEndpoint(provider, _ => true, null, null, null);
        return (provider, page.Build());
    }
}
