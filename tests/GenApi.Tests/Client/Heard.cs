using GenApi.Client;

namespace GenApi.Tests.Client;

/// <summary>Collects the reported events in order. Unlike <see cref="Progress{T}"/> it receives them at once.</summary>
internal sealed class Heard : IProgress<GenerationEvent>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly List<GenerationEvent> _events = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<GenerationEvent> Events
    {
        get
        {
            lock (_lock)
                return [.. _events];
        }
    }

    public IEnumerable<GenerationStatus> Statuses => Events.OfType<StatusChanged>().Select(each => each.Generation.Status);

    public void Report(GenerationEvent value)
    {
        lock (_lock)
        {
            _events.Add(value);
            _more.TrySetResult();
            _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Waits until the generation is reported to have come this far.</summary>
    public async Task<Generation> UntilAsync(GenerationStatus status)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                more = _more.Task;
                if (_events.OfType<StatusChanged>().FirstOrDefault(each => each.Generation.Status == status) is { } changed)
                    return changed.Generation;
            }
            await more.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
    }
}
