namespace GenApi.Core.Blobs;

/// <summary>
/// Runs blocking disk calls. A flush blocks for milliseconds; on the thread pool, a handful at once would delay every other request until
/// the pool grows. At most sixteen run at once, which lets the file system merge concurrent flushes into one.
/// </summary>
internal sealed class DiskThreads : IDisposable
{
    private readonly SemaphoreSlim _free = new(16);

    /// <summary>Runs the work to its end once it has begun. Failures are thrown as <see cref="Errors.GenApiException"/>.</summary>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            throw StorageFailure.From(exception);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
