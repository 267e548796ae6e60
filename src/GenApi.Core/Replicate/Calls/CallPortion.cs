namespace GenApi.Core.Replicate.Calls;

/// <summary>
/// Counts what this instance may still spend of a limit that several instances share. It is used under the lock of its
/// <see cref="CallLimiter"/>, except for <see cref="IsAsked"/>.
/// </summary>
/// <param name="name">What is limited, the same at all instances.</param>
/// <param name="size">The tokens that are taken together.</param>
/// <param name="ask">Called when tokens are needed; it must return at once.</param>
/// <param name="time">Its time stamps count.</param>
internal sealed class CallPortion(string name, int size, Action ask, TimeProvider time)
{
    /// <summary>
    /// The life of tokens that are not used. They are dropped then, because the shared limit has filled up again meanwhile: saved tokens of
    /// all instances together would be more than the upstream allows at once.
    /// </summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10);

    private int _tokens;
    private long _addedAt;
    private bool _isAsked;

    public string Name => name;

    public int Size => size;

    /// <summary>True if a call waits for tokens.</summary>
    public bool IsAsked => Volatile.Read(ref _isAsked);

    /// <summary>True if there is no token.</summary>
    public bool IsEmpty
    {
        get
        {
            if (_tokens > 0 && time.GetElapsedTime(_addedAt) > KeptFor)
                _tokens = 0;
            return _tokens <= 0;
        }
    }

    public void Spend() => _tokens--;

    public void Return() => _tokens++;

    public void Add(int tokens)
    {
        (_tokens, _addedAt) = (_tokens + tokens, time.GetTimestamp());
        if (tokens > 0)
            Volatile.Write(ref _isAsked, false);
    }

    /// <summary>Asks for tokens, once until they come.</summary>
    public void Ask()
    {
        if (_isAsked)
            return;
        Volatile.Write(ref _isAsked, true);
        ask();
    }
}
