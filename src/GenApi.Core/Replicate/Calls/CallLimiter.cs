using System.Diagnostics.CodeAnalysis;
using GenApi.Core.RateLimiting;

namespace GenApi.Core.Replicate.Calls;

/// <summary>
/// Limits one kind of call: how many are under way at once, how fast they follow each other, and what the upstream's headers and refusals
/// allow. Calls that have to wait go in the order of arrival.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The timer holds nothing that matters, and calls outlive the container at shutdown.")]
internal sealed class CallLimiter
{
    /// <summary>For a 429 that names no time. Replicate's limit for accounts low on credit resets within 10 s (6 a minute).</summary>
    private static readonly TimeSpan UsualHold = TimeSpan.FromSeconds(5);

    /// <summary>A longer time than this is more likely a mistake than a limit: none documented resets later than a minute.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource<string>> _waiting = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly int _mostUnderWay;
    private readonly TokenBucket _bucket;
    private readonly CallPortion? _portion;
    private Action? _whenOpen;
    private bool _isReduced;
    private int _underWay;

    /// <summary>The number of calls that the upstream's headers still allow.</summary>
    private int _allowed = int.MaxValue;

    /// <summary>The reason why calls waited when that was last checked.</summary>
    private string _reason = CallWait.Limit;

    // Time stamps and no times of day, so that setting the clock changes nothing.
    private long _heldUntil;
    private long _allowedUntil;

    /// <param name="mostUnderWay">The most calls at once.</param>
    /// <param name="rate">How fast calls follow each other.</param>
    /// <param name="time">Its time stamps and timers count.</param>
    /// <param name="portion">This instance's portion of a limit that several share; null: the limit is this process's alone.</param>
    public CallLimiter(int mostUnderWay, CallRate rate, TimeProvider time, CallPortion? portion = null)
    {
        (_mostUnderWay, _isReduced, _time, _portion) = (mostUnderWay, rate.IsReduced, time, portion);
        _bucket = new(rate.AtOnce, rate.PerSecond, time);
        _timer = time.CreateTimer(
            static limiter => ((CallLimiter)limiter!).Release(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The time for which a 429 still holds up all calls.</summary>
    public TimeSpan Held
    {
        get
        {
            lock (_lock)
                return Until(_heldUntil, _time.GetTimestamp());
        }
    }

    /// <summary>The reason why calls wait now, or waited last.</summary>
    public string Reason
    {
        get
        {
            lock (_lock)
            {
                _ = Wait();
                return _reason;
            }
        }
    }

    /// <summary>Waits for the permit to make one call.</summary>
    public async ValueTask<CallPermit> EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LinkedListNode<TaskCompletionSource<string>> waiter;
        long since;
        lock (_lock)
        {
            if (_waiting.Count == 0 && TryTake())
                return new CallPermit(Return);
            since = _time.GetTimestamp();
            waiter = _waiting.AddLast(new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
            Arm();
        }
        await using (cancellationToken.UnsafeRegister(token => Leave(waiter, cancellationToken), null))
        {
            var reason = await waiter.Value.Task;
            return new CallPermit(Return) { Wait = new CallWait(_time.GetElapsedTime(since), reason) };
        }
    }

    /// <summary>Takes the permits that are free now; none while other calls wait.</summary>
    public IReadOnlyList<CallPermit> Take(int atMost)
    {
        var permits = new List<CallPermit>();
        lock (_lock)
        {
            while (permits.Count < atMost && _waiting.Count == 0 && TryTake())
                permits.Add(new CallPermit(Return));
        }
        return permits;
    }

    /// <summary>Calls <paramref name="open"/> once, as soon as <see cref="Take"/> would return something.</summary>
    public void WhenOpen(Action open)
    {
        lock (_lock)
            _whenOpen = open;
        Release();
    }

    /// <summary>Counts a call that had no permit, such as the retry of a read: later calls wait longer for it.</summary>
    public void Charge()
    {
        _bucket.Charge();
        lock (_lock)
            _portion?.Spend();
    }

    /// <summary>Adds tokens of the shared limit, and lets waiting calls go.</summary>
    public void Receive(int tokens)
    {
        lock (_lock)
            _portion?.Add(tokens);
        Release();
    }

    public void ChangeRate(CallRate rate)
    {
        lock (_lock)
        {
            _isReduced = rate.IsReduced;
            _bucket.Change(rate.AtOnce, rate.PerSecond);
        }
        Release();
    }

    /// <summary>
    /// Holds all calls up after a 429. An earlier, longer hold stays. What was saved up is lost.
    /// </summary>
    /// <param name="retryAfter">Null: the answer named no time.</param>
    public void Hold(TimeSpan? retryAfter)
    {
        var wait = retryAfter ?? UsualHold;
        lock (_lock)
        {
            _heldUntil = Math.Max(_heldUntil, After(wait < LongestHold ? wait : LongestHold));
            _bucket.DrainUntil(_heldUntil);
        }
        Release();
    }

    /// <summary>
    /// Takes over what the upstream's headers allow. The upstream may not have counted the calls under way yet. Answers overtake each
    /// other, so of two such limits the stricter holds until its own time is over.
    /// </summary>
    /// <param name="remaining">Calls that the upstream still lets in.</param>
    /// <param name="reset">When its count begins again.</param>
    public void Allow(int remaining, TimeSpan reset)
    {
        if (reset <= TimeSpan.Zero || reset > LongestHold)
            return;
        lock (_lock)
        {
            var left = Math.Max(0, remaining - _underWay);
            if (left >= _allowed && _time.GetTimestamp() < _allowedUntil)
                return;
            (_allowed, _allowedUntil) = (left, After(reset));
        }
        Release();
    }

    internal void Return(bool isSpent)
    {
        lock (_lock)
        {
            _underWay--;
            if (!isSpent)
            {
                _bucket.Return();
                _portion?.Return();
                _allowed = _allowed < int.MaxValue ? _allowed + 1 : _allowed;
            }
        }
        Release();
    }

    private bool TryTake()
    {
        if (Wait() != TimeSpan.Zero)
            return false;
        _bucket.Charge();
        _portion?.Spend();
        _allowed--;
        _underWay++;
        return true;
    }

    /// <summary>Returns the time until the next call may go; infinite if that depends on the end of another call.</summary>
    private TimeSpan Wait()
    {
        var now = _time.GetTimestamp();
        if (_underWay >= _mostUnderWay)
        {
            _reason = CallWait.AtOnce;
            return Timeout.InfiniteTimeSpan;
        }
        if (now >= _allowedUntil)
            _allowed = int.MaxValue;
        var wait = Until(_heldUntil, now);
        if (wait > TimeSpan.Zero)
            _reason = CallWait.Refused;
        if (_allowed <= 0 && Until(_allowedUntil, now) is var reset && reset > wait)
            (wait, _reason) = (reset, CallWait.UpstreamLimit);
        if (_bucket.Wait is var saving && saving > wait)
            (wait, _reason) = (saving, _isReduced ? CallWait.LowCredit : CallWait.Limit);
        // Asked for only by a call that could go otherwise. It comes by itself then.
        if (wait == TimeSpan.Zero && _portion is { IsEmpty: true })
        {
            _portion.Ask();
            (wait, _reason) = (Timeout.InfiniteTimeSpan, _isReduced ? CallWait.LowCredit : CallWait.Limit);
        }
        return wait;
    }

    /// <summary>Lets waiting calls go, as many as may.</summary>
    private void Release()
    {
        Action? open = null;
        lock (_lock)
        {
            while (_waiting.First is { } next && TryTake())
            {
                _waiting.RemoveFirst();
                next.Value.SetResult(_reason);
            }
            if (_waiting.Count == 0 && _whenOpen is not null && Wait() == TimeSpan.Zero)
                (open, _whenOpen) = (_whenOpen, null);
            Arm();
        }
        open?.Invoke();
    }

    /// <summary>
    /// Sets the timer in whole milliseconds, rounded up: timers know nothing smaller, and would fire through the last one.
    /// </summary>
    private void Arm()
    {
        if ((_waiting.Count > 0 || _whenOpen is not null) && Wait() is var wait && wait != Timeout.InfiniteTimeSpan)
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(wait.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    private void Leave(LinkedListNode<TaskCompletionSource<string>> waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // A call that has just got its permit keeps it.
            if (waiter.List is null)
                return;
            _waiting.Remove(waiter);
        }
        waiter.Value.TrySetCanceled(cancellationToken);
    }

    private long After(TimeSpan span) => _time.GetTimestamp() + (long)(span.TotalSeconds * _time.TimestampFrequency);

    private TimeSpan Until(long stamp, long now) => stamp <= now ? TimeSpan.Zero : _time.GetElapsedTime(now, stamp);
}
