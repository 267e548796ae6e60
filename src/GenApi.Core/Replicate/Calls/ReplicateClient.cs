using System.Globalization;
using System.Net;
using System.Net.Mime;
using System.Text;
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
/// Replicate as the rest of the service sees it. Every failure is a <see cref="GenApiException"/>; only the caller's own cancellation comes
/// as <see cref="OperationCanceledException"/> (and says nothing about whether the call took effect).
/// </summary>
public sealed partial class ReplicateClient
{
    /// <summary>Creations never ask the upstream to wait, so they answer at once; the platform may still be slow, and a lost answer is dear.</summary>
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

    /// <summary>By which the upstream tells times.</summary>
    internal UpstreamClock Clock { get; }

    /// <summary>
    /// Creates a prediction, once: it costs money and there is no idempotency key.
    /// On failure <see cref="GenApiException.MayHaveHappened"/> tells whether the prediction may exist nevertheless.
    /// </summary>
    internal Task<Prediction> CreateAsync(NewPrediction request, CallPermit right, CancellationToken cancellationToken)
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
        right.IsSpent = true;
        return SendAsync(
            ReplicateLeg.Create,
            token => request.Version is not null
                ? _api.Value.CreateAsync(body, cancelAfter, token)
                : _api.Value.CreateForModelAsync(request.Owner!, request.Name!, body, cancelAfter, token),
            answer => answer.ToPrediction(),
            cancellationToken);
    }

    /// <exception cref="GenApiException"><see cref="ErrorKind.NotFound"/>, transient, as a 404 can come right after the creation.</exception>
    public Task<Prediction> GetAsync(string id, CancellationToken cancellationToken) =>
        CallAsync(ReplicateLeg.ReadPrediction, token => _api.Value.GetAsync(id, token), answer => About(id, answer), cancellationToken);

    /// <summary>Asks for an end; the run may finish nevertheless. On a finished prediction the upstream may answer with it or refuse.</summary>
    public Task<Prediction> CancelAsync(string id, CancellationToken cancellationToken) =>
        CallAsync(ReplicateLeg.Cancel, token => _api.Value.CancelAsync(id, token), answer => About(id, answer), cancellationToken);

    /// <param name="createdAfter">Inclusive; not used with <paramref name="nextUrl"/>.</param>
    /// <param name="createdBefore">Exclusive; not used with <paramref name="nextUrl"/>.</param>
    /// <param name="nextUrl">From the page before; followed as it is, and only at the upstream's own origin.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<PredictionPage> ListAsync(DateTimeOffset? createdAfter, DateTimeOffset? createdBefore, string? nextUrl, CancellationToken cancellationToken)
    {
        var next = NextAddress(nextUrl);
        var (after, before) = next is null ? (Instant(createdAfter), Instant(createdBefore)) : (null, null);
        return CallAsync(
            ReplicateLeg.ReadOther,
            token => _api.Value.ListAsync(after, before, next, token),
            answer => answer.Results is null ? null : new PredictionPage([.. answer.Results.Select(row => row?.ToPrediction()).OfType<Prediction>()], answer.Next),
            cancellationToken);
    }

    /// <exception cref="GenApiException"><see cref="ErrorKind.UnknownModel"/></exception>
    public Task<ReplicateModel> GetModelAsync(string owner, string name, CancellationToken cancellationToken) =>
        CallAsync(ReplicateLeg.ReadModel, token => _api.Value.GetModelAsync(owner, name, token), answer => answer.ToModel(), cancellationToken);

    /// <exception cref="GenApiException"><see cref="ErrorKind.UnknownModel"/></exception>
    public Task<ReplicateModelVersion> GetVersionAsync(string owner, string name, string version, CancellationToken cancellationToken) =>
        CallAsync(ReplicateLeg.ReadModel, token => _api.Value.GetVersionAsync(owner, name, version, token), answer => answer.ToVersion(), cancellationToken);

    /// <summary>Newest first; official models may list none.</summary>
    public Task<ReplicateVersionPage> ListVersionsAsync(string owner, string name, string? nextUrl, CancellationToken cancellationToken)
    {
        var next = NextAddress(nextUrl);
        return CallAsync(
            ReplicateLeg.ReadModel,
            token => _api.Value.ListVersionsAsync(owner, name, next, token),
            answer => answer.Results is null ? null : new ReplicateVersionPage([.. answer.Results.Select(row => row?.ToVersion()).OfType<ReplicateModelVersion>()], answer.Next),
            cancellationToken);
    }

    /// <summary>
    /// Public models that match some words, best first. Asks the search, which is in beta, and where there is none the list of models with the
    /// same words; either tells one page.
    /// </summary>
    /// <param name="words">What is looked for.</param>
    /// <param name="limit">1 to 50.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<ReplicateModel>> SearchModelsAsync(string words, int limit, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync<SearchBody, IReadOnlyList<ReplicateModel>>(
                ReplicateLeg.Search,
                token => _api.Value.SearchAsync(words, limit, token),
                answer => answer.Models is null ? null : [.. answer.Models.Select(found => found?.Model?.ToModel()).OfType<ReplicateModel>().Take(limit)],
                cancellationToken);
        }
        catch (GenApiException none) when (none.Kind == ErrorKind.NotFound)
        {
            return await CallAsync<PageBody<ModelBody>, IReadOnlyList<ReplicateModel>>(
                ReplicateLeg.ReadOther,
                token => _api.Value.QueryModelsAsync(new StringContent(words, Encoding.UTF8, MediaTypeNames.Text.Plain), token),
                answer => answer.Results is null ? null : [.. answer.Results.Select(row => row?.ToModel()).OfType<ReplicateModel>().Take(limit)],
                cancellationToken);
        }
    }

    public Task<ReplicateAccount> GetAccountAsync(CancellationToken cancellationToken) =>
        CallAsync(ReplicateLeg.ReadOther, _api.Value.GetAccountAsync, answer => new ReplicateAccount(answer.Type, answer.Username, answer.Name), cancellationToken);

    public Task<IReadOnlyList<ReplicateHardware>> ListHardwareAsync(CancellationToken cancellationToken) =>
        CallAsync<HardwareBody[], IReadOnlyList<ReplicateHardware>>(
            ReplicateLeg.ReadOther,
            _api.Value.ListHardwareAsync,
            answer => [.. answer.Where(row => row?.Sku is not null).Select(row => new ReplicateHardware(row.Sku!, row.Name))],
            cancellationToken);

    /// <summary>What the upstream signs its webhooks with; one for the whole account.</summary>
    internal Task<WebhookSecret> GetWebhookSecretAsync(CancellationToken cancellationToken) =>
        CallAsync(ReplicateLeg.ReadOther, _api.Value.GetWebhookSecretAsync, answer => WebhookSecret.TryParse(answer.Key, out var secret) ? secret : null, cancellationToken);

    private async Task<TResult> CallAsync<TBody, TResult>(
        ReplicateLeg leg, Func<CancellationToken, Task<IApiResponse<TBody>>> send, Func<TBody, TResult?> read, CancellationToken cancellationToken)
        where TResult : class
    {
        // Waiting for the turn is not part of the call: the time-out starts after it.
        using var right = await _gate.EnterAsync(leg, cancellationToken);
        Waited(leg, right);
        right.IsSpent = true;
        try
        {
            return await SendAsync(leg, send, read, cancellationToken);
        }
        catch (GenApiException fault) when (ReplicateFaults.WasHeldBack(fault))
        {
            right.IsSpent = false;
            throw;
        }
    }

    /// <summary>One call, counted by what became of it; one that its caller gave up counts as nothing.</summary>
    private async Task<TResult> SendAsync<TBody, TResult>(
        ReplicateLeg leg, Func<CancellationToken, Task<IApiResponse<TBody>>> send, Func<TBody, TResult?> read, CancellationToken cancellationToken)
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
        ReplicateLeg leg, Func<CancellationToken, Task<IApiResponse<TBody>>> send, Func<TBody, TResult?> read, CancellationToken cancellationToken)
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
            Clock.Hear(response.Headers.Date);
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
        catch (Exception e) when (e is ApiExceptionBase or HttpRequestException or IOException or InvalidDataException or JsonException or OperationCanceledException or ExecutionRejectedException)
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
    /// Null where the answer is about another prediction: it may not stand in for ours, and counts as one that can't be read.
    /// </summary>
    private static Prediction? About(string id, PredictionBody answer) =>
        answer.ToPrediction() is { } prediction && prediction.Id == id ? prediction : null;

    private Uri? NextAddress(string? nextUrl)
    {
        if (nextUrl is null)
            return null;
        if (Uri.TryCreate(nextUrl, UriKind.Absolute, out var address) && ReplicateAuthHandler.IsAt(_upstream.BaseUrl, address))
            return address;
        throw new GenApiException(ErrorKind.UpstreamBadAnswer, "The upstream's list goes on at another host, which is not followed.");
    }

    private static string? Instant(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static string WholeSeconds(TimeSpan span)
    {
        var clamped = span < ShortestCancelAfter ? ShortestCancelAfter : span > LongestCancelAfter ? LongestCancelAfter : span;
        return ((long)Math.Ceiling(clamped.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Upstream} refuses the token (401): look at Replicate:ApiToken. Nothing can be generated until it is right")]
        public static partial void TokenRefused(ILogger logger, Uri upstream);
    }
}
