namespace GenApi.Client;

/// <summary>
/// Makes and fetches pictures with a GenApi service. One instance serves a whole process, from any number of threads. <para> The client
/// retries every call after a lost connection, a time-out, a 5xx or a 429 (with its <c>Retry-After</c>), within
/// <see cref="GenApiClientOptions.RetryFor"/>. A call that makes something carries one <c>Idempotency-Key</c> over all its attempts, so the
/// service carries it out and bills it once. </para> <para>Every failure is a <see cref="GenApiException"/>:
/// <see cref="GenApiProblemException"/> (refused), <see cref="GenerationFailedException"/> (accepted, and ended without an output), or
/// <see cref="GenApiConnectionException"/> (no answer).</para>
/// </summary>
public sealed partial class GenApiClient : IDisposable
{
    private readonly HttpClient? _own;
    private readonly ApiRetries _retries;
    private readonly GenerationFollower _follower;
    private readonly GenApiClientOptions _options;

    /// <summary>Creates a client with its own <see cref="HttpClient"/>.</summary>
    /// <param name="address">Address of the service, such as <c>http://localhost:8080</c>.</param>
    /// <param name="apiKey">The API key; null or empty: none.</param>
    /// <exception cref="ArgumentException">The address is not absolute http or https, or no header can carry the key.</exception>
    public GenApiClient(Uri address, string? apiKey = null)
        : this(new GenApiClientOptions { Address = address, ApiKey = apiKey })
    {
    }

    /// <summary>Creates a client with its own <see cref="HttpClient"/>.</summary>
    /// <exception cref="ArgumentException">The address is missing, or not absolute http or https, or no header can carry the key.
    /// </exception>
    public GenApiClient(GenApiClientOptions options)
        : this(NewHttpClient(), options, isOwn: true)
    {
    }

    /// <summary>
    /// Creates a client over an existing <see cref="HttpClient"/>, such as one of an <c>IHttpClientFactory</c>:
    /// <c>services.AddHttpClient&lt;GenApiClient&gt;(http => http.BaseAddress = …)</c>. That <see cref="HttpClient"/> needs no retries, and
    /// its time-out must be longer than the requested waits.
    /// </summary>
    /// <param name="http">The client does not dispose of it.</param>
    /// <param name="options">Null: the base address and headers of <paramref name="http"/>, and the default time limits.</param>
    /// <exception cref="ArgumentException">The address is missing, or not absolute http or https, or no header can carry the
    /// key.</exception>
    public GenApiClient(HttpClient http, GenApiClientOptions? options = null)
        : this(http, options ?? new(), isOwn: false)
    {
    }

    private GenApiClient(HttpClient http, GenApiClientOptions options, bool isOwn)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(options);
        (_own, _options) = (isOwn ? http : null, options);
        var connection = new ApiConnection(http, options);
        _retries = new(connection);
        _follower = new(connection, _retries);
    }

    /// <summary>Closes the connections, unless the <see cref="HttpClient"/> was passed in.</summary>
    public void Dispose() => _own?.Dispose();

    private static HttpClient NewHttpClient() => new(new SocketsHttpHandler
    {
        // A redirect would lose the key, and a POST its body.
        AllowAutoRedirect = false,
        // The client follows a service that moves to another address.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(15),
    })
    {
        // Each attempt has its own limit.
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
