using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Execution;

/// <summary>Lets <c>Generations:MaxDownloads</c> files be fetched at a time; the others wait.</summary>
internal sealed class DownloadLimit(IOptions<GenerationOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.Value.MaxDownloads);

    /// <returns>Dispose of it to leave.</returns>
    public async Task<Slot> EnterAsync(CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        return new Slot(_slots);
    }

    public void Dispose() => _slots.Dispose();

    public readonly struct Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}
