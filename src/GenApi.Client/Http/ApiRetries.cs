using System.Runtime.ExceptionServices;

namespace GenApi.Client;

/// <summary>
/// Makes a call until it has an answer. Every attempt carries the same <c>Idempotency-Key</c>, so one whose answer got lost is found by the
/// next and not carried out again.
/// </summary>
internal sealed class ApiRetries(ApiConnection connection)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private readonly GenApiClientOptions _options = connection.Options;

    /// <param name="call">What to send.</param>
    /// <param name="read">Makes something of an answer below 300, whose body may break off; it must be able to begin again.</param>
    /// <param name="patience">How long to try again.</param>
    /// <param name="cancellationToken">Ends it.</param>
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

    /// <summary>The body of an answer, unread; disposing of it gives the connection back.</summary>
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

    /// <summary>Half of it is random: callers that were cut off together shall not come back together.</summary>
    private TimeSpan Pause(int attempts)
    {
        var whole = _options.RetryDelay * Math.Pow(2, Math.Min(attempts - 1, 16));
        return (whole < LongestPause ? whole : LongestPause) * (0.5 + (Random.Shared.NextDouble() / 2));
    }
}
