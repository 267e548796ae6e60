using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using GenApi.Core.Network;
using GenApi.Core.Persistence;

namespace GenApi.Core.Webhooks;

/// <summary>Returns the secrets that sign messages for an account now; each makes one signature, in this order.</summary>
internal delegate IReadOnlyList<WebhookSecret> WebhookSecretsOf(Guid account);

/// <summary>
/// Makes one attempt of a delivery: signed, to a public address, without redirects, proxies or cookies, within fifteen seconds. Only the
/// status of the answer counts.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private const int MostHeaderKilobytes = 16;

    /// <summary>The most bytes that are read so that the connection can be used again; a longer answer closes it.</summary>
    private const int MostBodyBytes = 16 << 10;

    private readonly WebhookSecretsOf _secretsOf;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public WebhookSender(WebhookSecretsOf secretsOf, PublicAddressesOnly connections, TimeProvider time)
    {
        (_secretsOf, _time) = (secretsOf, time);
        _http = new HttpClient(new SocketsHttpHandler
        {
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = connections.OpenAsync,
            MaxResponseHeadersLength = MostHeaderKilobytes,
            MaxResponseDrainSize = MostBodyBytes,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            // A name is resolved again at least this often.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            UseCookies = false,
            // A proxy from the environment would make the connection, past our check of addresses.
            UseProxy = false,
        })
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("GenApi", "1"));
    }

    /// <summary>Sends a delivery.</summary>
    /// <returns>The outcome; a failed delivery is a result too.</returns>
    /// <exception cref="OperationCanceledException">The service stops, so the outcome is not known.</exception>
    public async Task<WebhookAttempt> SendAsync(WebhookDelivery delivery, CancellationToken stopping)
    {
        var at = _time.GetUtcNow();
        var began = _time.GetTimestamp();
        using var deadline = new CancellationTokenSource(Timeout, _time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        int? status = null;
        string? error;
        TimeSpan? retryAfter = null;
        try
        {
            using var request = Request(delivery, at);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ended.Token);
            status = (int)response.StatusCode;
            // On a redirect the header means something else, and redirects are not followed.
            retryAfter = status >= 400 ? RetryAfterHeader.Read(response.Headers, _time.GetUtcNow()) : null;
            error = status switch
            {
                >= 200 and < 300 => null,
                >= 300 and < 400 => "Redirects are not followed.",
                410 => "The receiver wants no further attempts (410).",
                _ => "The receiver did not accept it.",
            };
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            error = $"No answer within {Timeout.TotalSeconds:0} seconds.";
        }
        catch (HttpRequestException failure)
        {
            error = Reason(failure);
        }
        return new WebhookAttempt(at, status, Math.Round(_time.GetElapsedTime(began).TotalSeconds, 3), error) { RetryAfter = retryAfter };
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(WebhookDelivery delivery, DateTimeOffset at)
    {
        var body = Encoding.UTF8.GetBytes(delivery.Body);
        // The secrets of now, not of the time when it was enqueued: a retry after a change has the new signature.
        var headers = WebhookSignature.Sign(_secretsOf(delivery.AccountId), PublicId.Format(PublicId.Message, delivery.Id), at, body);
        var request = new HttpRequestMessage(HttpMethod.Post, delivery.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(WebhookHeaders.IdName, headers.Id);
        request.Headers.Add(WebhookHeaders.TimestampName, headers.Timestamp);
        request.Headers.Add(WebhookHeaders.SignatureName, headers.Signature);
        return request;
    }

    /// <summary>Describes a failure in our own words: the platform's message may name addresses of our network.</summary>
    private static string Reason(HttpRequestException failure) => failure switch
    {
        { InnerException: AddressRefusedException } => "The host's address is not public.",
        { HttpRequestError: HttpRequestError.NameResolutionError } => "The host's name can't be resolved.",
        { HttpRequestError: HttpRequestError.ConnectionError } => "No connection could be made.",
        { HttpRequestError: HttpRequestError.SecureConnectionError } => "TLS failed: the certificate may not be valid.",
        _ => "The connection broke.",
    };
}
