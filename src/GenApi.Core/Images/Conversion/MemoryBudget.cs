namespace GenApi.Core.Images.Conversion;

/// <summary>The memory that running conversions share, by what they are estimated to need.</summary>
/// <param name="total">In bytes.</param>
internal sealed class MemoryBudget(long total)
{
    private readonly Lock _gate = new();
    private long _taken;
    private TaskCompletionSource? _returned;

    public long Total => total;

    /// <summary>Takes a part, once others have returned enough.</summary>
    /// <param name="bytes">At most <see cref="Total"/>.</param>
    public async Task TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task returned;
            lock (_gate)
            {
                if (_taken + bytes <= total)
                {
                    _taken += bytes;
                    return;
                }
                _returned ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                returned = _returned.Task;
            }
            await returned.WaitAsync(cancellationToken);
        }
    }

    public void Return(long bytes)
    {
        TaskCompletionSource? returned;
        lock (_gate)
        {
            _taken -= bytes;
            (returned, _returned) = (_returned, null);
        }
        returned?.SetResult();
    }
}
