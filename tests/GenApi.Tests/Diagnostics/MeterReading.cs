using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GenApi.Core.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Diagnostics;

/// <summary>Reads the meter of one service; other services in this process have meters of the same name.</summary>
internal sealed class MeterReading : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _values = new();

    public MeterReading(GenApiApp app)
    {
        var meter = app.Services.GetRequiredService<GenApiMetrics>().Meter;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>
    /// By name and label values: <c>genapi.requests hit</c>; 0 for a value that was never reported. For a histogram, the number of
    /// measurements.
    /// </summary>
    public double this[string name]
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _values.GetValueOrDefault(name);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name;
        foreach (var (_, tag) in tags)
            name += $" {tag}";
        if (instrument is Histogram<double>)
            _values.AddOrUpdate(name, 1, (_, count) => count + 1);
        else
            _values[name] = value;
    }
}
