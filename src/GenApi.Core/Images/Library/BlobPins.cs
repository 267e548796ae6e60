namespace GenApi.Core.Images.Library;

/// <summary>
/// Protects a blob from deletion between its commit and the commit of the row that uses it. It works only within this process, which is
/// alone with the store.
/// </summary>
internal sealed class BlobPins : IDisposable
{
    private readonly Dictionary<string, int> _pins = [];
    private readonly SemaphoreSlim[] _locks = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Waits for a deletion of the same key that is under way; no deletion can begin until <see cref="Release"/>.</summary>
    public async Task PinAsync(string key, CancellationToken cancellationToken)
    {
        using (await LockAsync(key, cancellationToken))
        {
            lock (_pins)
                _pins[key] = _pins.GetValueOrDefault(key) + 1;
        }
    }

    public void Release(string key)
    {
        lock (_pins)
        {
            if (--_pins[key] == 0)
                _pins.Remove(key);
        }
    }

    /// <summary>Runs the deletion unless the key is pinned; the key can't be pinned while the deletion runs.</summary>
    public async Task<bool> UnlessPinnedAsync(string key, Func<Task<bool>> delete, CancellationToken cancellationToken)
    {
        using (await LockAsync(key, cancellationToken))
        {
            lock (_pins)
            {
                if (_pins.ContainsKey(key))
                    return false;
            }
            return await delete();
        }
    }

    public void Dispose() => Array.ForEach(_locks, each => each.Dispose());

    // Keys share locks: that costs a wait now and then, and never needs cleaning up.
    private async Task<Held> LockAsync(string key, CancellationToken cancellationToken)
    {
        var gate = _locks[(uint)key.GetHashCode(StringComparison.Ordinal) % _locks.Length];
        await gate.WaitAsync(cancellationToken);
        return new Held(gate);
    }

    private readonly struct Held(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
