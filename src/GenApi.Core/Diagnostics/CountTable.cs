using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace GenApi.Core.Diagnostics;

/// <summary>
/// Counts by labels, kept here from the start of the process, so that whoever begins to read later sees all of them. Of values nobody foresaw there are at most
/// <see cref="MostRows"/>; what is beyond counts as <c>other</c>, so that callers who name any model can't fill the memory.
/// </summary>
internal sealed class CountTable(params string[] names)
{
    public const int MostRows = 500;

    private const string Other = "other";

    private readonly ConcurrentDictionary<string, Row> _rows = new(StringComparer.Ordinal);

    /// <param name="amount">To add.</param>
    /// <param name="values">One for each name.</param>
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

    public IEnumerable<Measurement<long>> Read() => _rows.Values.Select(row => new Measurement<long>(Interlocked.Read(ref row.Amount), row.Tags));

    /// <summary>The same in other units.</summary>
    public IEnumerable<Measurement<double>> Read(double unit) => _rows.Values.Select(row => new Measurement<double>(Interlocked.Read(ref row.Amount) * unit, row.Tags));

    private KeyValuePair<string, object?>[] Tags(string[] values) => [.. names.Zip(values, (name, value) => KeyValuePair.Create(name, (object?)value))];

    private sealed class Row(KeyValuePair<string, object?>[] tags)
    {
        public long Amount;

        public KeyValuePair<string, object?>[] Tags { get; } = tags;
    }
}
