using System.Globalization;

namespace GenApi.Core.Replicate;

/// <summary>The progress of a run.</summary>
/// <param name="Percentage">0 to 1.</param>
/// <param name="Current">Steps done.</param>
/// <param name="Total">All steps of the bar that was printed last: some models print several bars.</param>
public sealed record Progress(double Percentage, int Current, int Total);

/// <summary>
/// Reads the progress from the log, the only place that has it, as bars of tqdm: <c> 42%|████▏     | 21/50 [00:01&lt;00:01, 17.2it/s]</c>.
/// Like Replicate's own clients it uses the last line that is a bar.
/// </summary>
public static class PredictionLog
{
    /// <summary>
    /// Reads the last bar; null while no line is a bar with a percentage and a total. Lines may end in LF, CR LF or CR alone.
    /// </summary>
    public static Progress? Parse(string? logs)
    {
        // From the end: each poll returns the whole log again, and only its last bar counts.
        var rest = logs.AsSpan();
        while (!rest.IsEmpty)
        {
            var start = rest.LastIndexOfAny('\n', '\r') + 1;
            if (ParseLine(rest[start..]) is { } progress)
                return progress;
            rest = rest[..Math.Max(0, start - 1)];
        }

        return null;
    }

    private static Progress? ParseLine(ReadOnlySpan<char> line)
    {
        if (!TakeNumber(ref line, out var percentage) || line.IsEmpty || line[0] != '%')
            return null;
        line = line[1..].TrimStart();
        if (line.IsEmpty || line[0] != '|')
            return null;

        // The bar is at least one character, then a stroke, then current/total. The bar itself may contain strokes.
        line = line[1..];
        for (var from = 1; from < line.Length; from++)
        {
            var stroke = line[from..].IndexOf('|');
            if (stroke < 0)
                return null;
            from += stroke;
            var counts = line[(from + 1)..];
            if (TakeNumber(ref counts, out var current) && !counts.IsEmpty && counts[0] == '/')
            {
                counts = counts[1..];
                if (counts is [>= '0' and <= '9', ..] && TakeNumber(ref counts, out var total) && total > 0)
                    return new Progress(Math.Min(percentage, 100) / 100d, Math.Min(current, total), total);
            }
        }

        return null;
    }

    private static bool TakeNumber(ref ReadOnlySpan<char> text, out int number)
    {
        text = text.TrimStart();
        var end = text.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? text : text[..end];
        text = text[digits.Length..];
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
