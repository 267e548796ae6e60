using System.Collections.Concurrent;

namespace GenApi.Sandbox.Control;

/// <summary>A creation request as it arrived, whatever the answer. <see cref="PredictionId"/> is null if nothing was made.</summary>
public sealed record RecordedCreation(
    string Path, string Body, IReadOnlyDictionary<string, string> Headers, DateTimeOffset At, string? PredictionId);

/// <summary>A request for an output file.</summary>
public sealed record RecordedDownload(string Path, IReadOnlyDictionary<string, string> Headers, DateTimeOffset At);

/// <summary>An uploaded input file.</summary>
public sealed record RecordedUpload(string Id, string Name, string ContentType, long Bytes, string Sha256, DateTimeOffset At);

/// <summary>Counts and records the requests since the start or the last reset.</summary>
public sealed class SandboxStats
{
    private const int KeptIds = 10_000;
    private const int KeptRequests = 2_000;

    private readonly ConcurrentDictionary<string, int> _polls = new();
    private readonly ConcurrentQueue<RecordedCreation> _creationRequests = new();
    private readonly ConcurrentQueue<RecordedDownload> _downloadRequests = new();
    private readonly ConcurrentQueue<RecordedUpload> _uploads = new();
    private readonly ConcurrentQueue<string> _createdIds = new();
    private readonly MinuteCount _creationCalls = new();
    private readonly MinuteCount _otherCalls = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _creations, _creationAttempts, _gets, _lists, _cancels, _downloads, _webhooks, _uploadAttempts, _throttled;

    /// <summary>
    /// The number of predictions made, which Replicate would bill. A creation counts when it is accepted, before its answer.
    /// </summary>
    public int Creations => Volatile.Read(ref _creations);

    /// <summary>Creation requests that arrived, refused ones included.</summary>
    public int CreationAttempts => Volatile.Read(ref _creationAttempts);

    /// <summary>Polls of single predictions.</summary>
    public int Gets => Volatile.Read(ref _gets);
    public int Lists => Volatile.Read(ref _lists);
    public int Cancels => Volatile.Read(ref _cancels);

    /// <summary>Requests for output files.</summary>
    public int Downloads => Volatile.Read(ref _downloads);

    /// <summary>Webhooks that were answered with 2xx.</summary>
    public int Webhooks => Volatile.Read(ref _webhooks);

    /// <summary>Uploads of input files that arrived, failed ones included.</summary>
    public int UploadAttempts => Volatile.Read(ref _uploadAttempts);

    /// <summary>The newest 2,000 accepted input files, oldest first.</summary>
    public IReadOnlyList<RecordedUpload> UploadedFiles => [.. _uploads];

    /// <summary>Calls that a limit refused, without those that a fault switch refused.</summary>
    public int ThrottledCalls => Volatile.Read(ref _throttled);

    /// <summary>The highest number of creation requests within any minute.</summary>
    public int MostCreationsInAMinute => _creationCalls.Most;

    /// <summary>The highest number of other API calls within any minute. Requests for output files do not count.</summary>
    public int MostOthersInAMinute => _otherCalls.Most;

    /// <summary>The ids of the newest 10,000 predictions, oldest first.</summary>
    public IReadOnlyList<string> CreatedIds => [.. _createdIds];

    /// <summary>The newest 2,000 creation requests, oldest first.</summary>
    public IReadOnlyList<RecordedCreation> CreationRequests => [.. _creationRequests];

    /// <summary>The newest 2,000 requests for output files, oldest first.</summary>
    public IReadOnlyList<RecordedDownload> DownloadRequests => [.. _downloadRequests];

    /// <summary>Counts the polls of a prediction by <c>GET /v1/predictions/{id}</c>.</summary>
    public int PollsOf(string predictionId) => _polls.GetValueOrDefault(predictionId);

    /// <summary>Waits until <paramref name="condition"/> holds. It is checked again after every request.</summary>
    public async Task WaitUntilAsync(Func<SandboxStats, bool> condition, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        while (true)
        {
            var changed = Volatile.Read(ref _changed);
            if (condition(this))
                return;
            await changed.Task.WaitAsync(ct);
        }
    }

    /// <summary>Resets every count and record.</summary>
    public void Reset()
    {
        _creations = _creationAttempts = _gets = _lists = _cancels = _downloads = _webhooks = _uploadAttempts = _throttled = 0;
        _creationCalls.Clear();
        _otherCalls.Clear();
        _polls.Clear();
        _creationRequests.Clear();
        _downloadRequests.Clear();
        _uploads.Clear();
        _createdIds.Clear();
        Changed();
    }

    internal void Called(bool isCreation, TimeSpan at) => (isCreation ? _creationCalls : _otherCalls).Add(at);

    internal void Throttled() => Count(ref _throttled);

    internal void Attempted()
    {
        Interlocked.Increment(ref _creationAttempts);
        Changed();
    }

    internal void Recorded(RecordedCreation creation) => Keep(_creationRequests, creation, KeptRequests);

    internal void Created(string id)
    {
        Interlocked.Increment(ref _creations);
        if (Keep(_createdIds, id, KeptIds) is { } forgotten)
            _polls.TryRemove(forgotten, out _);
    }

    internal void Polled(string id, bool exists)
    {
        Interlocked.Increment(ref _gets);
        if (exists)
            _polls.AddOrUpdate(id, 1, (_, count) => count + 1);
        Changed();
    }

    internal void Listed() => Count(ref _lists);

    internal void UploadAttempted() => Count(ref _uploadAttempts);

    internal void Uploaded(RecordedUpload upload) => Keep(_uploads, upload, KeptRequests);

    internal void Canceled() => Count(ref _cancels);

    internal void Delivered() => Count(ref _webhooks);

    internal void Downloaded(RecordedDownload download)
    {
        Interlocked.Increment(ref _downloads);
        Keep(_downloadRequests, download, KeptRequests);
    }

    private void Count(ref int counter)
    {
        Interlocked.Increment(ref counter);
        Changed();
    }

    /// <returns>The element that was dropped for it, if any.</returns>
    private T? Keep<T>(ConcurrentQueue<T> queue, T item, int limit)
        where T : class
    {
        queue.Enqueue(item);
        T? oldest = null;
        if (queue.Count > limit)
            queue.TryDequeue(out oldest);
        Changed();
        return oldest;
    }

    private void Changed() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
