using GenApi.Core.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace GenApi.Diagnostics;

/// <summary>
/// <c>GET /metrics</c> in Prometheus' text format. The exporter is made when somebody first asks: a service that nobody scrapes neither loads it nor pays for it, and
/// counts have been kept from the start all the same (durations are counted from then on).
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
        // System.Runtime: memory, collections, threads, processor time; read when it is asked for, and free until then.
        var provider = Sdk.CreateMeterProviderBuilder().ConfigureResource(TelemetryResource.Add).AddMeter(services.GetRequiredService<GenApiMetrics>().Meter.Name, "System.Runtime")
            .AddPrometheusExporter(exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0).Build();
        var page = new ApplicationBuilder(services);
        page.UseOpenTelemetryPrometheusScrapingEndpoint(provider, _ => true, null, null, null);
        return (provider, page.Build());
    }
}
