using GenApi.Core.Errors;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Waiting;

/// <summary>
/// Bounds the event streams and waits by <c>Generations:MaxListeners</c>, because each costs memory for as long as it lasts.
/// </summary>
internal sealed class ListenerLimit(IOptions<GenerationOptions> options)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    private readonly int _most = options.Value.MaxListeners;
    private int _count;

    /// <returns>Dispose of it to leave. Null: the limit is reached.</returns>
    public IDisposable? TryAcquire()
    {
        if (Interlocked.Increment(ref _count) <= _most)
            return new Permit(this);
        Interlocked.Decrement(ref _count);
        return null;
    }

    /// <exception cref="GenApiException">Overloaded: the limit is reached.</exception>
    public IDisposable Acquire() => TryAcquire() ?? throw new GenApiException(
        ErrorKind.Overloaded, "Too many listeners are waiting for generations.")
    { RetryAfter = AskAgain, IsTransient = true };

    private sealed class Permit(ListenerLimit limit) : IDisposable
    {
        private int _isReleased;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) == 0)
                Interlocked.Decrement(ref limit._count);
        }
    }
}
