using GenApi.Core.Errors;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Waiting;

/// <summary>
/// The <c>Generations:MaxListeners</c> places of those who wait for something to happen: event streams and waits. Each costs memory for as long as it
/// lasts, so there must be a last one.
/// </summary>
internal sealed class ListenerLimit(IOptions<GenerationOptions> options)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    private readonly int _places = options.Value.MaxListeners;
    private int _taken;

    /// <returns>Dispose of it to leave. Null: all are taken.</returns>
    public IDisposable? TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= _places)
            return new Place(this);
        Interlocked.Decrement(ref _taken);
        return null;
    }

    /// <exception cref="GenApiException">Overloaded: all are taken.</exception>
    public IDisposable Take() => TryTake()
        ?? throw new GenApiException(ErrorKind.Overloaded, "Too many listeners are waiting for generations.") { RetryAfter = AskAgain, IsTransient = true };

    private sealed class Place(ListenerLimit places) : IDisposable
    {
        private int _isFree;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isFree, 1) == 0)
                Interlocked.Decrement(ref places._taken);
        }
    }
}
