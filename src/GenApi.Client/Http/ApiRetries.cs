using System.Runtime.ExceptionServices;

namespace GenApi.Client;

/// <summary>
/// Repeats a call until it has an answer. Every attempt carries the same <c>Idempotency-Key</c>: if an answer gets lost, the next attempt
/// finds the result instead of repeating the work.
/// </summary>
internal sealed class ApiRetries(ApiConnection connection)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private readonly GenApiClientOptions _options = connection.Options;

    /// <param name="call">The call.</param>
    /// <param name="read">Reads an answer below 300. The body may break off, so it must be able to start over.</param>
    /// <param name="patience">The time for retries.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="GenApiException">The last failure.</exception>
    public Task<T> RunAsync<T>(
        ApiCall call, Func<ApiReply, CancellationToken, Task<T>> read, TimeSpan patience, CancellationToken cancellationToken) => TryAsync(
        call,
        async () =>
        {
            using var reply = await connection.SendAsync(call, cancellationToken).ConfigureAwait(false);
            return await read(reply, cancellationToken).ConfigureAwait(false);
        },
        patience,
        cancellationToken);

    /// <summary>Returns the unread body of an answer. Disposing of it releases the connection.</summary>
    /// <exception cref="GenApiException">The last failure.</exception>
    public Task<Stream> OpenAsync(ApiCall call, TimeSpan patience, CancellationToken cancellationToken) => TryAsync(
        call, async () => (await connection.SendAsync(call, cancellationToken).ConfigureAwait(false)).Body, patience, cancellationToken);

    private async Task<T> TryAsync<T>(ApiCall call, Func<Task<T>> attempt, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = _options.TimeProvider.GetTimestamp();
        for (var attempts = 1; ; attempts++)
        {
            GenApiException failure;
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (GenApiException failed)
            {
                failure = failed;
            }
            failure.IdempotencyKey ??= call.IdempotencyKey;
            failure.Attempts = attempts;
            var pause = failure.RetryAfter ?? Pause(attempts);
            if (!failure.IsTransient || _options.TimeProvider.GetElapsedTime(began) + pause > patience)
                ExceptionDispatchInfo.Throw(failure);
            await Task.Delay(pause, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Computes a pause. Half of it is random, so that callers that were cut off together do not return together.</summary>
    private TimeSpan Pause(int attempts)
    {
        var whole = _options.RetryDelay * Math.Pow(2, Math.Min(attempts - 1, 16));
        return (whole < LongestPause ? whole : LongestPause) * (0.5 + (Random.Shared.NextDouble() / 2));
    }
}
