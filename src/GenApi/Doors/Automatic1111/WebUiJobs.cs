namespace GenApi.Doors.Automatic1111;

/// <summary>
/// The runs whose requests wait here, by account, for <c>progress</c> and <c>interrupt</c>. A request whose caller left is kept for a
/// while: clients break the connection first and then send the interrupt.
/// </summary>
internal sealed class WebUiJobs(TimeProvider time)
{
    private const int MostPerAccount = 64;

    private static readonly TimeSpan KeptAfterLeaving = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, List<WebUiJob>> _jobs = [];

    public WebUiJob Begin(Guid account, IReadOnlyList<Guid> generations)
    {
        var job = new WebUiJob(generations, time.GetTimestamp());
        lock (_lock)
        {
            if (!_jobs.TryGetValue(account, out var jobs))
                _jobs[account] = jobs = [];
            jobs.RemoveAll(IsOver);
            if (jobs.Count >= MostPerAccount)
                jobs.RemoveAt(0);
            jobs.Add(job);
        }
        return job;
    }

    /// <summary>Removes a job that was answered.</summary>
    public void End(Guid account, WebUiJob job)
    {
        lock (_lock)
        {
            if (!_jobs.TryGetValue(account, out var jobs))
                return;
            jobs.Remove(job);
            if (jobs.Count == 0)
                _jobs.Remove(account);
        }
    }

    /// <summary>Marks a job whose caller left before its answer.</summary>
    public void Leave(WebUiJob job) => job.LeftAt = time.GetTimestamp();

    /// <summary>Lists the jobs of an account, oldest first.</summary>
    /// <param name="account">The account.</param>
    /// <param name="withLeft">Whether to include those whose callers left.</param>
    public IReadOnlyList<WebUiJob> Of(Guid account, bool withLeft)
    {
        lock (_lock)
            return _jobs.TryGetValue(account, out var jobs) ? [.. jobs.Where(job => !IsOver(job) && (withLeft || job.LeftAt is null))] : [];
    }

    private bool IsOver(WebUiJob job) => job.LeftAt is { } left && time.GetElapsedTime(left) > KeptAfterLeaving;
}

/// <summary>The runs of one request.</summary>
/// <param name="generations">Their ids.</param>
/// <param name="beganAt">A timestamp of the clock.</param>
internal sealed class WebUiJob(IReadOnlyList<Guid> generations, long beganAt)
{
    public IReadOnlyList<Guid> Generations => generations;

    /// <summary>Its beginning, as a timestamp.</summary>
    public long BeganAt => beganAt;

    /// <summary>The time at which its caller left, as a timestamp; null: it is still there.</summary>
    public long? LeftAt { get; set; }
}
