using GenApi.Core.Replicate.Reading;

namespace GenApi.Core.Replicate.Outputs;

/// <summary>The body of a file: ends early, stands still or is too long only with a word about it.</summary>
internal sealed class OutputStream(HttpResponseMessage response, Stream body, OutputLimits limits, OutputClock clock) : ReadOnlyStream
{
    private readonly long? _announced = response.Content.Headers.ContentLength;
    private long _received;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            read = await clock.RunAsync(limits.Stall, (Body: body, Buffer: buffer), static (state, token) => state.Body.ReadAsync(state.Buffer, token), cancellationToken);
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

/// <param name="MaxBytes">For one file.</param>
/// <param name="Headers">Until an answer begins, for each redirect anew.</param>
/// <param name="Stall">Without a single byte.</param>
/// <param name="Total">For the whole file, redirects included.</param>
internal sealed record OutputLimits(long MaxBytes, TimeSpan Headers, TimeSpan Stall, TimeSpan Total);

/// <summary>One timer for a whole download, wound up anew for each step: a picture is some hundred reads, most of which need no timer at all.</summary>
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
        // Both ways of ending a step go through the one source, which spares a linked source for each read.
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
