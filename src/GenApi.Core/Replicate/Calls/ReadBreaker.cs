using System.Net;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Timeout;

namespace GenApi.Core.Replicate.Calls;

/// <summary>
/// Pauses reads from a failing upstream. When half of ten or more reads within half a minute have failed, no read is sent for two seconds.
/// Then one may try, and each failed try doubles the pause, up to half a minute. Callers read again later, and creations are not affected.
/// </summary>
internal sealed partial class ReadBreaker(ReplicateUpstream upstream, SteadyClock clock, ILogger<ReadBreaker> logger)
{
    public static readonly TimeSpan ShortestBreak = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestBreak = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Sampled = TimeSpan.FromSeconds(30);
    private const int LeastReads = 10;
    private const double FailedShare = 0.5;

    public HttpCircuitBreakerStrategyOptions Options => new()
    {
        Name = "reads",
        SamplingDuration = Sampled,
        MinimumThroughput = LeastReads,
        FailureRatio = FailedShare,
        BreakDurationGenerator = arguments => ValueTask.FromResult(BreakAfter(arguments.HalfOpenAttempts)),
        // The rate gate handles 429, and 404 is an answer.
        ShouldHandle = arguments => ValueTask.FromResult(
            arguments.Outcome is { Exception: HttpRequestException or TimeoutRejectedException }
                or { Result.StatusCode: HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError }),
        OnOpened = arguments =>
        {
            var isFirst = upstream.ReadsPausedUntil is null;
            upstream.ReadsPausedUntil = clock.Now + arguments.BreakDuration;
            if (isFirst)
                Log.Opened(logger, arguments.BreakDuration.TotalSeconds, Reason(arguments.Outcome));
            return default;
        },
        OnClosed = _ =>
        {
            upstream.ReadsPausedUntil = null;
            Log.Closed(logger);
            return default;
        },
    };

    private static TimeSpan BreakAfter(int failedTries)
    {
        var wanted = ShortestBreak * Math.Pow(2, Math.Min(failedTries, 10));
        return wanted < LongestBreak ? wanted : LongestBreak;
    }

    private static string Reason(Outcome<HttpResponseMessage> outcome) =>
        outcome.Result is { } answer ? $"status {(int)answer.StatusCode}"
        : outcome.Exception is TimeoutRejectedException ? "no answer" : "no connection";

    private static partial class Log
    {
        [LoggerMessage(
            1, LogLevel.Warning, "The upstream answers no reads ({Reason}); the next try is in {Seconds} s, and the pauses grow "
            + "until it answers. Creations go on")]
        public static partial void Opened(ILogger logger, double seconds, string reason);

        [LoggerMessage(2, LogLevel.Information, "The upstream answers reads again")]
        public static partial void Closed(ILogger logger);
    }
}
