using System.Diagnostics.CodeAnalysis;

namespace GenApi.Core.Replicate.Calls;

/// <summary>
/// One kind of call: how many are under way at once, how fast they follow each other, and what the upstream has said about that. Who has to
/// wait does so in the order of arrival. A token bucket of our own, because the library's (System.Threading.RateLimiting) keeps to a clock
/// that no test can move and can't be told what the upstream's headers say.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The timer holds nothing that matters, and calls outlive the container at shutdown.")]
internal sealed class CallLimiter
{
    /// <summary>When a 429 names no time. Replicate's limit for accounts low on credit resets within 10 s (6 a minute).</summary>
    private static readonly TimeSpan UsualHold = TimeSpan.FromSeconds(5);

    /// <summary>A longer time than this is more likely a mistake than a limit: none documented resets later than a minute.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(10);

    /// <summary>What is lost when fractions are added up.</summary>
    private const double Rounding = 1e-6;

    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource<string>> _waiting = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly int _mostUnderWay;
    private Action? _whenOpen;
    private CallRate _pace;
    private double _saved;
    private int _underWay;
    private int _told = int.MaxValue;

    /// <summary>What kept somebody when that was last looked at.</summary>
    private string _reason = CallWait.Limit;

    // Time stamps and no times of day, so that setting the clock changes nothing.
    private long _savedAt;
    private long _notBefore;
    private long _toldUntil;

    public CallLimiter(int mostUnderWay, CallRate pace, TimeProvider time)
    {
        (_mostUnderWay, _pace, _time) = (mostUnderWay, pace, time);
        (_saved, _savedAt) = (pace.AtOnce, time.GetTimestamp());
        _timer = time.CreateTimer(static lane => ((CallLimiter)lane!).LetGo(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How much longer a 429 holds everybody up.</summary>
    public TimeSpan Held
    {
        get
        {
            lock (_lock)
                return Until(_notBefore, _time.GetTimestamp());
        }
    }

    /// <summary>What keeps calls now, or kept them last.</summary>
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

    /// <summary>Waits for the right to make one call.</summary>
    public async ValueTask<CallPermit> EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LinkedListNode<TaskCompletionSource<string>> turn;
        long since;
        lock (_lock)
        {
            if (_waiting.Count == 0 && TryTake())
                return new CallPermit(Return);
            since = _time.GetTimestamp();
            turn = _waiting.AddLast(new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
            Arm();
        }
        await using (cancellationToken.UnsafeRegister(token => Leave(turn, cancellationToken), null))
        {
            var reason = await turn.Value.Task;
            return new CallPermit(Return) { Wait = new CallWait(_time.GetElapsedTime(since), reason) };
        }
    }

    /// <summary>What may go now, without waiting; nothing while others wait.</summary>
    public IReadOnlyList<CallPermit> Take(int atMost)
    {
        var rights = new List<CallPermit>();
        lock (_lock)
        {
            while (rights.Count < atMost && _waiting.Count == 0 && TryTake())
                rights.Add(new CallPermit(Return));
        }
        return rights;
    }

    /// <summary>Calls <paramref name="open"/> once, as soon as <see cref="Take"/> would give something.</summary>
    public void WhenOpen(Action open)
    {
        lock (_lock)
            _whenOpen = open;
        LetGo();
    }

    /// <summary>A call that nobody asked the right for, such as the repetition of a read: later ones wait the longer.</summary>
    public void Charge()
    {
        lock (_lock)
        {
            Save(_time.GetTimestamp());
            _saved--;
        }
    }

    public void ChangePace(CallRate pace)
    {
        lock (_lock)
        {
            Save(_time.GetTimestamp());
            (_pace, _saved) = (pace, Math.Min(_saved, 1));
        }
        LetGo();
    }

    /// <summary>Refused with 429: nothing goes for this long (an earlier, longer hold stands), and what was saved up is gone.</summary>
    public void Hold(TimeSpan? retryAfter)
    {
        var wait = retryAfter ?? UsualHold;
        lock (_lock)
        {
            _notBefore = Math.Max(_notBefore, After(wait < LongestHold ? wait : LongestHold));
            (_saved, _savedAt) = (1, _notBefore);
        }
        LetGo();
    }

    /// <summary>
    /// The upstream lets so many more calls in until its count starts anew. What is under way may not be counted there yet. Of two such words
    /// the stricter holds until its own time is over, since answers overtake each other.
    /// </summary>
    public void Told(int remaining, TimeSpan reset)
    {
        if (reset <= TimeSpan.Zero || reset > LongestHold)
            return;
        lock (_lock)
        {
            var left = Math.Max(0, remaining - _underWay);
            if (left >= _told && _time.GetTimestamp() < _toldUntil)
                return;
            (_told, _toldUntil) = (left, After(reset));
        }
        LetGo();
    }

    internal void Return(bool isSpent)
    {
        lock (_lock)
        {
            _underWay--;
            if (!isSpent)
            {
                _saved = Math.Min(_pace.AtOnce, _saved + 1);
                _told = _told < int.MaxValue ? _told + 1 : _told;
            }
        }
        LetGo();
    }

    private bool TryTake()
    {
        if (Wait() != TimeSpan.Zero)
            return false;
        _saved--;
        _told--;
        _underWay++;
        return true;
    }

    /// <summary>How long until one may go; infinite when it depends on another one's end.</summary>
    private TimeSpan Wait()
    {
        var now = _time.GetTimestamp();
        if (_underWay >= _mostUnderWay)
        {
            _reason = CallWait.AtOnce;
            return Timeout.InfiniteTimeSpan;
        }
        if (now >= _toldUntil)
            _told = int.MaxValue;
        Save(now);
        var wait = Until(_notBefore, now);
        if (wait > TimeSpan.Zero)
            _reason = CallWait.Refused;
        if (_told <= 0 && Until(_toldUntil, now) is var told && told > wait)
            (wait, _reason) = (told, CallWait.UpstreamLimit);
        if (_saved < 1 - Rounding && TimeSpan.FromSeconds((1 - _saved) / _pace.PerSecond) is var saving && saving > wait)
            (wait, _reason) = (saving, _pace.IsReduced ? CallWait.LowCredit : CallWait.Limit);
        return wait;
    }

    private void Save(long now)
    {
        if (now <= _savedAt)
            return;
        _saved = Math.Min(_pace.AtOnce, _saved + _time.GetElapsedTime(_savedAt, now).TotalSeconds * _pace.PerSecond);
        _savedAt = now;
    }

    private void LetGo()
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

    /// <summary>In whole milliseconds, rounded up: timers know nothing smaller, and would ring through the last one.</summary>
    private void Arm()
    {
        if ((_waiting.Count > 0 || _whenOpen is not null) && Wait() is var wait && wait != Timeout.InfiniteTimeSpan)
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(wait.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    private void Leave(LinkedListNode<TaskCompletionSource<string>> turn, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // One that has just got its turn keeps it.
            if (turn.List is null)
                return;
            _waiting.Remove(turn);
        }
        turn.Value.TrySetCanceled(cancellationToken);
    }

    private long After(TimeSpan span) => _time.GetTimestamp() + (long)(span.TotalSeconds * _time.TimestampFrequency);

    private TimeSpan Until(long stamp, long now) => stamp <= now ? TimeSpan.Zero : _time.GetElapsedTime(now, stamp);
}

/// <summary>The right to make one call. Disposed of without having been spent, it is as if it had not been given.</summary>
internal sealed class CallPermit(Action<bool> giveBack) : IDisposable
{
    private int _isDisposed;

    /// <summary>Set when the call is on its way.</summary>
    public bool IsSpent { get; set; }

    /// <summary>Null: it was to be had at once.</summary>
    public CallWait? Wait { get; set; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            giveBack(IsSpent);
    }
}
