using System.Globalization;
using System.Net.Http.Headers;
using GenApi.Core.Errors;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Replicate.Calls;

/// <summary>
/// The one gate that every call to the upstream's API passes: creations and all other calls apart, as Replicate counts them, so that neither
/// slow creations nor their limit keep predictions from being looked at or canceled. Who has to wait waits here, before its time-out runs: it is queued, not failed.
/// </summary>
internal sealed partial class ReplicateRateGate(
    IOptions<ReplicateOptions> options, ReplicateUpstream upstream, TimeProvider time, ILogger<ReplicateRateGate> logger)
{
    /// <summary>Calls at once, by kind. Files are other calls and count there, but large ones keep no prediction from being looked at.</summary>
    public const int Creations = 32;
    public const int Files = 8;
    public const int Others = 64;

    /// <summary>Somebody waits for what a model or a list says, so a longer pause than this is told and not sat out.</summary>
    private static readonly TimeSpan LongestReadWait = TimeSpan.FromSeconds(15);

    /// <summary>So long without a 429 before the usual pace is tried again; if it was too early, that costs one refusal and no money.</summary>
    private static readonly TimeSpan ReducedAtLeast = TimeSpan.FromMinutes(5);

    private readonly CallLimiter _creations = new(Creations, CallRate.Within(options.Value.CreationsPerMinute), time);
    private readonly CallLimiter _others = new(Others, CallRate.Within(options.Value.ReadsPerMinute), time);
    private readonly CallLimiter _files = new(Files, CallRate.Within(options.Value.ReadsPerMinute), time);
    private long _refusedAt;

    /// <summary>The right to create one prediction. Waits for its turn, however long that takes.</summary>
    public ValueTask<CallPermit> EnterToCreateAsync(CancellationToken cancellationToken) => _creations.EnterAsync(cancellationToken);

    /// <summary>Rights to create that are to be had without waiting.</summary>
    public IReadOnlyList<CallPermit> TakeToCreate(int atMost) => _creations.Take(atMost);

    /// <summary>What keeps creations when <see cref="TakeToCreate"/> gave less than was asked for; one of the words of <see cref="CallWait"/>.</summary>
    public string CreationsKeptBy => _creations.Reason;

    /// <summary>Calls <paramref name="open"/> once, when <see cref="TakeToCreate"/> has something again.</summary>
    public void WhenCreationsOpen(Action open) => _creations.WhenOpen(open);

    /// <summary>The right to make one call that is no creation.</summary>
    /// <exception cref="GenApiException">UpstreamRateLimited: the upstream has asked for a pause that is too long for what is asked.</exception>
    public ValueTask<CallPermit> EnterAsync(ReplicateLeg leg, CancellationToken cancellationToken)
    {
        if (leg is ReplicateLeg.ReadModel or ReplicateLeg.ReadOther && _others.Held is var held && held > LongestReadWait)
            throw new GenApiException(ErrorKind.UpstreamRateLimited, "The upstream asks us to slow down.") { RetryAfter = held, IsTransient = true };
        return leg == ReplicateLeg.SendFile ? EnterToSendAsync(cancellationToken) : _others.EnterAsync(cancellationToken);
    }

    /// <summary>A read is sent again.</summary>
    public void Repeated() => _others.Charge();

    /// <summary>Takes over what an answer says of the limits; Replicate tells them with every one.</summary>
    public void Answered(ReplicateLeg leg, HttpResponseHeaders? headers, bool isSuccess)
    {
        if (headers is not null && Number(headers, "ratelimit-remaining") is { } remaining && Number(headers, "ratelimit-reset") is { } reset)
            LaneOf(leg).Told((int)Math.Clamp(remaining, 0, int.MaxValue), TimeSpan.FromSeconds(Math.Clamp(reset, 0, 1e9)));
        if (leg == ReplicateLeg.Create && isSuccess && upstream.CreationsReducedTo is not null && time.GetElapsedTime(Volatile.Read(ref _refusedAt)) >= ReducedAtLeast)
        {
            upstream.CreationsReducedTo = null;
            _creations.ChangePace(CallRate.Within(options.Value.CreationsPerMinute));
            Log.Usual(logger, options.Value.CreationsPerMinute);
        }
    }

    /// <summary>A call was answered with 429.</summary>
    /// <param name="leg">What was asked.</param>
    /// <param name="retryAfter">How long to wait, where a time was named.</param>
    /// <param name="reducedTo">Creations a minute that are left to an account low on credit.</param>
    public void Refused(ReplicateLeg leg, TimeSpan? retryAfter, int? reducedTo)
    {
        LaneOf(leg).Hold(retryAfter);
        if (leg != ReplicateLeg.Create)
            return;
        Volatile.Write(ref _refusedAt, time.GetTimestamp());
        if (reducedTo is not { } perMinute || perMinute < 1 || perMinute >= options.Value.CreationsPerMinute || perMinute == upstream.CreationsReducedTo)
            return;
        upstream.CreationsReducedTo = perMinute;
        _creations.ChangePace(CallRate.OneByOne(perMinute));
        Log.Reduced(logger, perMinute);
    }

    /// <summary>The place among the files is kept to the end; of the others only the count matters.</summary>
    private async ValueTask<CallPermit> EnterToSendAsync(CancellationToken cancellationToken)
    {
        var place = await _files.EnterAsync(cancellationToken);
        try
        {
            using var counted = await _others.EnterAsync(cancellationToken);
            counted.IsSpent = true;
            place.Wait = counted.Wait is { } wait ? wait with { Length = wait.Length + (place.Wait?.Length ?? TimeSpan.Zero) } : place.Wait;
            return place;
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    private CallLimiter LaneOf(ReplicateLeg leg) => leg == ReplicateLeg.Create ? _creations : _others;

    private static double? Number(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) && double.TryParse(values.First(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The upstream takes only {PerMinute} creations a minute from us, because its account is low on credit; the others wait")]
        public static partial void Reduced(ILogger logger, int perMinute);

        [LoggerMessage(2, LogLevel.Information, "Creations go at the usual pace again, {PerMinute} a minute")]
        public static partial void Usual(ILogger logger, int perMinute);
    }
}
