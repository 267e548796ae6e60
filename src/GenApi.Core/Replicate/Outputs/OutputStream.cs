using GenApi.Core.Replicate.Reading;

namespace GenApi.Core.Replicate.Outputs;

/// <summary>The body of a file. It throws where the body ends early, stalls or is too long.</summary>
internal sealed class OutputStream(HttpResponseMessage response, Stream body, OutputLimits limits, OutputClock clock) : ReadOnlyStream
{
    private readonly long? _announced = response.Content.Headers.ContentLength;
    private long _received;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            read = await clock.RunAsync(
                limits.Stall,
                (Body: body, Buffer: buffer), static (state, token) => state.Body.ReadAsync(state.Buffer, token), cancellationToken);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw OutputFaults.Broken(e);
        }

        _received += read;
        if (_received > limits.MaxBytes)
            throw OutputFaults.TooLarge(limits.MaxBytes);
        if (read == 0 && buffer.Length > 0 && _announced is { } announced && _received < announced)
            throw OutputFaults.Broken(null);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            response.Dispose();
            clock.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>The limits of a download.</summary>
/// <param name="MaxBytes">The most bytes of one file.</param>
/// <param name="Headers">The time until an answer begins, for each redirect again.</param>
/// <param name="Stall">The time without a single byte.</param>
/// <param name="Total">The time for the whole file, including redirects.</param>
internal sealed record OutputLimits(long MaxBytes, TimeSpan Headers, TimeSpan Stall, TimeSpan Total);

/// <summary>
/// One timer for a whole download, restarted for each step: an image is some hundred reads, most of which need no timer at all.
/// </summary>
internal sealed class OutputClock(TimeSpan total, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _timer = new(Timeout.InfiniteTimeSpan, time);
    private readonly long _start = time.GetTimestamp();

    public async ValueTask<T> RunAsync<TState, T>(
        TimeSpan limit, TState state, Func<TState, CancellationToken, ValueTask<T>> step, CancellationToken cancellationToken)
    {
        var left = total - time.GetElapsedTime(_start);
        if (left <= TimeSpan.Zero)
            throw OutputFaults.Stalled(null);
        _timer.CancelAfter(left < limit ? left : limit);
        // Both ways to end a step share one source, which saves a linked source for each read.
        await using var link = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _timer);
        try
        {
            return await step(state, _timer.Token);
        }
        catch (OperationCanceledException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw OutputFaults.Stalled(e);
        }
        finally
        {
            _timer.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();
}
