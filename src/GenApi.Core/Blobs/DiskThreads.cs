using GenApi.Core.Errors;

namespace GenApi.Core.Blobs;

/// <summary>
/// Where blocking disk calls run. A flush blocks for milliseconds; on the thread pool a handful of them at once would keep every
/// other request waiting until the pool grows. At most sixteen at once: the file system then joins concurrent flushes into one.
/// </summary>
internal sealed class DiskThreads : IDisposable
{
    private readonly SemaphoreSlim _free = new(16);

    /// <summary>Runs to the end once begun; failures come out as <see cref="Errors.GenApiException"/>.</summary>
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
