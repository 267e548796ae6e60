using System.Text;

namespace GenApi.Bench;

/// <summary>The target of a row.</summary>
/// <param name="Text">The target as the table shows it.</param>
/// <param name="IsMet">Whether the figure reaches it.</param>
internal sealed record Target(string Text, bool IsMet)
{
    public static Target AtLeast(double least, double value, string unit = "") => new($"≥ {least:0.##}{unit}", value >= least);

    public static Target AtMost(double most, double value, string unit = "") => new($"≤ {most:0.##}{unit}", value <= most);
}

/// <summary>
/// Collects rows and prints them: medians, the range over the rounds, and the target beside its figure. Each row is also reported as soon
/// as it is known, so that an interrupted run leaves what it has measured.
/// </summary>
/// <param name="report">Gets each row as a line.</param>
internal sealed class Table(Action<string> report)
{
    private readonly List<string[]> _rows = [["part", "row", "GenApi", "rival", "figure", "rounds (lowest – highest)", "target", ""]];

    /// <summary>Adds requests per second of two servers. The figure is the median of the rounds' ratios.</summary>
    public void Versus(string part, string row, string rival, IReadOnlyList<double> ours, IReadOnlyList<double> theirs, double target)
    {
        var ratios = ours.Zip(theirs, (our, their) => our / their).ToArray();
        var figure = ratios.Median();
        Add(
            part,
            row,
            $"{ours.Median():N0}/s",
            $"{rival} {theirs.Median():N0}/s",
            $"{figure:0.00}",
            Range(ratios, "0.00"),
            Target.AtLeast(target, figure));
    }

    /// <summary>Adds the median of several rounds.</summary>
    public void Median(
        string part, string row, IReadOnlyList<double> values, string unit, string format = "N0", Func<double, Target>? target = null)
    {
        var figure = values.Median();
        Add(part, row, "", "", figure.ToString(format, null) + unit, Range(values, format), target?.Invoke(figure));
    }

    /// <summary>Adds the medians of two servers side by side. The target applies to ours.</summary>
    public void Beside(
        string part,
        string row,
        IReadOnlyList<double> ours,
        string rival,
        IReadOnlyList<double> theirs,
        string unit,
        string format = "N0",
        Func<double, Target>? target = null)
    {
        var figure = ours.Median();
        Add(
            part,
            row,
            figure.ToString(format, null) + unit,
            $"{rival} {theirs.Median().ToString(format, null)}{unit}",
            "",
            Range(ours, format),
            target?.Invoke(figure));
    }

    /// <summary>Adds the medians of two builds. The figure is the median of the rounds' ratios, ours / theirs.</summary>
    public void Ratio(
        string part, string row, IReadOnlyList<double> ours, string rival, IReadOnlyList<double> theirs, string unit, string format,
        Func<double, Target>? target)
    {
        var ratios = ours.Zip(theirs, (our, their) => our / their).ToArray();
        var figure = ratios.Median();
        Add(
            part,
            row,
            ours.Median().ToString(format, null) + unit,
            $"{rival} {theirs.Median().ToString(format, null)}{unit}",
            $"{figure:0.00}",
            Range(ratios, "0.00"),
            target?.Invoke(figure));
    }

    /// <summary>Adds one figure.</summary>
    public void Single(string part, string row, string figure, Target? target = null, string detail = "") => Add(
        part, row, "", "", figure, detail, target);

    public void Failed(string part, string reason) => Add(part, "FAILED", "", "", "", reason.Split('\n')[0], null);

    public string Render()
    {
        var widths = Enumerable.Range(0, _rows[0].Length).Select(column => _rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in _rows)
            text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        return text.ToString();
    }

    private static string Range(IReadOnlyList<double> values, string format) =>
        values.Count < 2 ? "" : $"{values.Min().ToString(format, null)} – {values.Max().ToString(format, null)}";

    private void Add(string part, string row, string ours, string theirs, string figure, string range, Target? target)
    {
        var isMet = target is null ? "" : target.IsMet ? "met" : "MISSED";
        string[] cells = [part, row, ours, theirs, figure, range, target?.Text ?? "", isMet];
        _rows.Add(cells);
        report(string.Join("  ", cells.Where(cell => cell.Length > 0)));
    }
}
