using System.Globalization;
using System.Net.Http.Headers;
using GenApi.Core.Errors;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Replicate.Calls;

/// <summary>
/// Limits all calls to the upstream's API: creations and other calls separately, as Replicate counts them. So slow creations and their
/// limit delay neither polls nor cancellations. A call that has to wait waits here, before its time-out runs: it is queued, not failed.
/// </summary>
internal sealed partial class ReplicateRateGate
{
    /// <summary>
    /// The most concurrent calls, by kind. Files count as other calls too, but large ones must not delay polls.
    /// </summary>
    public const int Creations = 32;
    public const int Files = 8;
    public const int Others = 64;

    /// <summary>A caller waits for a model or a list, so a longer pause than this fails the read.</summary>
    private static readonly TimeSpan LongestReadWait = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The time without a 429 before the usual rate is tried again. A try that is too early costs one refusal and no money.
    /// </summary>
    private static readonly TimeSpan ReducedAtLeast = TimeSpan.FromMinutes(5);

    private readonly ReplicateOptions _options;
    private readonly ReplicateUpstream _upstream;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CallLimiter _creations;
    private readonly CallLimiter _others;
    private readonly CallLimiter _files;
    private long _refusedAt;

    /// <param name="options">The limits.</param>
    /// <param name="upstream">Learns what the upstream allows.</param>
    /// <param name="portions">This instance's portions of the limits, where several share the account of the upstream.</param>
    /// <param name="time">Its time stamps and timers count.</param>
    /// <param name="logger">Gets what changes.</param>
    public ReplicateRateGate(
        IOptions<ReplicateOptions> options, ReplicateUpstream upstream, CallPortions portions, TimeProvider time,
        ILogger<ReplicateRateGate> logger)
    {
        (_options, _upstream, _time, _logger) = (options.Value, upstream, time, logger);
        _creations = new(Creations, CallRate.Within(_options.CreationsPerMinute), time, portions.Creations);
        _others = new(Others, CallRate.Within(_options.ReadsPerMinute), time, portions.Others);
        // Files are counted among the others.
        _files = new(Files, CallRate.Within(_options.ReadsPerMinute), time);
    }

    /// <summary>Adds tokens of the limit that all instances share.</summary>
    public void Receive(ReplicateLeg leg, int tokens) => LimiterOf(leg).Receive(tokens);

    /// <summary>Waits for the permit to create one prediction, however long that takes.</summary>
    public ValueTask<CallPermit> EnterToCreateAsync(CancellationToken cancellationToken) => _creations.EnterAsync(cancellationToken);

    /// <summary>Takes the permits to create that are free now.</summary>
    public IReadOnlyList<CallPermit> TakeToCreate(int atMost) => _creations.Take(atMost);

    /// <summary>
    /// The reason why <see cref="TakeToCreate"/> returned fewer permits than asked for: one of the reasons of <see cref="CallWait"/>.
    /// </summary>
    public string CreationsKeptBy => _creations.Reason;

    /// <summary>Calls <paramref name="open"/> once, when <see cref="TakeToCreate"/> has a permit again.</summary>
    public void WhenCreationsOpen(Action open) => _creations.WhenOpen(open);

    /// <summary>Waits for the permit to make one call that is not a creation.</summary>
    /// <exception cref="GenApiException">
    /// UpstreamRateLimited: the upstream has asked for a pause that is too long for this kind of call.
    /// </exception>
    public ValueTask<CallPermit> EnterAsync(ReplicateLeg leg, CancellationToken cancellationToken)
    {
        if (leg is ReplicateLeg.ReadModel or ReplicateLeg.ReadCollection or ReplicateLeg.ReadOther
            && _others.Held is var held && held > LongestReadWait)
        {
            throw new GenApiException(ErrorKind.UpstreamRateLimited, "The upstream asks us to slow down.")
            {
                RetryAfter = held,
                IsTransient = true,
            };
        }
        return leg == ReplicateLeg.SendFile ? EnterToSendAsync(cancellationToken) : _others.EnterAsync(cancellationToken);
    }

    /// <summary>Counts the retry of a read.</summary>
    public void Repeated() => _others.Charge();

    /// <summary>Takes over the limits from the headers of an answer; Replicate sends them with every one.</summary>
    public void Answered(ReplicateLeg leg, HttpResponseHeaders? headers, bool isSuccess)
    {
        if (headers is not null && Number(headers, "ratelimit-remaining") is { } remaining
            && Number(headers, "ratelimit-reset") is { } reset)
            LimiterOf(leg).Allow((int)Math.Clamp(remaining, 0, int.MaxValue), TimeSpan.FromSeconds(Math.Clamp(reset, 0, 1e9)));
        if (leg == ReplicateLeg.Create && isSuccess && _upstream.CreationsReducedTo is not null
            && _time.GetElapsedTime(Volatile.Read(ref _refusedAt)) >= ReducedAtLeast)
            ReturnToUsual();
    }

    /// <summary>Records a 429.</summary>
    /// <param name="leg">The kind of call.</param>
    /// <param name="retryAfter">How long to wait; null where the answer named no time.</param>
    /// <param name="reducedTo">
    /// The creations a minute that an account low on credit may make; null where the answer says nothing of the kind.
    /// </param>
    public void Refused(ReplicateLeg leg, TimeSpan? retryAfter, int? reducedTo)
    {
        LimiterOf(leg).Hold(retryAfter);
        if (leg != ReplicateLeg.Create)
            return;
        Volatile.Write(ref _refusedAt, _time.GetTimestamp());
        Reduce(reducedTo);
    }

    /// <summary>Learns from another instance that the account is low on credit, or no longer.</summary>
    /// <param name="reducedTo">The creations a minute that it may make; null: the usual number.</param>
    public void Learn(int? reducedTo)
    {
        if (reducedTo is null)
        {
            ReturnToUsual();
            return;
        }
        if (_upstream.CreationsReducedTo is null)
            Volatile.Write(ref _refusedAt, _time.GetTimestamp());
        Reduce(reducedTo);
    }

    private void ReturnToUsual()
    {
        _upstream.CreationsReducedTo = null;
        _creations.ChangeRate(CallRate.Within(_options.CreationsPerMinute));
        Log.Usual(_logger, _options.CreationsPerMinute);
    }

    private void Reduce(int? reducedTo)
    {
        if (reducedTo is not { } perMinute || perMinute < 1 || perMinute >= _options.CreationsPerMinute
            || perMinute == _upstream.CreationsReducedTo)
            return;
        _upstream.CreationsReducedTo = perMinute;
        _creations.ChangeRate(CallRate.OneByOne(perMinute));
        Log.Reduced(_logger, perMinute);
    }

    /// <summary>Holds the permit for files to the end; among the other calls it is only counted.</summary>
    private async ValueTask<CallPermit> EnterToSendAsync(CancellationToken cancellationToken)
    {
        var permit = await _files.EnterAsync(cancellationToken);
        try
        {
            using var counted = await _others.EnterAsync(cancellationToken);
            counted.IsSpent = true;
            permit.Wait = counted.Wait is { } wait
                ? wait with { Length = wait.Length + (permit.Wait?.Length ?? TimeSpan.Zero) }
                : permit.Wait;
            return permit;
        }
        catch
        {
            permit.Dispose();
            throw;
        }
    }

    private CallLimiter LimiterOf(ReplicateLeg leg) => leg == ReplicateLeg.Create ? _creations : _others;

    private static double? Number(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values)
            && double.TryParse(values.First(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;

    private static partial class Log
    {
        [LoggerMessage(
            1, LogLevel.Warning, "The upstream accepts only {PerMinute} creations a minute, because its account is low on credit; "
            + "the others wait")]
        public static partial void Reduced(ILogger logger, int perMinute);

        [LoggerMessage(2, LogLevel.Information, "Creations go at the usual rate again, {PerMinute} a minute")]
        public static partial void Usual(ILogger logger, int perMinute);
    }
}
