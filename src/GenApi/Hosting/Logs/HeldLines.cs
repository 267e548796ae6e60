using System.Globalization;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace GenApi.Hosting.Logs;

/// <summary>
/// Writes log lines to stdout, but none before the start has succeeded: a refused start writes its sentence to stderr and nothing else. A
/// start that takes longer than <see cref="Longest"/> shows its lines anyway.
/// </summary>
internal sealed class HeldLines : ILogEventSink, IDisposable
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private const int MostHeld = 1000;

    private readonly ITextFormatter _line;
    private readonly ITimer _patience;
    private readonly Lock _writing = new();
    private List<LogEvent>? _held = [];

    public HeldLines(ITextFormatter line)
    {
        _line = line;
        _patience = TimeProvider.System.CreateTimer(static held => ((HeldLines)held!).Release(), this, Longest, Timeout.InfiniteTimeSpan);
    }

    public void Emit(LogEvent logEvent)
    {
        lock (_writing)
        {
            if (_held is null)
                Write(logEvent);
            else
                _held.Add(logEvent);
            if (_held is { Count: MostHeld })
                Release();
        }
    }

    /// <summary>Writes the lines that were held back; from now on each line is written at once.</summary>
    public void Release()
    {
        lock (_writing)
        {
            var held = _held;
            _held = null;
            held?.ForEach(Write);
        }
        _patience.Dispose();
    }

    public void Dispose() => _patience.Dispose();

    private void Write(LogEvent logEvent)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        _line.Format(logEvent, text);
        Console.Out.Write(text.ToString());
    }
}
