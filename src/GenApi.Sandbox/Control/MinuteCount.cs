namespace GenApi.Sandbox.Control;

/// <summary>Counts events and remembers the highest number within any minute, to a tenth of a second.</summary>
internal sealed class MinuteCount
{
    private const int PerSecond = 10;

    private readonly Lock _lock = new();
    private readonly int[] _slots = new int[60 * PerSecond];
    private long _newest;
    private int _sum;
    private int _most;

    public int Most
    {
        get
        {
            lock (_lock)
                return _most;
        }
    }

    public void Add(TimeSpan at)
    {
        lock (_lock)
        {
            var slot = (long)(at.TotalSeconds * PerSecond);
            for (var empty = Math.Min(slot - _newest, _slots.Length); empty > 0; empty--)
                Empty(slot - empty + 1);
            _newest = Math.Max(_newest, slot);
            _slots[_newest % _slots.Length]++;
            _most = Math.Max(_most, ++_sum);
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            Array.Clear(_slots);
            _sum = _most = 0;
        }
    }

    private void Empty(long slot)
    {
        _sum -= _slots[slot % _slots.Length];
        _slots[slot % _slots.Length] = 0;
    }
}
