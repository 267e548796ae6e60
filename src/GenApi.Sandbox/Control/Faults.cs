using System.Collections.Immutable;

namespace GenApi.Sandbox.Control;

/// <summary>
/// The switches of one sandbox. They apply in the order they were added; a switch that is used up stays in the list until it is removed, so
/// that it can be inspected. Among the kinds that decide an outcome the first match wins; kinds that only hold something apply in addition.
/// </summary>
public sealed class Faults
{
    private readonly Lock _gate = new();
    private ImmutableArray<Fault> _all = [];
    private int _lastId;

    public IReadOnlyList<Fault> All => _all;

    public Fault Add(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        lock (_gate)
        {
            fault.Id = ++_lastId;
            _all = _all.Add(fault);
        }
        return fault;
    }

    /// <param name="kind">The thing that goes wrong.</param>
    /// <param name="times">The number of times; null: always.</param>
    /// <param name="model"><c>owner/name</c>; null: every model.</param>
    public Fault Add(FaultKind kind, int? times = 1, string? model = null) => Add(new Fault(kind) { Times = times, Model = model });

    /// <summary>Removes one and releases what it held.</summary>
    public bool Remove(int id)
    {
        Fault? removed;
        lock (_gate)
        {
            removed = _all.FirstOrDefault(f => f.Id == id);
            if (removed is not null)
                _all = _all.Remove(removed);
        }
        removed?.Release();
        return removed is not null;
    }

    /// <summary>Removes all and releases what they held.</summary>
    public void Clear()
    {
        ImmutableArray<Fault> removed;
        lock (_gate)
        {
            removed = _all;
            _all = [];
        }
        foreach (var fault in removed)
            fault.Release();
    }

    /// <summary>Lists the faults of these kinds that may apply to this model, in order. The caller uses up each fault it applies.</summary>
    internal IEnumerable<Fault> Matching(string? model, FaultKind first, FaultKind last)
    {
        if (_all.IsEmpty)
            return [];
        return _all.Where(f => f.Kind >= first && f.Kind <= last
            && (f.Model is null || string.Equals(f.Model, model, StringComparison.OrdinalIgnoreCase)));
    }
}
