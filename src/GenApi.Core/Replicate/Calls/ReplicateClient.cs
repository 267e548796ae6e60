using System.Globalization;
using System.Net;
using System.Text.Json;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate.Api;
using GenApi.Core.Webhooks;
using Microsoft.Extensions.Logging;
using Polly;
using Refit;

namespace GenApi.Core.Replicate.Calls;

/// <summary>
/// Calls Replicate for the rest of the service. Every failure is a <see cref="GenApiException"/>; only the caller's own cancellation is an
/// <see cref="OperationCanceledException"/>, which does not show whether the call took effect.
/// </summary>
public sealed partial class ReplicateClient
{
    /// <summary>
    /// Creations never ask the upstream to wait, so they return at once. But the platform may be slow, and a lost answer is expensive.
    /// </summary>
    internal static readonly TimeSpan CreateTimeout = TimeSpan.FromSeconds(60);
    internal static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(15);
    internal static readonly TimeSpan CancelTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ShortestCancelAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestCancelAfter = TimeSpan.FromHours(24);
    private static readonly string[] WebhookEvents = ["start", "completed"];

    private readonly Lazy<IReplicateApi> _api;
    private readonly ReplicateUpstream _upstream;
    private readonly ReplicateRateGate _gate;
    private readonly GenApiMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly SteadyClock _steady;
    private readonly ILogger _logger;

    internal ReplicateClient(
        Lazy<IReplicateApi> api, ReplicateUpstream upstream, ReplicateRateGate gate, GenApiMetrics metrics, TimeProvider time,
        SteadyClock steady, UpstreamClock clock, ILogger<ReplicateClient> logger)
    {
        _api = api;
        _upstream = upstream;
        _gate = gate;
        _metrics = metrics;
        _time = time;
        _steady = steady;
        Clock = clock;
        _logger = logger;
    }

    /// <summary>The clock of the upstream's time stamps.</summary>
    internal UpstreamClock Clock { get; }

    /// <summary>
    /// Creates a prediction, once: it costs money and there is no idempotency key. On failure <see cref="GenApiException.MayHaveHappened"/>
    /// shows whether the prediction may still exist.
    /// </summary>
    internal Task<Prediction> CreateAsync(NewPrediction request, CallPermit permit, CancellationToken cancellationToken)
    {
        var body = new CreateBody
        {
            Version = request.Version,
            Input = request.Input,
            Webhook = request.Webhook?.AbsoluteUri,
            WebhookEventsFilter = request.Webhook is null ? null : WebhookEvents,
        };
        var cancelAfter = request.CancelAfter is { } span ? WholeSeconds(span) : null;
        if (request.Version is null && (string.IsNullOrEmpty(request.Owner) || string.IsNullOrEmpty(request.Name)))
            throw new ArgumentException("Either the version or owner and name are needed.", nameof(request));
        permit.IsSpent = true;
        return SendAsync(
            ReplicateLeg.Create,
            token => request.Version is not null
                ? _api.Value.CreateAsync(body, cancelAfter, request.Fence, token)
                : _api.Value.CreateForModelAsync(request.Owner!, request.Name!, body, cancelAfter, request.Fence, token),
            answer => answer.ToPrediction(),
            cancellationToken);
    }

    /// <summary>Reads a prediction.</summary>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.NotFound"/>, transient, as a 404 can come right after the creation.
    /// </exception>
    public Task<Prediction> GetAsync(string id, CancellationToken cancellationToken) =>
        CallAsync(ReplicateLeg.ReadPrediction, token => _api.Value.GetAsync(id, token), answer => About(id, answer), cancellationToken);

    /// <summary>
    /// Cancels a prediction; the run may still finish. For a finished prediction the upstream may return it or refuse.
    /// </summary>
    public Task<Prediction> CancelAsync(string id, CancellationToken cancellationToken) =>
        CallAsync(ReplicateLeg.Cancel, token => _api.Value.CancelAsync(id, token), answer => About(id, answer), cancellationToken);

    /// <summary>Lists predictions.</summary>
    /// <param name="createdAfter">Inclusive; not used with <paramref name="nextUrl"/>.</param>
    /// <param name="createdBefore">Exclusive; not used with <paramref name="nextUrl"/>.</param>
    /// <param name="nextUrl">The address from the previous page. It is followed unchanged, and only at the upstream's own origin.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<PredictionPage> ListAsync(
        DateTimeOffset? createdAfter, DateTimeOffset? createdBefore, string? nextUrl, CancellationToken cancellationToken)
    {
        var next = NextAddress(nextUrl);
        var (after, before) = next is null ? (Instant(createdAfter), Instant(createdBefore)) : (null, null);
        return CallAsync(
            ReplicateLeg.ReadOther,
            token => _api.Value.ListAsync(after, before, next, token),
            answer => answer.Results is null
                ? null
                : new PredictionPage([.. answer.Results.Select(row => row?.ToPrediction()).OfType<Prediction>()], answer.Next),
            cancellationToken);
    }

    /// <summary>Reads the secret that signs the upstream's webhooks; the whole account has one.</summary>
    internal Task<WebhookSecret> GetWebhookSecretAsync(CancellationToken cancellationToken) =>
        CallAsync(
            ReplicateLeg.ReadOther,
            _api.Value.GetWebhookSecretAsync,
            answer => WebhookSecret.TryParse(answer.Key, out var secret) ? secret : null,
            cancellationToken);

    private async Task<TResult> CallAsync<TBody, TResult>(
        ReplicateLeg leg, Func<CancellationToken, Task<IApiResponse<TBody>>> send, Func<TBody, TResult?> read,
        CancellationToken cancellationToken)
        where TResult : class
    {
        // The wait for a permit is not part of the call: the time-out starts after it.
        using var permit = await _gate.EnterAsync(leg, cancellationToken);
        Waited(leg, permit);
        permit.IsSpent = true;
        try
        {
            return await SendAsync(leg, send, read, cancellationToken);
        }
        catch (GenApiException fault) when (ReplicateFaults.WasHeldBack(fault))
        {
            permit.IsSpent = false;
            throw;
        }
    }

    /// <summary>Makes a call and counts its outcome; a call that its caller has canceled is not counted.</summary>
    private async Task<TResult> SendAsync<TBody, TResult>(
        ReplicateLeg leg, Func<CancellationToken, Task<IApiResponse<TBody>>> send, Func<TBody, TResult?> read,
        CancellationToken cancellationToken)
        where TResult : class
    {
        try
        {
            var answer = await TrySendAsync(leg, send, read, cancellationToken);
            _metrics.UpstreamAnswered(Word(leg), "ok");
            return answer;
        }
        catch (GenApiException fault)
        {
            _metrics.UpstreamAnswered(Word(leg), fault.Code);
            throw;
        }
    }

    private async Task<TResult> TrySendAsync<TBody, TResult>(
        ReplicateLeg leg, Func<CancellationToken, Task<IApiResponse<TBody>>> send, Func<TBody, TResult?> read,
        CancellationToken cancellationToken)
        where TResult : class
    {
        var timeout = leg switch
        {
            ReplicateLeg.Create => CreateTimeout,
            ReplicateLeg.Cancel => CancelTimeout,
            ReplicateLeg.SendFile => SendFileTimeout,
            _ => ReadTimeout,
        };
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        IApiResponse<TBody>? response = null;
        try
        {
            response = await send(linked.Token);
            if (response.Error is { } error && (response.IsSuccessStatusCode || !response.IsReceived))
                throw error;
            _gate.Answered(leg, response.Headers, response.IsSuccessStatusCode);
            if (!response.IsSuccessStatusCode)
                throw Refused(leg, response);
            _upstream.TokenAccepted();
            Clock.Update(response.Headers.Date);
            if (leg == ReplicateLeg.Create)
                _upstream.CreditAccepted();
            return (response.Content is { } body ? read(body) : null) ?? throw ReplicateFaults.Unreadable(leg, null);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is not GenApiException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception e) when (deadline.IsCancellationRequested && e is not GenApiException)
        {
            throw ReplicateFaults.TimedOut(leg, timeout, e);
        }
        catch (Exception e) when (e is ApiExceptionBase or HttpRequestException or IOException or InvalidDataException or JsonException
            or OperationCanceledException or ExecutionRejectedException)
        {
            throw ReplicateFaults.NoAnswer(leg, e);
        }
        finally
        {
            response?.Dispose();
        }
    }

    private GenApiException Refused<TBody>(ReplicateLeg leg, IApiResponse<TBody> response)
    {
        var status = response.StatusCode ?? 0;
        var body = (response.Error as ApiException)?.Content;
        var fault = ReplicateFaults.Refused(leg, status, response.Headers, body, response.Headers?.Date ?? Clock.Now);
        if (status == HttpStatusCode.Unauthorized && _upstream.TokenRefused())
            Log.TokenRefused(_logger, _upstream.BaseUrl);
        if (status == HttpStatusCode.PaymentRequired)
            _upstream.CreditRefused(_steady.Now);
        if (status == HttpStatusCode.TooManyRequests)
            _gate.Refused(leg, fault.RetryAfter, new ReplicateProblem(body).ReducedTo);
        return fault;
    }

    /// <summary>
    /// Reads an answer; null where it is about another prediction, which counts as an unreadable answer.
    /// </summary>
    private static Prediction? About(string id, PredictionBody answer) =>
        answer.ToPrediction() is { } prediction && prediction.Id == id ? prediction : null;

    private Uri? NextAddress(string? nextUrl)
    {
        if (nextUrl is null)
            return null;
        if (Uri.TryCreate(nextUrl, UriKind.Absolute, out var address) && ReplicateAuthHandler.IsAt(_upstream.BaseUrl, address))
            return address;
        throw new GenApiException(
            ErrorKind.UpstreamBadAnswer, "The upstream's list continues at another host, which GenApi does not follow.");
    }

    private static string? Instant(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static string WholeSeconds(TimeSpan span)
    {
        var clamped = span < ShortestCancelAfter ? ShortestCancelAfter : span > LongestCancelAfter ? LongestCancelAfter : span;
        return ((long)Math.Ceiling(clamped.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
    }

    private static partial class Log
    {
        [LoggerMessage(
            1, LogLevel.Error, "{Upstream} refuses the token (401): correct Replicate:ApiToken. Nothing can be generated until then")]
        public static partial void TokenRefused(ILogger logger, Uri upstream);
    }
}
