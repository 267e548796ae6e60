using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace GenApi.Core.Diagnostics;

/// <summary>
/// Counts by labels from the start of the process, so that a reader who comes later sees all counts. It holds at most
/// <see cref="MostRows"/> rows and counts the rest as <c>other</c>, so callers who name arbitrary models can't fill the memory.
/// </summary>
internal sealed class CountTable(params string[] names)
{
    public const int MostRows = 500;

    private const string Other = "other";

    private readonly ConcurrentDictionary<string, Row> _rows = new(StringComparer.Ordinal);

    /// <summary>Adds to the row of these label values.</summary>
    /// <param name="amount">The amount to add.</param>
    /// <param name="values">One value for each label.</param>
    public void Add(long amount, params string[] values)
    {
        var key = string.Join('\n', values);
        if (!_rows.TryGetValue(key, out var row))
        {
            if (_rows.Count >= MostRows)
            {
                values = [.. names.Select(_ => Other)];
                key = Other;
            }
            row = _rows.GetOrAdd(key, static (_, tags) => new Row(tags), Tags(values));
        }
        Interlocked.Add(ref row.Amount, amount);
    }

    public IEnumerable<Measurement<long>> Read() =>
        _rows.Values.Select(row => new Measurement<long>(Interlocked.Read(ref row.Amount), row.Tags));

    /// <summary>Reads the amounts in another unit.</summary>
    public IEnumerable<Measurement<double>> Read(double unit) =>
        _rows.Values.Select(row => new Measurement<double>(Interlocked.Read(ref row.Amount) * unit, row.Tags));

    private KeyValuePair<string, object?>[] Tags(string[] values) =>
        [.. names.Zip(values, (name, value) => KeyValuePair.Create(name, (object?)value))];

    private sealed class Row(KeyValuePair<string, object?>[] tags)
    {
        public long Amount;

        public KeyValuePair<string, object?>[] Tags { get; } = tags;
    }
}
