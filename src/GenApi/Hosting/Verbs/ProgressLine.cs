using GenApi.Core.Persistence;

namespace GenApi.Hosting.Verbs;

/// <summary>
/// Shows the progress of a long verb or start on stderr: one line that is overwritten on a terminal, plain lines now and then in a pipe or
/// a file. Work that ends quickly shows nothing. The elapsed time advances while a step reports nothing, so a long database query does not
/// look like a hang.
/// </summary>
internal sealed class ProgressLine : IProgress<WorkStep>, IDisposable
{
    /// <summary>The delay before anything is shown.</summary>
    public static readonly TimeSpan FirstOnTerminal = TimeSpan.FromSeconds(0.5), FirstInPipe = TimeSpan.FromSeconds(3);

    /// <summary>The time between two lines, or between two states of the line on a terminal.</summary>
    public static readonly TimeSpan EachOnTerminal = TimeSpan.FromSeconds(0.2), EachInPipe = TimeSpan.FromSeconds(10);

    private const int NarrowestTerminal = 20, UsualTerminal = 80;

    private readonly TextWriter _writer;
    private readonly int? _width;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly long _began;
    private ITimer? _timer;
    private WorkStep? _step;
    private TimeSpan _next;
    private int _shown;
    private bool _isOver;

    /// <param name="writer">Stderr.</param>
    /// <param name="width">Columns of the terminal; null if the writer is not a terminal.</param>
    /// <param name="time">The monotonic clock for the elapsed time.</param>
    public ProgressLine(TextWriter writer, int? width, TimeProvider time)
    {
        (_writer, _width, _time, _began) = (writer, width, time, time.GetTimestamp());
        _next = width is null ? FirstInPipe : FirstOnTerminal;
    }

    public static ProgressLine OnStandardError(TimeProvider time) => new(Console.Error, WidthOfTerminal(), time);

    public void Report(WorkStep value)
    {
        lock (_gate)
        {
            if (_isOver)
                return;
            _step = value;
            _timer ??= _time.CreateTimer(_ => Tick(), null, EachOnTerminal, EachOnTerminal);
        }
        Tick();
    }

    /// <summary>Clears the line from the terminal, so that the result stands alone.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _timer?.Dispose();
            _isOver = true;
            if (_shown > 0)
                _writer.Write($"\r{new string(' ', _shown)}\r");
            _shown = 0;
        }
    }

    private static int? WidthOfTerminal()
    {
        if (Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is "dumb" or "")
            return null;
        try
        {
            return Console.WindowWidth >= NarrowestTerminal ? Console.WindowWidth : UsualTerminal;
        }
        catch (IOException)
        {
            return UsualTerminal;
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            var elapsed = _time.GetElapsedTime(_began);
            if (_isOver || _step is not { } step || elapsed < _next)
                return;
            _next = elapsed + (_width is null ? EachInPipe : EachOnTerminal);
            var text = $"{Text(step)}, {Quantities.Duration(elapsed)}";
            if (_width is not { } width)
            {
                _writer.WriteLine(text);
                return;
            }
            // The last column stays free: a terminal that wraps there would start a second line.
            if (text.Length >= width)
                text = text[..(width - 1)];
            _writer.Write($"\r{text.PadRight(_shown)}");
            _shown = text.Length;
        }
    }

    private static string Text(WorkStep step) => step switch
    {
        { All: > 0 } => $"{step.What}: {Quantities.Count(step.Done)} of {Quantities.Count(step.All)} ({100 * step.Done / step.All} %)",
        { Done: > 0 } => $"{step.What}: {Quantities.Count(step.Done)}",
        _ => step.What,
    };
}
