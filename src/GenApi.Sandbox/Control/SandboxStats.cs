using System.Collections.Concurrent;

namespace GenApi.Sandbox.Control;

/// <summary>A creation as it came in, whatever was answered. <see cref="PredictionId"/> is null when nothing was made.</summary>
public sealed record RecordedCreation(string Path, string Body, IReadOnlyDictionary<string, string> Headers, DateTimeOffset At, string? PredictionId);

/// <summary>A request for an output file.</summary>
public sealed record RecordedDownload(string Path, IReadOnlyDictionary<string, string> Headers, DateTimeOffset At);

/// <summary>A file that was uploaded, to be used as an input.</summary>
public sealed record RecordedUpload(string Id, string Name, string ContentType, long Bytes, string Sha256, DateTimeOffset At);

/// <summary>What has been asked of the sandbox since it started or was reset.</summary>
public sealed class SandboxStats
{
    private const int KeptIds = 10_000;
    private const int KeptRequests = 2_000;

    private readonly ConcurrentDictionary<string, int> _looks = new();
    private readonly ConcurrentQueue<RecordedCreation> _creationRequests = new();
    private readonly ConcurrentQueue<RecordedDownload> _downloadRequests = new();
    private readonly ConcurrentQueue<RecordedUpload> _uploads = new();
    private readonly ConcurrentQueue<string> _createdIds = new();
    private readonly MinuteCount _creationCalls = new();
    private readonly MinuteCount _otherCalls = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _creations, _creationAttempts, _gets, _lists, _cancels, _downloads, _webhooks, _uploadAttempts, _throttled;

    /// <summary>Predictions made: what Replicate would bill. Counted when the creation is accepted, before it is answered.</summary>
    public int Creations => Volatile.Read(ref _creations);

    /// <summary>Creation requests that arrived, refused ones included.</summary>
    public int CreationAttempts => Volatile.Read(ref _creationAttempts);

    /// <summary>Looks at single predictions.</summary>
    public int Gets => Volatile.Read(ref _gets);
    public int Lists => Volatile.Read(ref _lists);
    public int Cancels => Volatile.Read(ref _cancels);

    /// <summary>Requests for output files.</summary>
    public int Downloads => Volatile.Read(ref _downloads);

    /// <summary>Webhooks that were answered with 2xx.</summary>
    public int Webhooks => Volatile.Read(ref _webhooks);

    /// <summary>Uploads of input files that arrived, failed ones included.</summary>
    public int UploadAttempts => Volatile.Read(ref _uploadAttempts);

    /// <summary>The newest 2,000 input files that were taken, oldest first.</summary>
    public IReadOnlyList<RecordedUpload> UploadedFiles => [.. _uploads];

    /// <summary>Calls that a limit refused; those that a fault switch refused are not counted.</summary>
    public int ThrottledCalls => Volatile.Read(ref _throttled);

    /// <summary>The most creations that were asked for within one minute, wherever it begins.</summary>
    public int MostCreationsInAMinute => _creationCalls.Most;

    /// <summary>The most calls of the API other than creations within one minute; output files are none.</summary>
    public int MostOthersInAMinute => _otherCalls.Most;

    /// <summary>Ids of the predictions made, oldest first; the newest 10,000.</summary>
    public IReadOnlyList<string> CreatedIds => [.. _createdIds];

    /// <summary>The newest 2,000 creation requests, oldest first.</summary>
    public IReadOnlyList<RecordedCreation> CreationRequests => [.. _creationRequests];

    /// <summary>The newest 2,000 requests for output files, oldest first.</summary>
    public IReadOnlyList<RecordedDownload> DownloadRequests => [.. _downloadRequests];

    /// <summary>How often a prediction was looked at by <c>GET /v1/predictions/{id}</c>.</summary>
    public int LooksAt(string predictionId) => _looks.GetValueOrDefault(predictionId);

    /// <summary>Ends as soon as <paramref name="condition"/> holds; it is asked again after every request.</summary>
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

    /// <summary>Back to nothing.</summary>
    public void Reset()
    {
        _creations = _creationAttempts = _gets = _lists = _cancels = _downloads = _webhooks = _uploadAttempts = _throttled = 0;
        _creationCalls.Clear();
        _otherCalls.Clear();
        _looks.Clear();
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
            _looks.TryRemove(forgotten, out _);
    }

    internal void Looked(string id, bool exists)
    {
        Interlocked.Increment(ref _gets);
        if (exists)
            _looks.AddOrUpdate(id, 1, (_, count) => count + 1);
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

    /// <returns>What had to go for it, if anything.</returns>
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
