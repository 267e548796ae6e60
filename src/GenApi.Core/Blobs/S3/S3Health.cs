using GenApi.Core.Errors;

namespace GenApi.Core.Blobs.S3;

/// <summary>
/// Remembers that the store failed, so that nothing is paid for that could not be stored. It then tries a write every two seconds, and
/// forgets the failure once one succeeds.
/// </summary>
/// <param name="tryWrite">Writes something small and removes it.</param>
internal sealed class S3Health(Func<CancellationToken, Task> tryWrite) : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private volatile GenApiException? _fault;
    private bool _isTrying, _isDisposed;

    /// <summary>The last failure; null: the last write succeeded.</summary>
    public GenApiException? Fault => _fault;

    public void Succeeded()
    {
        if (_fault is not null)
            _fault = null;
    }

    public void Failed(GenApiException fault)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _fault = fault;
            if (_isTrying)
                return;
            _isTrying = true;
            var stop = _stop.Token;
            _ = Task.Run(() => TryAsync(stop), CancellationToken.None);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _stop.Cancel();
            _stop.Dispose();
        }
    }

    private async Task TryAsync(CancellationToken stop)
    {
        try
        {
            while (IsStillFailed())
            {
                await Task.Delay(Every, TimeProvider.System, stop);
                try
                {
                    await tryWrite(stop);
                    _fault = null;
                }
                catch (GenApiException still)
                {
                    _fault = still;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    private bool IsStillFailed()
    {
        lock (_gate)
            return _isTrying = _fault is not null;
    }
}
