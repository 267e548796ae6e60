namespace GenApi.Core.Replicate.Calls;

/// <summary>Permits one call. A permit that is disposed unspent counts as never taken.</summary>
internal sealed class CallPermit(Action<bool> giveBack) : IDisposable
{
    private int _isDisposed;

    /// <summary>Set when the call is on its way.</summary>
    public bool IsSpent { get; set; }

    /// <summary>Null: the permit was free at once.</summary>
    public CallWait? Wait { get; set; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            giveBack(IsSpent);
    }
}
