using System.Net.Http.Headers;
using System.Reflection;

namespace GenApi.Client;

/// <summary>Sends an attempt of a call. Every failure has one of two types.</summary>
internal sealed class ApiConnection
{
    /// <summary>The most that is read of a problem, which stays within 64 kB, or of a proxy's page.</summary>
    private const int LongestProblem = 256 << 10;

    private static readonly ProductInfoHeaderValue Agent = new(
        "GenApi.Client",
        typeof(ApiConnection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]);

    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly AuthenticationHeaderValue? _authorization;

    /// <exception cref="ArgumentException">No address, or an API key that no header can carry.</exception>
    public ApiConnection(HttpClient http, GenApiClientOptions options)
    {
        (_http, Options) = (http, options);
        var address = options.Address ?? http.BaseAddress;
        if (address is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
            throw new ArgumentException("The address must be absolute http or https, such as http://localhost:8080.", nameof(options));
        _address = new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
        // A key from a file often ends with a line break.
        if (options.ApiKey?.Trim() is { Length: > 0 } key)
        {
            if (key.AsSpan().ContainsAnyExceptInRange('!', '~'))
                throw new ArgumentException("The API key must be visible ASCII characters without spaces.", nameof(options));
            _authorization = new("Bearer", key);
        }
    }

    public GenApiClientOptions Options { get; }

    /// <exception cref="GenApiProblemException">The status is 300 or more.</exception>
    /// <exception cref="GenApiConnectionException">There was no answer.</exception>
    public async Task<ApiReply> SendAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var response = await AnswerAsync(call, cancellationToken).ConfigureAwait(false);
        try
        {
            var body = new BodyStream(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), Options);
            var reply = new ApiReply(response, body);
            return (int)response.StatusCode < 300
                ? reply
                : throw await ProblemAsync(response, body, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(ApiCall call, CancellationToken cancellationToken)
    {
        using var request = Request(call);
        using var limit = new CancellationTokenSource(Options.AttemptTimeout + call.ExtraTime, Options.TimeProvider);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GenApiConnectionException($"{_address} did not answer in time.", failure);
        }
        catch (HttpRequestException failure)
        {
            // An untrusted certificate stays untrusted.
            throw new GenApiConnectionException(
                $"{_address} cannot be reached: {failure.Message}",
                failure,
                isTransient: failure.HttpRequestError is not HttpRequestError.SecureConnectionError);
        }
    }

    private HttpRequestMessage Request(ApiCall call)
    {
        var request = new HttpRequestMessage(call.Method, new Uri(_address, call.Path)) { Content = call.Body?.Invoke() };
        var headers = request.Headers;
        headers.Accept.ParseAdd(call.Accept);
        if (_authorization is not null)
            headers.Authorization = _authorization;
        if (_http.DefaultRequestHeaders.UserAgent.Count == 0)
            headers.UserAgent.Add(Agent);
        Add("Idempotency-Key", call.IdempotencyKey);
        Add("Prefer", call.Prefer);
        Add("Last-Event-ID", call.LastEventId);
        return request;

        void Add(string name, string? value)
        {
            if (value is not null)
                headers.TryAddWithoutValidation(name, value);
        }
    }

    private async Task<GenApiProblemException> ProblemAsync(
        HttpResponseMessage response, BodyStream body, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var reason = response.Headers.Location is { } location && status < 400
            ? $"The service sends callers to {location}; give the client that address"
            : response.ReasonPhrase ?? "";
        using (body)
        {
            var bytes = await body.BeginningAsync(LongestProblem, cancellationToken).ConfigureAwait(false);
            var problem = ProblemReader.Read(bytes, response.Content.Headers.ContentType?.MediaType, reason);
            return new GenApiProblemException(status, problem, RetryAfter(response.Headers.RetryAfter));
        }
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        var pause = header?.Delta ?? (header?.Date - Options.TimeProvider.GetUtcNow());
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause;
    }
}
