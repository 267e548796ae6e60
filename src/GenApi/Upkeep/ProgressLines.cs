using System.Diagnostics;

namespace GenApi.Upkeep;

/// <summary>A line on stderr every few seconds, so that whoever started something long sees it move, and none for what is done at once.</summary>
internal sealed class ProgressLines(string what) : IProgress<(long Done, long All)>
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(3);
    private long _last = Stopwatch.GetTimestamp();

    public void Report((long Done, long All) value)
    {
        if (Stopwatch.GetElapsedTime(_last) < Every)
            return;
        _last = Stopwatch.GetTimestamp();
        Console.Error.WriteLine($"{value.Done} of {value.All} {what}");
    }
}
