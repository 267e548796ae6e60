namespace GenApi.Core.Images.Variants;

/// <summary>
/// Runs each work once, however many callers want its result at the same time. It ends early only if all of them have gone.
/// </summary>
internal sealed class SharedWork<TKey, TResult>
    where TKey : notnull
{
    private readonly Dictionary<TKey, Flight> _flights = [];
    private readonly Lock _lock = new();

    /// <summary>Joins the work that is under way for this key, or begins it.</summary>
    /// <param name="key">Identifies the work.</param>
    /// <param name="work">Does it. Its token is cancelled once nobody waits any more.</param>
    /// <param name="cancellationToken">Ends this caller's wait alone.</param>
    public async Task<TResult> JoinAsync(TKey key, Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        Flight? flight;
        lock (_lock)
        {
            if (!_flights.TryGetValue(key, out flight))
            {
                _flights[key] = flight = new Flight(new CancellationTokenSource());
                flight.Result = RunAsync(key, flight, work);
            }
            flight.Waiters++;
        }
        try
        {
            return await flight.Result.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                // The next caller begins it again.
                if (--flight.Waiters == 0 && Forget(key, flight))
                    flight.Stop.Cancel();
            }
        }
    }

    private Task<TResult> RunAsync(TKey key, Flight flight, Func<CancellationToken, Task<TResult>> work) => Task.Run(async () =>
    {
        try
        {
            return await work(flight.Stop.Token);
        }
        finally
        {
            lock (_lock)
                Forget(key, flight);
        }
    });

    /// <returns>False if it has ended already.</returns>
    private bool Forget(TKey key, Flight flight) =>
        _flights.TryGetValue(key, out var current) && current == flight && _flights.Remove(key);

    /// <param name="stop">Ends the work. It has no timer, so it needs no disposal.</param>
    private sealed class Flight(CancellationTokenSource stop)
    {
        public CancellationTokenSource Stop => stop;

        public Task<TResult> Result { get; set; } = null!;

        public int Waiters { get; set; }
    }
}
