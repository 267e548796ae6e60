using GenApi.Core.Replicate.Outputs;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Execution;

/// <summary>So many files at a time as <c>Generations:MaxDownloads</c> allows; the others wait their turn.</summary>
internal sealed class DownloadLimit(OutputDownloader downloader, IOptions<GenerationOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.Value.MaxDownloads);

    public TimeSpan Patience { get; } = TimeSpan.FromSeconds(options.Value.DownloadPatienceSeconds);

    public async Task<Slot> EnterAsync(CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        return new Slot(_slots);
    }

    public Task<OutputFile> OpenAsync(string output, CancellationToken cancellationToken) => downloader.OpenAsync(output, cancellationToken);

    public void Dispose() => _slots.Dispose();

    public readonly struct Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}
